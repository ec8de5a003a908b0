"""Reads of posts that are more than a filter."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import CharField, Value

from accounts.models import Member
from core.refusals import NotFound
from posts.models import Bookmark, Like, Post


@dataclass(frozen=True, slots=True)
class Marks:
    """Which of some posts the viewer has liked and bookmarked."""

    liked: frozenset[int] = field(default_factory=frozenset)
    bookmarked: frozenset[int] = field(default_factory=frozenset)


def visible_post(post_id: int, viewer: Member | None) -> Post:
    """The post with what its card shows. Raises NotFound when it is not there for `viewer`."""
    post = Post.objects.visible_to(viewer).dressed().filter(pk=post_id).first()
    if post is None:
        raise NotFound
    return post


def viewer_marks(posts: Iterable[Post], viewer: Member | None) -> Marks:
    """What `viewer` did with these posts, in one query; in none for a guest or an empty list."""
    ids = [post.id for post in posts]
    if viewer is None or not ids:
        return Marks()
    likes = Like.objects.filter(member=viewer, post_id__in=ids)
    bookmarks = Bookmark.objects.filter(member=viewer, post_id__in=ids)
    liked, bookmarked = set(), set()
    for kind, post_id in likes.values_list(Value("like", CharField()), "post_id").union(
        bookmarks.values_list(Value("bookmark", CharField()), "post_id"), all=True
    ):
        (liked if kind == "like" else bookmarked).add(post_id)
    return Marks(frozenset(liked), frozenset(bookmarked))
