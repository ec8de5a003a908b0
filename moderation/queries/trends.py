"""What may trend, and what waits for a moderator's decision."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import Member
from core.pages import Page, paginate
from core.refusals import NotFound
from moderation.models import TrendReview, TrendReviewQuerySet
from moderation.queries.access import moderators_only
from posts.models import Post, PostTag

ALLOWED_FOR = timedelta(days=7)
"""After that, something shared almost only by new accounts needs review again."""
EXAMPLES = 3


@dataclass(frozen=True)
class TrendStanding:
    """Decisions of moderators about trends that are still valid."""

    allowed_tags: frozenset[int]
    hidden_tags: frozenset[int]
    allowed_posts: frozenset[int]
    hidden_posts: frozenset[int]


@dataclass(frozen=True)
class TrendItem:
    """A hashtag or a post in the queue; a hashtag with some of its posts."""

    review: TrendReview
    examples: list[Post] = field(default_factory=list)

    @property
    def acts(self) -> list[str]:
        State = TrendReview.State
        return {
            State.WAITING: ["allow", "hide"],
            State.ALLOWED: ["hide"],
            State.HIDDEN: ["allow"],
        }[State(self.review.state)]


def trend_standing() -> TrendStanding:
    since = timezone.now() - ALLOWED_FOR
    State = TrendReview.State
    rows = TrendReview.objects.filter(
        Q(state=State.HIDDEN) | Q(state=State.ALLOWED, decided_at__gte=since)
    ).values_list("state", "tag_id", "post_id")
    tags: dict[str, set[int]] = {State.HIDDEN: set(), State.ALLOWED: set()}
    posts: dict[str, set[int]] = {State.HIDDEN: set(), State.ALLOWED: set()}
    for state, tag_id, post_id in rows:
        if tag_id:
            tags[state].add(tag_id)
        if post_id:
            posts[state].add(post_id)
    return TrendStanding(
        frozenset(tags[State.ALLOWED]),
        frozenset(tags[State.HIDDEN]),
        frozenset(posts[State.ALLOWED]),
        frozenset(posts[State.HIDDEN]),
    )


def trends_page(
    viewer: Member | None, *, decided: bool = False, cursor: str | None = None, size: int = 20
) -> Page[TrendItem]:
    """Return what waits, shared by most people first; or what was decided, newest first."""
    moderators_only(viewer)
    rows = _visible(TrendReview.objects.all()).select_related("tag", "post__author", "decided_by")
    page = (
        paginate(rows.decided(), cursor=cursor, keys=("-decided_at", "-id"), size=size)
        if decided
        else paginate(rows.waiting(), cursor=cursor, keys=("-people", "id"), size=size)
    )
    return Page(_items(page.items, viewer), page.next_cursor)


def trend_item(trend_id: int, viewer: Member | None) -> TrendItem:
    """Return one hashtag or post in the queue. Raise NotFound."""
    moderators_only(viewer)
    found = _visible(TrendReview.objects.all()).select_related("tag", "post__author", "decided_by")
    row = found.filter(pk=trend_id).first()
    if row is None:
        raise NotFound
    return _items([row], viewer)[0]


def trends_count(viewer: Member | None) -> int:
    """Count what waits."""
    moderators_only(viewer)
    return _visible(TrendReview.objects.waiting()).count()


def _visible(rows: TrendReviewQuerySet) -> TrendReviewQuerySet:
    """Leave out posts that are hidden from others: they don't trend."""
    return rows.filter(Q(post=None) | Q(post__state=Post.State.PUBLISHED))


def _items(rows: list[TrendReview], viewer: Member | None) -> list[TrendItem]:
    examples: dict[int, list[Post]] = defaultdict(list)
    tags = [row.tag_id for row in rows if row.tag_id is not None]
    public = Post.objects.visible_to(None).listed()
    for tag_id in tags:
        carried = PostTag.objects.filter(tag=tag_id, post__in=public).order_by("-post_id")
        ids = list(carried.values_list("post_id", flat=True)[:EXAMPLES])
        examples[tag_id] = list(public.filter(pk__in=ids).select_related("author").newest_first())
    return [TrendItem(row, [row.post] if row.post is not None else examples[row.tag_id or 0]) for row in rows]
