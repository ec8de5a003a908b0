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

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)
KEEP_EXPIRED = timedelta(days=30)


def mute_member(
    *, member: Member, by: Member, for_: timedelta | None = None, with_notifications: bool = True
) -> Mute:
    """`by` does not meet `member` in lists any more, for a while or until `unmute_member`. Nobody learns of it.

    Again, it changes for how long and whether notifications stay away. Raises Invalid for oneself or a time that is
    none, NotFound for a member whom `by` cannot see.
    """
    if member.pk == by.pk:
        raise Invalid(_("You can’t mute yourself."), code="mute_self")
    until = ends_at(for_)
    with transaction.atomic():
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        # One after the other: what is found muted is not unmuted before it is changed.
        lock_members(by.pk)
        mute, _made = Mute.objects.update_or_create(
            muter=by, muted=member, defaults={"until": until, "with_notifications": with_notifications}
        )
        emit(MemberMuted(muter_id=by.pk, muted_id=member.pk))
    return mute


def unmute_member(*, member: Member, by: Member) -> bool:
    """False when `member` was not muted. Works on whoever is hidden by now, too."""
    with transaction.atomic():
        lock_members(by.pk)
        deleted, _ = Mute.objects.filter(muter=by, muted=member).delete()
        if deleted:
            emit(MemberUnmuted(muter_id=by.pk, muted_id=member.pk))
    return bool(deleted)


def ends_at(for_: timedelta | None) -> datetime | None:
    """When that time from now is over; None for never. Raises Invalid for a time that is none."""
    if for_ is None:
        return None
    if not SHORTEST <= for_ <= LONGEST:
        sentence = _("Choose a time from one minute to one year, or no end.")
        raise Invalid(sentence, fields={"duration": [sentence]})
    return timezone.now() + for_


def forget_expired_mutes() -> int:
    """Retention: what ran out a month ago goes."""
    long_ago = timezone.now() - KEEP_EXPIRED
    with transaction.atomic():
        members, _ = Mute.objects.filter(until__lt=long_ago).delete()
        words, _ = MutedWord.objects.filter(until__lt=long_ago).delete()
    return members + words
