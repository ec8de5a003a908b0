"""Captions of a video, given before it is attached; a post keeps those it was written with."""

import secrets
from datetime import timedelta
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Conflict, Forbidden, Invalid
from core.storages import storage_is_there
from media.captions import BYTES_MAX, rewrite
from media.models import CAPTIONS, Attachment, DiscardedFile

STORED_WITHIN = timedelta(hours=1)


def set_captions(*, attachment: Attachment, by: Member, file: IO[bytes]) -> None:
    """Give a video these captions (WebVTT or SRT) instead of those it has. Raises Invalid if the file has none."""
    try:
        text = file.read(BYTES_MAX + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(fields={"file": [_("Save the captions as UTF-8 and try again.")]}) from None
    content = rewrite(text).encode()
    _may(attachment, by)
    name = f"attachments/{secrets.token_hex(16)}-{CAPTIONS}"
    # Noted as discarded until a row names it.
    DiscardedFile.objects.create(name=name, due_at=timezone.now() + STORED_WITHIN)
    with storage_is_there():
        storages["private"].save(name, ContentFile(content))
    _replace(attachment, name)


def remove_captions(*, attachment: Attachment, by: Member) -> None:
    """Remove the captions of a video."""
    _may(attachment, by)
    _replace(attachment, "")


def _may(attachment: Attachment, by: Member) -> None:
    if attachment.owner_id != by.pk:
        raise Forbidden
    if not attachment.is_recording:
        raise Invalid(_("Only videos and audio files have captions."))


def _replace(attachment: Attachment, name: str) -> None:
    with transaction.atomic():
        row = Attachment.objects.select_for_update().filter(pk=attachment.pk).first()
        if row is None or row.post_id:
            raise Conflict(_("This belongs to a post. Edit the post instead."))
        files = dict(row.files)
        if old := files.pop(CAPTIONS, ""):
            DiscardedFile.objects.create(name=old)
        if name:
            files[CAPTIONS] = name
            DiscardedFile.objects.filter(name=name).delete()
        Attachment.objects.filter(pk=row.pk).update(files=files)
    attachment.files = files
