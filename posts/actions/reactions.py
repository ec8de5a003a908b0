"""Likes and bookmarks. Each returns whether anything changed; twice is like once.

The counts of the `post` at hand follow along, so that a page can draw it without asking again.
"""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.refusals import Forbidden, NotFound
from posts.actions.states import lock
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
        # The post before the like: delete_post locks in this order too.
        lock(post, "likes_count")
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
        lock(post, "bookmarks_count")
        gone = Bookmark.objects.filter(post=post, member=by).delete()[0]
        if not gone:
            return False
        Post.objects.filter(pk=post.pk).update(bookmarks_count=F("bookmarks_count") - 1)
        post.bookmarks_count -= 1
    return True


def _may_react(post: Post, by: Member) -> None:
    if not by.is_active:
        raise Forbidden(_("This account is switched off."))
    if not Post.objects.visible_to(by).filter(pk=post.pk).exists():
        raise NotFound


def _count(post: Post, counter: str) -> None:
    """Raises NotFound, which takes the like back, when the post is not (any more) published."""
    published = Post.objects.filter(pk=post.pk, state=Post.State.PUBLISHED)
    if not published.update(**{counter: F(counter) + 1}):
        raise NotFound(_("This post is not there any more."))
    setattr(post, counter, getattr(post, counter) + 1)
