"""Writes of pictures: the file first, then the row that names it, then the old file goes."""

import logging
import secrets
from typing import IO, Literal

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import ImageField
from django.utils.translation import gettext as _

from accounts.events import ProfileEdited
from accounts.models import Member
from core.events import emit
from core.refusals import Forbidden
from media.images import AVATAR, COVER, EXTENSION, Shape, reencode

log = logging.getLogger("kith.media")
Place = Literal["avatar", "cover"]
_AVATAR: Place = "avatar"
_COVER: Place = "cover"


def change_avatar(*, member: Member, file: IO[bytes], by: Member) -> None:
    """Raises Invalid with a sentence when the file will not do."""
    _change(member, "avatar", file, AVATAR, by)


def change_cover(*, member: Member, file: IO[bytes], by: Member) -> None:
    """Raises Invalid with a sentence when the file will not do."""
    _change(member, "cover", file, COVER, by)


def remove_avatar(*, member: Member, by: Member) -> bool:
    """False when there was none."""
    return _remove(member, "avatar", by)


def remove_cover(*, member: Member, by: Member) -> bool:
    """False when there was none."""
    return _remove(member, "cover", by)


def delete_pictures(*, member: Member) -> None:
    """Of a member who is being erased. The files first: a row that is left names what is still to be deleted."""
    for place in (_AVATAR, _COVER):
        if name := str(getattr(member, place) or ""):
            _field(place).storage.delete(name)
        Member.objects.filter(pk=member.pk).update(**{place: ""})
        setattr(member, place, "")


def _change(member: Member, place: Place, file: IO[bytes], shape: Shape, by: Member) -> None:
    _may(member, by)
    picture = reencode(file, shape)
    field = _field(place)
    storage = field.storage
    # A name that tells nothing and was never used: a changed picture is not the old one in somebody's cache.
    name = storage.save(f"{field.upload_to}/{secrets.token_hex(16)}.{EXTENSION}", ContentFile(picture))
    try:
        _name(member, place, name)
    except BaseException:
        storage.delete(name)
        raise


def _remove(member: Member, place: Place, by: Member) -> bool:
    _may(member, by)
    return bool(_name(member, place, ""))


def _name(member: Member, place: Place, name: str) -> str:
    """Let the row name another file; the one it named before is removed after the commit. Returns its name."""
    storage = _field(place).storage
    with transaction.atomic():
        row = Member.objects.select_for_update().only(place).get(pk=member.pk)
        before = str(getattr(row, place) or "")
        if before == name:
            return before
        Member.objects.filter(pk=member.pk).update(**{place: name})
        emit(ProfileEdited(member_id=member.pk))
        if before:
            transaction.on_commit(lambda: storage.delete(before), robust=True)
    setattr(member, place, name)
    return before


def _field(place: Place) -> ImageField:
    field = Member._meta.get_field(place)
    assert isinstance(field, ImageField)
    return field


def _may(member: Member, by: Member) -> None:
    if by.pk != member.pk and not by.is_staff:
        raise Forbidden(_("You can only change your own pictures."))
