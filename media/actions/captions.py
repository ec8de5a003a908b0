"""Captions of a video, given before it is attached; a post keeps those it was written with."""

from typing import IO

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Invalid
from media.actions.attachments import check_owner, locked_unattached
from media.actions.discarded import discard_files, keep_file, store_unnamed
from media.captions import BYTES_MAX, rewrite
from media.models import CAPTIONS, Attachment


def set_captions(*, attachment: Attachment, by: Member, file: IO[bytes]) -> None:
    """Give a video these captions (WebVTT or SRT) instead of those it has. Raises Invalid if the file has none."""
    try:
        text = file.read(BYTES_MAX + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(fields={"file": [_("Save the captions as UTF-8 and try again.")]}) from None
    content = rewrite(text).encode()
    _may(attachment, by)
    _replace(attachment, store_unnamed(variant=CAPTIONS, file=ContentFile(content)))


def remove_captions(*, attachment: Attachment, by: Member) -> None:
    """Remove the captions of a video."""
    _may(attachment, by)
    _replace(attachment, "")


def _may(attachment: Attachment, by: Member) -> None:
    check_owner(attachment=attachment, by=by)
    if not attachment.is_recording:
        raise Invalid(_("Only videos and audio files have captions."))


def _replace(attachment: Attachment, name: str) -> None:
    with transaction.atomic():
        row = locked_unattached(attachment=attachment)
        files = dict(row.files)
        if old := files.pop(CAPTIONS, ""):
            discard_files(names=[old])
        if name:
            files[CAPTIONS] = name
            keep_file(name=name)
        Attachment.objects.filter(pk=row.pk).update(files=files)
    attachment.files = files
