"""Follow hashtags: posts with them appear in the home feed. Only the member sees which they follow."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.db import insert_once
from core.refusals import Conflict
from core.text import fold_tag
from posts.models import TagFollow
from posts.queries import visible_tag

FOLLOWED_TAGS_MAX = 200


def follow_tag(*, name: str, by: Member) -> bool:
    """Follow the tag, in any spelling. Return False if `by` follows it already.

    Raises NotFound if `by` can see no post with this tag, Conflict if they follow as many as allowed.
    """
    with transaction.atomic():
        tag = visible_tag(name, viewer=by)
        # Locked, so that two requests can't both take the last free place.
        lock_members(by.pk)
        followed = TagFollow.objects.filter(member=by)
        if followed.filter(tag=tag).exists():
            return False
        if followed.count() >= FOLLOWED_TAGS_MAX:
            raise Conflict(_("You can follow up to %(most)s hashtags.") % {"most": FOLLOWED_TAGS_MAX})
        return insert_once(TagFollow(member=by, tag=tag))


def unfollow_tag(*, name: str, by: Member) -> bool:
    """Unfollow the tag. Return False if `by` didn't follow it. Works for a tag without posts too."""
    with transaction.atomic():
        deleted = TagFollow.objects.filter(member=by, tag__name=fold_tag(name)).delete()[0]
    return bool(deleted)
