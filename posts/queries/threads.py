"""A post with the posts above it and the replies below."""

from dataclasses import dataclass, field

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import RowNumber

from accounts.models import Member
from core.pages import Page, paginate
from posts.models import Post, visible
from posts.muting import Quiet, by_muted, quiet_of
from posts.queries.marks import Marks, viewer_marks

ANCESTORS_SHOWN = 40
NESTED_SHOWN = 2
NESTED_UNDER_GONE = 50
"""A post that is gone has no page of its own to read the rest of its replies on."""


@dataclass(slots=True)
class Branch:
    """A post in a thread with the first replies to it. `gone` ("deleted", "unavailable") stands for a post that the
    viewer may not see but that others answered; nothing of it is known but that.
    """

    id: int
    post: Post | None
    gone: str = ""
    replies: list[Post] = field(default_factory=list)
    more: bool = False
    """There are more replies than those shown, or muted ones: they are on the post's own page."""


@dataclass(slots=True)
class Thread:
    """A post in its place: what it answers, oldest first, and what answers it."""

    post: Post
    ancestors: list[Branch]
    earlier: Post | None
    """Where to read on upwards, when there are more ancestors than shown."""
    replies: Page[Branch]
    marks: Marks
    left_out: int = 0
    """How many replies of this page are not shown because the viewer has muted them."""


def thread_of(
    post: Post, viewer: Member | None, *, cursor: str | None = None, muted_too: bool = False
) -> Thread:
    """What is muted above the post is covered, because something stands on it; below it is left out, and counted, or
    with `muted_too` shown.
    """
    quiet = quiet_of(viewer)
    ancestors = _ancestors_of(post, viewer) if post.in_reply_to_id and not cursor else []
    above = [branch.post for branch in ancestors if branch.post]
    quiet.cover(above, "threads")
    for ancestor in above:
        if ancestor.is_muted:  # type: ignore[attr-defined]
            ancestor.veil = f"@{ancestor.author.username}"
    replies, left_out = _replies_to(post, viewer, quiet, cursor=cursor, muted_too=muted_too)
    shown = [post]
    for branch in [*ancestors, *replies.items]:
        shown.extend([branch.post] if branch.post else [])
        shown.extend(branch.replies)
    first = ancestors[0].post if len(ancestors) == ANCESTORS_SHOWN else None
    return Thread(
        post=post,
        ancestors=ancestors,
        earlier=first if first and first.in_reply_to_id else None,
        replies=replies,
        marks=viewer_marks(shown, viewer),
        left_out=left_out,
    )


def _replies_to(
    post: Post, viewer: Member | None, quiet: Quiet, *, cursor: str | None, muted_too: bool = False
) -> tuple[Page[Branch], int]:
    """And how many were left out."""
    # A place is kept for what the viewer may not see only where they may see a reply to it.
    answered = Q(Exists(Post.objects.visible_to(viewer).filter(in_reply_to=OuterRef("pk"))))
    answers = Post.objects.filter(visible(viewer) | answered, in_reply_to=post)
    page = paginate(_with_visibility(answers, viewer), cursor=cursor, keys=("id",))
    branches = [_branch(answer) for answer in page.items]
    shown = [b for b in branches if b.post is None or muted_too or _is_shown(b.post, quiet)]
    _add_nested(shown, viewer, quiet)
    return Page(shown, page.next_cursor), len(branches) - len(shown)


def _is_shown(reply: Post, quiet: Quiet) -> bool:
    return not reply.is_muted and bool(quiet.sift([reply], "threads"))  # type: ignore[attr-defined]


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
        [post.id, ANCESTORS_SHOWN],
    )
    rows = _with_visibility(Post.objects.filter(id__in=above), viewer).order_by("id")
    return [_branch(row) for row in rows]


def _with_visibility(posts: QuerySet[Post], viewer: Member | None) -> QuerySet[Post]:
    seen = Case(When(visible(viewer), then=True), default=False, output_field=BooleanField())
    return _with_mutes(posts, viewer).with_card_fields().annotate(is_seen=seen)  # type: ignore[attr-defined, no-any-return]


def _with_mutes(posts: QuerySet[Post], viewer: Member | None) -> QuerySet[Post]:
    muted = Case(When(by_muted(viewer), then=True), default=False, output_field=BooleanField())
    return posts.annotate(is_muted=Value(False) if viewer is None else muted)


def _branch(row: Post) -> Branch:
    if row.is_seen:  # type: ignore[attr-defined]
        return Branch(row.id, row)
    return Branch(row.id, None, gone="deleted" if row.state == Post.State.DELETED else "unavailable")


def _add_nested(branches: list[Branch], viewer: Member | None, quiet: Quiet) -> None:
    by_id = {branch.id: branch for branch in branches}
    for limit, parents in (
        (NESTED_SHOWN, [b.id for b in branches if b.post]),
        (NESTED_UNDER_GONE, [b.id for b in branches if not b.post]),
    ):
        if not parents:
            continue
        nth = Window(RowNumber(), partition_by=F("in_reply_to_id"), order_by=F("id").asc())
        nested = _with_mutes(Post.objects.visible_to(viewer).with_card_fields(), viewer)
        nested = nested.filter(in_reply_to__in=parents).annotate(nth=nth)
        # One more than is shown tells that there are more.
        for reply in nested.filter(nth__lte=limit + 1).order_by("id"):
            branch = by_id[reply.in_reply_to_id]
            if len(branch.replies) < limit and _is_shown(reply, quiet):
                branch.replies.append(reply)
            else:
                branch.more = True
