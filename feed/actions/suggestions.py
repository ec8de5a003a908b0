"""Compute who to follow: on a schedule for active members, and at once for those who have few suggestions left."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Member
from core.pages import PAGE_SIZE
from feed.models import Suggestion, SuggestionRun
from feed.queries.suggestions import has_suggestions
from feed.suggestions.pools import candidate_pools
from feed.suggestions.scoring import score_suggestions
from social.actions import restore_suggestion

ENOUGH = PAGE_SIZE
"""A member with fewer suggestions than this gets new ones."""
REFRESH_AFTER = timedelta(hours=6)
REFILL_AFTER = timedelta(minutes=9)
"""How soon the scheduled job tries again for members who have fewer than `ENOUGH`: the community may be young."""
ACTIVE_WITHIN = timedelta(days=30)
CHUNK_SIZE = 100
MAX_PER_RUN = 1000
"""How many members one run computes: it takes seconds, even when everyone is due."""
REBUILD_PAUSE = 60
"""Seconds until the pools are rebuilt again for a member who found no one in them."""


def compute_suggestions(*, now: datetime | None = None) -> int:
    """Compute the suggestions of active members whose are old or few, last seen first. Return how many members."""
    now = now or timezone.now()
    due = list(_due(now)[:MAX_PER_RUN])
    for start in range(0, len(due), CHUNK_SIZE):
        _compute(due[start : start + CHUNK_SIZE], now, rebuild=start == 0)
    return len(due)


def compute_suggestions_for(*, member: Member) -> None:
    """Compute the suggestions of one member now."""
    _compute([member], timezone.now())
    # The pools may be older than the community.
    has_none = not Suggestion.objects.filter(member=member).exists()
    if has_none and cache.add("feed.suggestions.rebuilt", 1, REBUILD_PAUSE):
        _compute([member], timezone.now(), rebuild=True)


def refill_suggestions(*, member: Member) -> bool:
    """Compute the suggestions of a member who has fewer than `ENOUGH` left. Return whether that was so."""
    if has_suggestions(member, at_least=ENOUGH):
        return False
    compute_suggestions_for(member=member)
    return True


def suggest_again(*, member: Member, by: Member) -> None:
    """Undo that `by` dismissed `member`, and suggest them at once if there is a reason to."""
    if restore_suggestion(member=member, by=by):
        compute_suggestions_for(member=by)


def _due(now: datetime) -> "QuerySet[Member]":
    runs = SuggestionRun.objects.filter(member=OuterRef("pk"))
    has_enough = Exists(
        Suggestion.objects.filter(member=OuterRef("member")).order_by("pk")[ENOUGH - 1 : ENOUGH]
    )
    recent = runs.filter(
        Q(computed_at__gt=now - REFILL_AFTER) | Q(has_enough, computed_at__gt=now - REFRESH_AFTER)
    )
    seen = UserSession.objects.filter(last_seen_at__gt=now - ACTIVE_WITHIN).values("user")
    active = Member.objects.visible_to(None).filter(pk__in=seen, is_simulated=False)
    return (
        active.exclude(Exists(recent))
        .annotate(seen=Max("usersession__last_seen_at"))
        .order_by("-seen", "-id")
    )


def _compute(members: Sequence[Member], now: datetime, *, rebuild: bool = False) -> None:
    try:
        _compute_once(members, now, rebuild=rebuild)
    except IntegrityError:
        # One of these members was deleted between read and write. That won’t happen twice in a row.
        _compute_once(Member.objects.filter(pk__in=[member.pk for member in members]), now, rebuild=rebuild)


def _compute_once(members: Collection[Member], now: datetime, *, rebuild: bool) -> None:
    found = score_suggestions(members, candidate_pools(now, rebuild=rebuild), now=now)
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
    # Upserts, always in the same order: two runs at the same moment don’t deadlock.
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
