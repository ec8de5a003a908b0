"""Likes and bookmarks. Each action is idempotent and returns whether anything changed.

Each also updates the counts of the given `post`, so that a page can render it without another query.
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
        _check_can_react(post, by)
        if not insert_once(Like(post=post, member=by)):
            return False
        _increment(post, "likes_count")
        emit(PostLiked(post_id=post.id, author_id=post.author_id, member_id=by.id))
    return True


def unlike_post(*, post: Post, by: Member) -> bool:
    with transaction.atomic():
        _lock(post, by)
        deleted = Like.objects.filter(post=post, member=by).delete()[0]
        if not deleted:
            return False
        Post.objects.filter(pk=post.pk).update(likes_count=F("likes_count") - 1)
        post.likes_count -= 1
        emit(PostUnliked(post_id=post.id, author_id=post.author_id, member_id=by.id))
    return True


def bookmark_post(*, post: Post, by: Member) -> bool:
    """Bookmark a post. Nobody is notified."""
    with transaction.atomic():
        _check_can_react(post, by)
        if not insert_once(Bookmark(post=post, member=by)):
            return False
        _increment(post, "bookmarks_count")
    return True


def unbookmark_post(*, post: Post, by: Member) -> bool:
    with transaction.atomic():
        _lock(post, by)
        deleted = Bookmark.objects.filter(post=post, member=by).delete()[0]
        if not deleted:
            return False
        Post.objects.filter(pk=post.pk).update(bookmarks_count=F("bookmarks_count") - 1)
        post.bookmarks_count -= 1
    return True


def _check_can_react(post: Post, by: Member) -> None:
    _lock_member(by)
    if not Post.objects.visible_to(by).filter(pk=post.pk).exists():
        raise NotFound


def _lock(post: Post, by: Member) -> None:
    """Lock the member and then the post, in the order used everywhere (PostQuerySet.locked)."""
    _lock_member(by)
    now = Post.objects.filter(pk=post.pk).locked().first()
    if now is None:
        raise NotFound
    post.likes_count, post.bookmarks_count = now.likes_count, now.bookmarks_count


def _lock_member(by: Member) -> None:
    """Lock the member, so that the account can't close or open meanwhile: closed accounts aren't counted."""
    now = lock_members(by.pk).get(by.pk)
    if now is None or not now.is_active:
        raise Forbidden(_("This account is suspended."))


def _increment(post: Post, counter: str) -> None:
    """Add one to the counter. Raises NotFound, which rolls the row back, if the post isn't published any more."""
    published = Post.objects.filter(pk=post.pk, state=Post.State.PUBLISHED)
    if not published.update(**{counter: F(counter) + 1}):
        raise NotFound(_("This post isn’t available any more."))
    setattr(post, counter, getattr(post, counter) + 1)
