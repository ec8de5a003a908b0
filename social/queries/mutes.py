from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import NotFound
from social.models import Mute, MutedWord


def muted_ids(viewer: Member | None, *, notifications: bool = False) -> "QuerySet[Mute, int]":
    """The ids of those whom the viewer has muted and not too long ago; lazy, to be a subquery that depends on no row.

    `notifications`: only those whose notifications and messages stay away, too.
    """
    mutes = Mute.objects.active().filter(muter=viewer)
    if notifications:
        mutes = mutes.filter(with_notifications=True)
    return (mutes.none() if viewer is None else mutes).order_by().values_list("muted_id", flat=True)


def mutes_by(member: Member) -> "QuerySet[Mute]":
    """The running mutes with their `muted`, as far as the member can see them; to be paged by id (newest first)."""
    visible = Member.objects.visible_to(member).filter(pk=OuterRef("muted_id"))
    mutes = Mute.objects.active().filter(Exists(visible), muter=member)
    return mutes.select_related("muted").order_by("-id")


def mute_of(viewer: Member | None, member: Member) -> Mute | None:
    """The running mute of `member` by the viewer."""
    if viewer is None or viewer.pk == member.pk:
        return None
    return Mute.objects.active().filter(muter=viewer, muted=member).first()


def active_muted_words(member: Member) -> "QuerySet[MutedWord]":
    """What is muted now; to be paged by id (newest first)."""
    return MutedWord.objects.active().filter(member=member).order_by("-id")


def muted_word(word_id: int, *, viewer: Member) -> MutedWord:
    """The viewer's own. Raises NotFound."""
    found = active_muted_words(viewer).filter(pk=word_id).first()
    if found is None:
        raise NotFound(_("That word isn’t muted any more."))
    return found
