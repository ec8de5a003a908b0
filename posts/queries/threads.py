"""A post with the posts above it and the replies below."""

from dataclasses import dataclass, field

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import RowNumber

from accounts.models import Member
from core.pages import Page, paginate
from posts.models import Post, visible
from posts.muting import MuteFilter, by_muted_author, mute_filter_for
from posts.queries.marks import Marks, viewer_marks

ANCESTORS_MAX = 40
NESTED_MAX = 2
NESTED_UNDER_TOMBSTONE_MAX = 50
"""A tombstone has no page of its own to read more of its replies on."""


@dataclass(slots=True)
class Branch:
    """A post in a thread with the first replies to it.

    Without a post it is a tombstone: the post was deleted or is hidden from the viewer, but has visible replies.
    """

    id: int
    post: Post | None
    gone: str = ""
    """Why there is no post: "deleted" or "unavailable"."""
    replies: list[Post] = field(default_factory=list)
    more: bool = False
    """There are more replies than those shown, or muted ones: they are on the post's own page."""


@dataclass(slots=True)
class Thread:
    """A post with its ancestors, oldest first, and the replies to it."""

    post: Post
    ancestors: list[Branch]
    earlier: Post | None
    """The oldest ancestor shown, when there are more above it."""
    replies: Page[Branch]
    marks: Marks
    muted_count: int = 0
    """How many replies of this page aren't shown because the viewer has muted them."""


def thread_of(
    post: Post, viewer: Member | None, *, cursor: str | None = None, include_muted: bool = False
) -> Thread:
    """Return the post in its thread.

    Muted ancestors are shown behind a warning, because the post depends on them. Muted replies are left out and
    counted, unless `include_muted`.
    """
    mute_filter = mute_filter_for(viewer)
    ancestors = _ancestors_of(post, viewer) if post.in_reply_to_id and not cursor else []
    above = [branch.post for branch in ancestors if branch.post]
    mute_filter.mark(above, "threads")
    for ancestor in above:
        if ancestor.is_muted:  # type: ignore[attr-defined]
            ancestor.filtered_word = f"@{ancestor.author.username}"
    replies, muted_count = _replies_to(post, viewer, mute_filter, cursor=cursor, include_muted=include_muted)
    shown = [post]
    for branch in [*ancestors, *replies.items]:
        shown.extend([branch.post] if branch.post else [])
        shown.extend(branch.replies)
    first = ancestors[0].post if len(ancestors) == ANCESTORS_MAX else None
    return Thread(
        post=post,
        ancestors=ancestors,
        earlier=first if first and first.in_reply_to_id else None,
        replies=replies,
        marks=viewer_marks(shown, viewer),
        muted_count=muted_count,
    )


def _replies_to(
    post: Post, viewer: Member | None, mute_filter: MuteFilter, *, cursor: str | None, include_muted: bool
) -> tuple[Page[Branch], int]:
    """Return a page of direct replies, and how many muted ones were left out of it."""
    # A hidden reply gets a tombstone only where the viewer may see a reply to it.
    has_visible_reply = Q(Exists(Post.objects.visible_to(viewer).filter(in_reply_to=OuterRef("pk"))))
    replies = Post.objects.filter(visible(viewer) | has_visible_reply, in_reply_to=post)
    page = paginate(_with_visibility(replies, viewer), cursor=cursor, keys=("id",))
    branches = [_branch(reply) for reply in page.items]
    shown = [b for b in branches if b.post is None or include_muted or _is_shown(b.post, mute_filter)]
    _add_nested(shown, viewer, mute_filter)
    return Page(shown, page.next_cursor), len(branches) - len(shown)


def _is_shown(reply: Post, mute_filter: MuteFilter) -> bool:
    return not reply.is_muted and bool(mute_filter.apply([reply], "threads"))  # type: ignore[attr-defined]


def _ancestors_of(post: Post, viewer: Member | None) -> list[Branch]:
    above = RawSQL(
        """
        WITH RECURSIVE up(id, parent, depth) AS (
            SELECT id, in_reply_to_id, 0 FROM posts_post WHERE id = %s
            UNION ALL
            SELECT p.id, p.in_reply_to_id, up.depth + 1
            FROM posts_post p JOIN up ON p.id = up.parent WHERE up.depth < %s
        ) SELECT id FROM up WHERE depth > 0
        """,
        [post.id, ANCESTORS_MAX],
    )
    rows = _with_visibility(Post.objects.filter(id__in=above), viewer).order_by("id")
    return [_branch(row) for row in rows]


def _with_visibility(posts: QuerySet[Post], viewer: Member | None) -> QuerySet[Post]:
    is_visible = Case(When(visible(viewer), then=True), default=False, output_field=BooleanField())
    return _with_mutes(posts, viewer).with_card_fields().annotate(is_visible=is_visible)  # type: ignore[attr-defined, no-any-return]


def _with_mutes(posts: QuerySet[Post], viewer: Member | None) -> QuerySet[Post]:
    muted = Case(When(by_muted_author(viewer), then=True), default=False, output_field=BooleanField())
    return posts.annotate(is_muted=Value(False) if viewer is None else muted)


def _branch(row: Post) -> Branch:
    if row.is_visible:  # type: ignore[attr-defined]
        return Branch(row.id, row)
    return Branch(row.id, None, gone="deleted" if row.state == Post.State.DELETED else "unavailable")


def _add_nested(branches: list[Branch], viewer: Member | None, mute_filter: MuteFilter) -> None:
    by_id = {branch.id: branch for branch in branches}
    for limit, parents in (
        (NESTED_MAX, [b.id for b in branches if b.post]),
        (NESTED_UNDER_TOMBSTONE_MAX, [b.id for b in branches if not b.post]),
    ):
        if not parents:
            continue
        nth = Window(RowNumber(), partition_by=F("in_reply_to_id"), order_by=F("id").asc())
        nested = _with_mutes(Post.objects.visible_to(viewer).with_card_fields(), viewer)
        nested = nested.filter(in_reply_to__in=parents).annotate(nth=nth)
        # One more than is shown, to know whether there are more.
        for reply in nested.filter(nth__lte=limit + 1).order_by("id"):
            branch = by_id[reply.in_reply_to_id]
            if len(branch.replies) < limit and _is_shown(reply, mute_filter):
                branch.replies.append(reply)
            else:
                branch.more = True
