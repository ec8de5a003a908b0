from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import NotFound
from social.models import Mute, MutedWord


def muted_ids(viewer: Member | None, *, notifications: bool = False) -> "QuerySet[Mute, int]":
    """Return the ids of the members whom the viewer has muted; lazy, for a subquery that depends on no row.

    `notifications`: only those whose notifications and messages are muted too.
    """
    mutes = Mute.objects.active().filter(muter=viewer)
    if notifications:
        mutes = mutes.filter(with_notifications=True)
    return (mutes.none() if viewer is None else mutes).order_by().values_list("muted_id", flat=True)


def mutes_by(member: Member) -> "QuerySet[Mute]":
    """Return the active mutes of visible members, to be paged by id (newest first)."""
    visible = Member.objects.visible_to(member).filter(pk=OuterRef("muted_id"))
    mutes = Mute.objects.active().filter(Exists(visible), muter=member)
    return mutes.select_related("muted").order_by("-id")


def mute_of(viewer: Member | None, member: Member) -> Mute | None:
    """Return the viewer's active mute of `member`, if any."""
    if viewer is None or viewer.pk == member.pk:
        return None
    return Mute.objects.active().filter(muter=viewer, muted=member).first()


def active_muted_words(member: Member) -> "QuerySet[MutedWord]":
    """Return the muted words that haven't expired, to be paged by id (newest first)."""
    return MutedWord.objects.active().filter(member=member).order_by("-id")


def muted_word(word_id: int, *, viewer: Member) -> MutedWord:
    """Return the viewer's own muted word. Raises NotFound."""
    found = active_muted_words(viewer).filter(pk=word_id).first()
    if found is None:
        raise NotFound(_("That word isn’t muted any more."))
    return found
