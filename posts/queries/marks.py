"""What posts are to the viewer who reads them: liked, bookmarked, muted, replies to something hidden."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from django.db.models import CharField, Q, Value

from accounts.models import Block, Member
from posts.models import Bookmark, Like, Post, visible
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


def roots_shown(posts: Iterable[Post], viewer: Member | None) -> Set[int]:
    """The first posts of the threads that these are deep in, as far as `viewer` may know of them; no query where
    all are first posts, or answers to one.
    """
    roots = {post.root_id for post in posts if post.root_id != post.in_reply_to_id}
    shown = visible(viewer) | Q(state=Post.State.DELETED)
    return set(Post.objects.filter(shown, pk__in=roots).values_list("id", flat=True)) if roots else set()
