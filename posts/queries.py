"""Reads of posts that are more than a filter."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from accounts.models import Block, Member
from core.pages import Page, paginate
from core.refusals import NotFound
from core.text import fold_tag
from posts.models import Bookmark, Like, Post, PostRevision, PostTag, Tag, TagFollow, visible
from posts.quiet import Quiet, by_muted, quiet_of
from social.models import Follow


@dataclass(frozen=True, slots=True)
class Marks:
    """Which of some posts the viewer has liked and bookmarked, which answer a post that is not for the viewer, and
    which are to be covered.
    """

    liked: frozenset[int] = field(default_factory=frozenset)
    bookmarked: frozenset[int] = field(default_factory=frozenset)
    veiled: frozenset[int] = field(default_factory=frozenset)
    """Of these nobody may be told what or whom they answer. (Answers to what was deleted are not among them.)"""
    warned: Mapping[int, str] = field(default_factory=dict)
    """What is to be covered, and the muted word (or "@name") for which it is: post id → word."""


def private_authors_read_by(viewer: Member | None) -> list[int]:
    """The ids of the private accounts whose posts `visible` lets the viewer read: those they follow, and their own."""
    if viewer is None:
        return []
    follows = Follow.objects.by(viewer).filter(followee__is_private=True)
    return [*follows.values_list("followee_id", flat=True), *([viewer.pk] if viewer.is_private else [])]


def visible_post(post_id: int, viewer: Member | None) -> Post:
    """The post with what its card shows. Raises NotFound when it is not there for `viewer`."""
    post = Post.objects.visible_to(viewer).dressed().filter(pk=post_id).first()
    if post is None:
        raise NotFound
    return post


def viewer_marks(posts: Iterable[Post], viewer: Member | None) -> Marks:
    """What these `dressed()` posts are to `viewer`, in one query; in none for a guest or an empty list."""
    posts = list(posts)
    ids = [post.id for post in posts]
    parents = {post.id: post.in_reply_to for post in posts if post.in_reply_to is not None}
    if viewer is None:
        return Marks(veiled=frozenset(i for i, parent in parents.items() if _veils(parent, None)))
    if not ids:
        return Marks()
    likes = Like.objects.filter(member=viewer, post_id__in=ids)
    bookmarks = Bookmark.objects.filter(member=viewer, post_id__in=ids)
    asked = [
        likes.values_list(Value("like", CharField()), "post_id"),
        bookmarks.values_list(Value("bookmark", CharField()), "post_id"),
    ]
    answered = {parent.author for parent in parents.values() if parent.author_id != viewer.pk}
    if answered:
        asked += [
            Block.objects.filter(blocker=viewer, blocked__in=answered).values_list(
                Value("parted", CharField()), "blocked_id"
            ),
            Block.objects.filter(blocked=viewer, blocker__in=answered).values_list(
                Value("parted", CharField()), "blocker_id"
            ),
        ]
    private = [author for author in answered if author.is_private]
    if private:
        follows = Follow.objects.by(viewer).filter(followee__in=private)
        asked.append(follows.values_list(Value("let in", CharField()), "followee_id"))
    found: dict[str, set[int]] = {"like": set(), "bookmark": set(), "parted": set(), "let in": set()}
    for kind, row_id in asked[0].union(*asked[1:], all=True):
        found[kind].add(row_id)
    return Marks(
        liked=frozenset(found["like"]),
        bookmarked=frozenset(found["bookmark"]),
        veiled=frozenset(
            i
            for i, parent in parents.items()
            if _veils(parent, viewer, parted=found["parted"], let_in=found["let in"])
        ),
        warned={post.id: post.veil for post in posts if post.veil},
    )


def _veils(
    parent: Post, viewer: Member | None, *, parted: Set[int] = frozenset(), let_in: Set[int] = frozenset()
) -> bool:
    """Whether a post is kept from `viewer`: what posts.models.visible says, of a post at hand."""
    author = parent.author
    if (viewer is not None and parent.author_id == viewer.pk) or parent.state == Post.State.DELETED:
        return False
    return (
        not parent.is_published
        or not author.is_active
        or (author.is_private and author.pk not in let_in)
        or author.pk in parted
    )


def visible_tag(name: str, *, viewer: Member | None) -> Tag:
    """The tag however it is written (#Ana, #ANA). Raises NotFound when nothing that `viewer` can see carries it:
    a tag of hidden posts only is like one that nobody has used.
    """
    shown = Post.objects.visible_to(viewer).filter(pk=OuterRef("post_id"), state=Post.State.PUBLISHED)
    used = PostTag.objects.filter(Exists(shown), tag=OuterRef("pk"))
    # In one step, so that the time it takes does not tell the one from the other, either.
    tag = Tag.objects.filter(Exists(used), name=fold_tag(name)).first()
    if tag is None:
        raise NotFound(_("Nobody has used this hashtag yet."))
    return tag


def tag_follows_of(member: Member) -> QuerySet[TagFollow]:
    """The tags that the member follows, to be paged by id (the last followed first)."""
    return TagFollow.objects.filter(member=member).select_related("tag").order_by("-id")


def follows_tag(member: Member | None, tag: Tag) -> bool:
    return member is not None and TagFollow.objects.filter(member=member, tag=tag).exists()


def roots_shown(posts: Iterable[Post], viewer: Member | None) -> Set[int]:
    """The first posts of the threads that these are deep in, as far as `viewer` may know of them; no query where
    all are first posts, or answers to one.
    """
    roots = {post.root_id for post in posts if post.root_id != post.in_reply_to_id}
    shown = visible(viewer) | Q(state=Post.State.DELETED)
    return set(Post.objects.filter(shown, pk__in=roots).values_list("id", flat=True)) if roots else set()


def counted(post: Post) -> dict[str, object]:
    """The fact that tells a page of a post's numbers."""
    return {
        "type": "post.counted",
        "id": str(post.id),
        "likes": post.likes_count,
        "replies": post.replies_count,
    }


def bookmarks_of(member: Member, *, cursor: str | None = None) -> Page[Post]:
    """What `member` kept, the last kept first, as far as it can still be seen."""
    # Over the bookmarks: their order is the list's, and an author's rule is asked of the post.
    kept = Bookmark.objects.filter(
        member=member, post__in=Post.objects.visible_to(member).filter(state=Post.State.PUBLISHED)
    )
    page = paginate(kept, cursor=cursor)
    posts = Post.objects.visible_to(member).dressed().in_bulk([mark.post_id for mark in page.items])
    return Page([posts[m.post_id] for m in page.items if m.post_id in posts], page.next_cursor)


def wordings_of(post: Post, *, viewer: Member | None) -> list[PostRevision]:
    """What the post said before, the last first; to others than its author only what review has seen."""
    wordings = post.revisions.order_by("-id")
    own = viewer is not None and viewer.pk == post.author_id
    return list(wordings if own else wordings.filter(unreviewed=False))


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


def replies_to(post: Post, viewer: Member | None, *, cursor: str | None = None) -> Page[Branch]:
    """The direct replies, oldest first, each with the first of its own; without what the viewer has muted."""
    return _replies_to(post, viewer, quiet_of(viewer), cursor=cursor)[0]


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
    return _with_mutes(posts, viewer).dressed().annotate(is_seen=seen)  # type: ignore[attr-defined, no-any-return]


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
        nested = _with_mutes(Post.objects.visible_to(viewer).dressed(), viewer)
        nested = nested.filter(in_reply_to__in=parents).annotate(nth=nth)
        # One more than is shown tells that there are more.
        for reply in nested.filter(nth__lte=limit + 1).order_by("id"):
            branch = by_id[reply.in_reply_to_id]
            if len(branch.replies) < limit and _is_shown(reply, quiet):
                branch.replies.append(reply)
            else:
                branch.more = True
