"""What may trend, and what waits for a moderator to say so."""

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
"""After that, what only new accounts carry is asked about once more."""
EXAMPLES = 3


@dataclass(frozen=True)
class TrendStanding:
    """What moderators have decided that still holds."""

    allowed_tags: frozenset[int]
    hidden_tags: frozenset[int]
    allowed_posts: frozenset[int]
    hidden_posts: frozenset[int]


@dataclass(frozen=True)
class TrendItem:
    """A hashtag or a post of the queue, and for a hashtag some of the posts that carry it."""

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
    """What waits, carried by most people first; or what was decided, the latest first."""
    moderators_only(viewer)
    rows = _there(TrendReview.objects.all()).select_related("tag", "post__author", "decided_by")
    page = (
        paginate(rows.decided(), cursor=cursor, keys=("-decided_at", "-id"), size=size)
        if decided
        else paginate(rows.waiting(), cursor=cursor, keys=("-people", "id"), size=size)
    )
    return Page(_items(page.items, viewer), page.next_cursor)


def trend_item(trend_id: int, viewer: Member | None) -> TrendItem:
    """Raises NotFound."""
    moderators_only(viewer)
    found = _there(TrendReview.objects.all()).select_related("tag", "post__author", "decided_by")
    row = found.filter(pk=trend_id).first()
    if row is None:
        raise NotFound
    return _items([row], viewer)[0]


def trends_count(viewer: Member | None) -> int:
    """How much waits."""
    moderators_only(viewer)
    return _there(TrendReview.objects.waiting()).count()


def _there(rows: TrendReviewQuerySet) -> TrendReviewQuerySet:
    """Of posts only those that others read: what is hidden does not trend."""
    return rows.filter(Q(post=None) | Q(post__state=Post.State.PUBLISHED))


def _items(rows: list[TrendReview], viewer: Member | None) -> list[TrendItem]:
    examples: dict[int, list[Post]] = defaultdict(list)
    tags = [row.tag_id for row in rows if row.tag_id is not None]
    public = Post.objects.visible_to(None)
    for tag_id in tags:
        carried = PostTag.objects.filter(tag=tag_id, post__in=public).order_by("-post_id")
        ids = list(carried.values_list("post_id", flat=True)[:EXAMPLES])
        examples[tag_id] = list(public.filter(pk__in=ids).select_related("author").newest_first())
    return [TrendItem(row, [row.post] if row.post is not None else examples[row.tag_id or 0]) for row in rows]
