"""Likes and bookmarks. Each returns whether anything changed; twice is like once.

The counts of the `post` at hand follow along, so that a page can draw it without asking again.
"""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.refusals import Forbidden, NotFound
from posts.events import PostLiked, PostUnliked
from posts.models import Bookmark, Like, Post


def like_post(*, post: Post, by: Member) -> bool:
    with transaction.atomic():
        _may_react(post, by)
        if not insert_once(Like(post=post, member=by)):
            return False
        _count(post, "likes_count")
        emit(PostLiked(post_id=post.id, author_id=post.author_id, member_id=by.id))
    return True


def unlike_post(*, post: Post, by: Member) -> bool:
    with transaction.atomic():
        _hold(post, by)
        gone = Like.objects.filter(post=post, member=by).delete()[0]
        if not gone:
            return False
        Post.objects.filter(pk=post.pk).update(likes_count=F("likes_count") - 1)
        post.likes_count -= 1
        emit(PostUnliked(post_id=post.id, author_id=post.author_id, member_id=by.id))
    return True


def bookmark_post(*, post: Post, by: Member) -> bool:
    """Keep a post for oneself. Nobody is told."""
    with transaction.atomic():
        _may_react(post, by)
        if not insert_once(Bookmark(post=post, member=by)):
            return False
        _count(post, "bookmarks_count")
    return True


def unbookmark_post(*, post: Post, by: Member) -> bool:
    with transaction.atomic():
        _hold(post, by)
        gone = Bookmark.objects.filter(post=post, member=by).delete()[0]
        if not gone:
            return False
        Post.objects.filter(pk=post.pk).update(bookmarks_count=F("bookmarks_count") - 1)
        post.bookmarks_count -= 1
    return True


def _may_react(post: Post, by: Member) -> None:
    _hold_member(by)
    if not Post.objects.visible_to(by).filter(pk=post.pk).exists():
        raise NotFound


def _hold(post: Post, by: Member) -> None:
    """The member before the post, and the post before the like, as everywhere (PostQuerySet.locked)."""
    _hold_member(by)
    now = Post.objects.filter(pk=post.pk).locked().first()
    if now is None:
        raise NotFound
    post.likes_count, post.bookmarks_count = now.likes_count, now.bookmarks_count


def _hold_member(by: Member) -> None:
    """What a closed account likes is not counted (posts.counters): it neither closes nor opens meanwhile."""
    now = lock_members(by.pk).get(by.pk)
    if now is None or not now.is_active:
        raise Forbidden(_("This account is suspended."))


def _count(post: Post, counter: str) -> None:
    """Raises NotFound, which takes the like back, when the post is not (any more) published."""
    published = Post.objects.filter(pk=post.pk, state=Post.State.PUBLISHED)
    if not published.update(**{counter: F(counter) + 1}):
        raise NotFound(_("This post isn’t available any more."))
    setattr(post, counter, getattr(post, counter) + 1)
