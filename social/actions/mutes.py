from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.events import emit
from core.refusals import Invalid, NotFound
from social.events import MemberMuted, MemberUnmuted
from social.models import Mute, MutedWord

DURATION_MIN, DURATION_MAX = timedelta(minutes=1), timedelta(days=366)
EXPIRED_KEPT_FOR = timedelta(days=30)


def mute_member(
    *, member: Member, by: Member, for_: timedelta | None = None, with_notifications: bool = True
) -> Mute:
    """Mute `member` for some time, or until unmuted, or change an existing mute. They aren't notified.

    Raises Invalid for muting yourself or an invalid duration, NotFound if `by` can't see `member`.
    """
    if member.pk == by.pk:
        raise Invalid(_("You can’t mute yourself."), code="mute_self")
    until = ends_at(for_)
    with transaction.atomic():
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        # Locked, so that the mute isn't deleted between the read and the update.
        lock_members(by.pk)
        mute, _created = Mute.objects.update_or_create(
            muter=by, muted=member, defaults={"until": until, "with_notifications": with_notifications}
        )
        emit(MemberMuted(muter_id=by.pk, muted_id=member.pk))
    return mute


def unmute_member(*, member: Member, by: Member) -> bool:
    """Unmute `member`. Return False if they weren't muted. Works for hidden members too."""
    with transaction.atomic():
        lock_members(by.pk)
        deleted, _ = Mute.objects.filter(muter=by, muted=member).delete()
        if deleted:
            emit(MemberUnmuted(muter_id=by.pk, muted_id=member.pk))
    return bool(deleted)


def ends_at(for_: timedelta | None) -> datetime | None:
    """Return when a mute of this duration from now ends; None for never. Raises Invalid."""
    if for_ is None:
        return None
    if not DURATION_MIN <= for_ <= DURATION_MAX:
        sentence = _("Choose a time from one minute to one year, or no end.")
        raise Invalid(sentence, fields={"duration": [sentence]})
    return timezone.now() + for_


def delete_expired_mutes() -> int:
    """Delete mutes and muted words that expired more than a month ago. Return how many."""
    long_ago = timezone.now() - EXPIRED_KEPT_FOR
    with transaction.atomic():
        members, _ = Mute.objects.filter(until__lt=long_ago).delete()
        words, _ = MutedWord.objects.filter(until__lt=long_ago).delete()
    return members + words
