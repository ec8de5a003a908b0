"""Repost posts and undo it. Both are idempotent, return whether anything changed, and update the count of `post`."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.refusals import Forbidden, NotFound
from posts.events import PostReposted, RepostUndone
from posts.models import Post, Repost


def repost_post(*, post: Post, by: Member) -> bool:
    """Share the post with the followers of `by`. Return False if they did so before.

    Raises NotFound if `by` can't see it, Forbidden unless anyone could (Post.can_be_shared), also for its author.
    """
    with transaction.atomic():
        is_counted = _lock_member(by).is_public
        now = Post.objects.visible_to(by).select_related("author").filter(pk=post.pk).first()
        if now is None:
            raise NotFound
        check_can_share(now)
        if not insert_once(Repost(post=post, member=by)):
            return False
        step = 1 if is_counted else 0
        published = Post.objects.filter(pk=post.pk, state=Post.State.PUBLISHED)
        if not published.update(reposts_count=F("reposts_count") + step):
            raise NotFound(_("This post isn’t available any more."))
        post.reposts_count += step
        emit(PostReposted(post_id=post.id, author_id=post.author_id, member_id=by.id))
    return True


def check_can_share(post: Post) -> None:
    """Raise NotFound for a post that isn't published, Forbidden for one that not everyone can see."""
    if not post.is_published:
        raise NotFound(_("This post isn’t available any more."))
    if not post.can_be_shared:
        raise Forbidden(_("Only posts that everyone can see can be reposted."))


def undo_repost(*, post: Post, by: Member) -> bool:
    """Take the repost back. Return False if there was none."""
    with transaction.atomic():
        is_counted = _lock_member(by).is_public
        now = Post.objects.filter(pk=post.pk).locked().first()
        if now is None:
            raise NotFound
        deleted = Repost.objects.filter(post=post, member=by).delete()[0]
        step = deleted if is_counted else 0
        if step:
            Post.objects.filter(pk=post.pk).update(reposts_count=F("reposts_count") - step)
        post.reposts_count = now.reposts_count - step
        if deleted:
            emit(RepostUndone(post_id=post.id, author_id=post.author_id, member_id=by.id))
    return bool(deleted)


def _lock_member(by: Member) -> Member:
    """Lock the member before the post: whether the account is open and public decides what counts (posts.counters)."""
    now = lock_members(by.pk).get(by.pk)
    if now is None or not now.is_active:
        raise Forbidden(_("This account is suspended."))
    return now
