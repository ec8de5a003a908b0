"""Who to follow: made by the clock for those who are here, and at once for whoever has none."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Member
from core.pages import Page
from feed.models import Suggestion, SuggestionRun
from feed.queries.suggestions import Suggested, suggestions_for
from feed.suggesting.pools import pools
from feed.suggesting.weigh import weigh
from social.actions import restore_suggestion

FRESH = timedelta(hours=6)
ACTIVE = timedelta(days=30)
CHUNK = 100
BATCH = 1000
"""How many members are served by one run: it takes seconds, also when everybody is due."""
PAUSE = 60
"""Seconds until suggestions that have run out are looked for again by a reader."""


def compute_suggestions(*, now: datetime | None = None) -> int:
    """Make the suggestions of those who were here lately and have had none for some hours, the last seen first.

    Returns for how many.
    """
    now = now or timezone.now()
    due = list(_due(now)[:BATCH])
    for start in range(0, len(due), CHUNK):
        _make(due[start : start + CHUNK], now, anew=start == 0)
    return len(due)


def make_suggestions(*, to: Member) -> None:
    """At once, for one member."""
    _make([to], timezone.now())
    if not Suggestion.objects.filter(member=to).exists():
        # The pools may be older than the community.
        _make([to], timezone.now(), anew=True)


def suggest_again(*, member: Member, by: Member) -> None:
    """`member`, whom `by` dismissed, may be suggested to them again, and at once if there is a reason."""
    if restore_suggestion(member=member, by=by):
        make_suggestions(to=by)


def suggest_people(*, to: Member, cursor: str | None = None, size: int = 20) -> Page[Suggested]:
    """A page of people whom `to` may want to follow. Raises Invalid on a cursor that is none.

    Whoever has too few to fill it gets new ones first: newcomers, and who has followed or dismissed all of them.
    """
    page = suggestions_for(to, cursor=cursor, size=size)
    if not cursor and len(page) < size and cache.add(f"feed.suggestions.{to.pk}", 1, PAUSE):
        make_suggestions(to=to)
        page = suggestions_for(to, size=size)
    return page


def _due(now: datetime) -> "QuerySet[Member]":
    done = SuggestionRun.objects.filter(member=OuterRef("pk"), computed_at__gt=now - FRESH)
    seen = UserSession.objects.filter(last_seen_at__gt=now - ACTIVE).values("user")
    here = Member.objects.visible_to(None).filter(pk__in=seen, is_simulated=False)
    return here.exclude(Exists(done)).annotate(seen=Max("usersession__last_seen_at")).order_by("-seen", "-id")


def _make(members: Sequence[Member], now: datetime, *, anew: bool = False) -> None:
    try:
        _make_once(members, now, anew=anew)
    except IntegrityError:
        # One of all these was erased between being read and being written. So soon it is nobody's turn again.
        _make_once(Member.objects.filter(pk__in=[member.pk for member in members]), now, anew=anew)


def _make_once(members: Collection[Member], now: datetime, *, anew: bool) -> None:
    found = weigh(members, pools(now, anew=anew), now=now)
    rows = [
        Suggestion(
            member_id=member_id,
            suggested_id=w.suggested_id,
            reason=w.reason,
            detail=w.detail,
            score=w.score,
            computed_at=now,
        )
        for member_id, weighed in sorted(found.items())
        for w in sorted(weighed, key=lambda w: w.suggested_id)
    ]
    _replace(rows, [member.pk for member in members], now)


@transaction.atomic
def _replace(rows: Sequence[Suggestion], member_ids: Collection[int], now: datetime) -> None:
    # Over the old rows, always in the same order: two that compute at the same moment do not hinder each other.
    SuggestionRun.objects.bulk_create(
        [SuggestionRun(member_id=member_id, computed_at=now) for member_id in sorted(member_ids)],
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=["computed_at"],
    )
    Suggestion.objects.bulk_create(
        rows,
        1000,
        update_conflicts=True,
        unique_fields=["member", "suggested"],
        update_fields=["reason", "detail", "score", "computed_at"],
    )
    Suggestion.objects.filter(member__in=member_ids, computed_at__lt=now).delete()
