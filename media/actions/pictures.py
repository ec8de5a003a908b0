"""The pictures of a profile."""

import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Literal

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import ImageField
from django.utils.translation import gettext as _

from accounts.actions import edit_profile
from accounts.events import ProfileEdited
from accounts.models import Member
from core.events import emit
from core.refusals import Forbidden, Invalid
from media.images import AVATAR, COVER, EXTENSION, Shape, reencode

log = logging.getLogger("kith.media")
Place = Literal["avatar", "cover"]
SHAPES: dict[Place, Shape] = {"avatar": AVATAR, "cover": COVER}


def save_profile(
    *,
    member: Member,
    by: Member,
    fields: Mapping[str, str],
    avatar: IO[bytes] | None = None,
    cover: IO[bytes] | None = None,
    remove_avatar: bool = False,
    remove_cover: bool = False,
) -> None:
    """Save the texts and pictures of a profile together: nothing changes unless all are valid.

    Raises Invalid with a message for each invalid field.
    """
    _may(member, by)
    pictures, errors = _encode({"avatar": avatar, "cover": cover})
    removed: dict[Place, str] = {}
    if remove_avatar:
        removed["avatar"] = ""
    if remove_cover:
        removed["cover"] = ""
    try:
        with _stored({} if errors else pictures) as names, transaction.atomic():
            try:
                edit_profile(member=member, by=by, **fields)
            except Invalid as refusal:
                errors |= {name: list(sentences) for name, sentences in (refusal.fields or {}).items()}
            if errors:
                raise Invalid(fields=errors)
            for place, name in (removed | names).items():
                _name(member, place, name)
    except Invalid:
        # What was set before the refusal isn’t in the database.
        member.refresh_from_db()
        raise


def _encode(
    files: Mapping[Place, IO[bytes] | None],
) -> tuple[dict[Place, bytes], dict[str, list[str]]]:
    """Return the encoded pictures, and messages for the fields whose picture was refused."""
    pictures: dict[Place, bytes] = {}
    errors: dict[str, list[str]] = {}
    for place, file in files.items():
        if file is not None:
            try:
                pictures[place] = reencode(file, SHAPES[place])
            except Invalid as refusal:
                errors[place] = [refusal.message]
    return pictures, errors


def change_avatar(*, member: Member, file: IO[bytes], by: Member) -> None:
    """Set the member’s avatar. Raises Invalid if the file can’t be used."""
    _change(member, "avatar", file, by)


def change_cover(*, member: Member, file: IO[bytes], by: Member) -> None:
    """Set the member’s cover. Raises Invalid if the file can’t be used."""
    _change(member, "cover", file, by)


def remove_avatar(*, member: Member, by: Member) -> bool:
    """Remove the avatar. Return False if there was none."""
    return _remove(member, "avatar", by)


def remove_cover(*, member: Member, by: Member) -> bool:
    """Remove the cover. Return False if there was none."""
    return _remove(member, "cover", by)


def delete_pictures(*, member: Member) -> None:
    """Delete the pictures of a member who is being deleted. Files first: until the row is deleted, it names what is
    left to delete.
    """
    for place in SHAPES:
        if name := str(getattr(member, place) or ""):
            _field(place).storage.delete(name)
        Member.objects.filter(pk=member.pk).update(**{place: ""})
        setattr(member, place, "")


def _change(member: Member, place: Place, file: IO[bytes], by: Member) -> None:
    _may(member, by)
    with _stored({place: reencode(file, SHAPES[place])}) as names:
        _name(member, place, names[place])


@contextmanager
def _stored(pictures: Mapping[Place, bytes]) -> Iterator[dict[Place, str]]:
    """Store the pictures and yield the names of their files, which are deleted again if the block fails."""
    names: dict[Place, str] = {}
    try:
        for place, picture in pictures.items():
            names[place] = _store(place, picture)
        yield names
    except BaseException:
        for place, name in names.items():
            _field(place).storage.delete(name)
        raise


def _store(place: Place, picture: bytes) -> str:
    """Save the file under a new random name and return it. The name reveals nothing, and no cache has an older picture
    under it.
    """
    field = _field(place)
    name: str = field.storage.save(
        f"{field.upload_to}/{secrets.token_hex(16)}.{EXTENSION}", ContentFile(picture)
    )
    return name


def _remove(member: Member, place: Place, by: Member) -> bool:
    _may(member, by)
    return bool(_name(member, place, ""))


def _name(member: Member, place: Place, name: str) -> str:
    """Store the name of a new file, and delete the previous file after the commit. Return the previous name."""
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
