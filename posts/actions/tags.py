"""Following a hashtag: what carries it is in one's home. Nobody is told, nobody else sees it."""

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
    """`by` follows the tag, however it is written; False when they did already.

    Raises NotFound when there is nothing with this tag that `by` can see, Conflict when they follow as many as one may.
    """
    with transaction.atomic():
        tag = visible_tag(name, viewer=by)
        # One after the other, so that the last free place is taken once.
        lock_members(by.pk)
        followed = TagFollow.objects.filter(member=by)
        if followed.filter(tag=tag).exists():
            return False
        if followed.count() >= FOLLOWED_TAGS_MAX:
            raise Conflict(_("You can follow up to %(most)s hashtags.") % {"most": FOLLOWED_TAGS_MAX})
        return insert_once(TagFollow(member=by, tag=tag))


def unfollow_tag(*, name: str, by: Member) -> bool:
    """`by` follows the tag no more; False when they did not. Works on a tag whose posts are all gone, too."""
    with transaction.atomic():
        deleted = TagFollow.objects.filter(member=by, tag__name=fold_tag(name)).delete()[0]
    return bool(deleted)
