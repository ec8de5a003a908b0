"""Pin your own posts to your profile."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Conflict, NotFound
from posts.actions.states import check_own, lock
from posts.models import Post

PINS_MAX = 5


def pin_post(*, post: Post, by: Member) -> bool:
    """Pin a published post to the top of its author's profile. Return False if it is pinned already."""
    with transaction.atomic():
        _lock_own(post, by)
        if not post.is_published:
            raise Conflict(_("You can pin a post once others can see it."))
        if post.visibility == Post.Visibility.MENTIONED:
            raise Conflict(_("You can’t pin a post that only the people you mention can see."))
        if post.pinned_at is not None:
            return False
        # The author's row is locked, so that of many at once none is one too many.
        if Post.objects.by_author(by).pinned().count() >= PINS_MAX:
            raise Conflict(_("You can pin %(most)s posts. Unpin one first.") % {"most": PINS_MAX})
        post.pinned_at = timezone.now()
        post.save(update_fields=["pinned_at"])
    return True


def unpin_post(*, post: Post, by: Member) -> bool:
    with transaction.atomic():
        _lock_own(post, by)
        if post.pinned_at is None:
            return False
        post.pinned_at = None
        post.save(update_fields=["pinned_at"])
    return True


def _lock_own(post: Post, by: Member) -> None:
    check_own(post, by, _("You can only pin your own posts."))
    lock(post, "pinned_at")
    if post.state == Post.State.DELETED:
        raise NotFound
