"""Log what members saw and did, for the ranker to learn from."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Invalid
from feed.models import Interaction
from posts.actions import add_views, record_views
from posts.models import Post

MAX_EVENTS = 100
CLOCK_SKEW = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class TrackedEvent:
    """What happened to a post on a page. The page chooses `event_id`, which makes it count once."""

    event_id: str
    post_id: int
    kind: str
    source: str = ""
    position: int | None = None
    dwell_ms: int | None = None
    at: datetime | None = None


def track(*, by: Member, events: Sequence[TrackedEvent]) -> int:
    """Log these events. Skip those that are logged already, and those of posts that `by` can’t see.

    Return how many were accepted. Raise Invalid for too many at once.
    """
    if len(events) > MAX_EVENTS:
        raise Invalid(_("At most %(most)s at once.") % {"most": MAX_EVENTS})
    now = timezone.now()
    visible = dict(
        Post.objects.visible_to(by)
        .filter(pk__in={event.post_id for event in events})
        .values_list("id", "author_id")
    )
    rows = [
        Interaction(
            member=by,
            post_id=event.post_id,
            kind=event.kind,
            event_id=event.event_id,
            source=event.source,
            position=event.position,
            dwell_ms=event.dwell_ms,
            # A page’s clock may be wrong: no event is in the future, or more than a day old.
            at=min(max(event.at, now - CLOCK_SKEW), now) if event.at else now,
        )
        for event in events
        if event.post_id in visible
    ]
    with transaction.atomic():
        Interaction.objects.bulk_create(rows, ignore_conflicts=True)
    viewed = {row.post_id for row in rows if row.kind == Interaction.Kind.VIEW}
    record_views(posts=[(post_id, visible[post_id]) for post_id in viewed], by=by)
    return len(rows)


def import_views(views: Iterable[tuple[int, int, datetime]]) -> None:
    """Import many views at once, as (member, post, when): the past of a community. Nobody sees a post twice."""
    numbers: Counter[int] = Counter()

    def rows() -> Iterator[Interaction]:
        for member_id, post_id, at in views:
            numbers[post_id] += 1
            yield Interaction(
                member_id=member_id,
                post_id=post_id,
                kind=Interaction.Kind.VIEW,
                event_id=f"import-{post_id}",
                source="import",
                at=at,
            )

    with transaction.atomic():
        Interaction.objects.bulk_create(rows(), 2000, ignore_conflicts=True)
    add_views(views=numbers)
