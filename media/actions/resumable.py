"""Uploads in parts, which go on where they stopped (tus, media/tus.py).

Each part is a file of its own in the private storage, so that any process of any machine can store the next one. A
part’s file is first noted as discarded, and no longer when its upload names it; so none is forgotten.
"""

import os
import tempfile
from datetime import timedelta
from typing import IO, Protocol

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.refusals import Conflict, Invalid, NotFound, Refusal
from media.actions.attachments import check_quota, checked_alt
from media.actions.discarded import discard_files, hasten_discarding, keep_file, store_unnamed
from media.actions.recordings import SOURCE, request_encoding
from media.ffmpeg import HEAD, Format, recognize
from media.limits import check_recording
from media.models import Attachment, Upload

KEPT_FOR = timedelta(days=1)
PARTS_MAX = 1000
READ_AT_ONCE = 64 * 1024
CHUNK = 200


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def begin_upload(*, by: Member, length: int, alt: str = "") -> Upload:
    """Begin an upload of so many bytes, which count for the quota from now on. Raises Invalid."""
    alt = checked_alt(alt=alt)
    if length < 1:
        raise Invalid(_("This file is empty."))
    check_recording(size=length)
    with transaction.atomic():
        lock_members(by.pk)
        check_quota(member=by, size=length)
        return Upload.objects.create(owner=by, length=length, alt=alt, expires_at=timezone.now() + KEPT_FOR)


def add_part(*, upload: Upload, by: Member, offset: int, content: Readable) -> Upload:
    """Store the next part of an upload, as much of it as arrives, and return the upload. With its last byte it becomes
    an attachment of the same id, which is then processed.

    Raises Conflict if the upload continues elsewhere, Invalid if this is no video or audio file, or too much.
    """
    if upload.owner_id != by.pk:
        raise NotFound
    _check_offset(upload, offset)
    if len(upload.parts) >= PARTS_MAX:
        raise Invalid(_("That’s too many parts. Upload larger ones."))
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as part:
        size = _receive(content, part, upload.length - offset)
        part.seek(0)
        head = part.read(HEAD)
        part.seek(0)
        if offset == 0 and size < min(HEAD, upload.length):
            # Too little to see what it is.
            return upload
        found = recognize(head) if offset == 0 else Format(upload.kind, upload.demuxer)
        if found is None:
            _discard(upload)
            raise Invalid(_("Only videos and audio files can be uploaded in parts."))
        if size == 0:
            return upload
        name = store_unnamed(variant=SOURCE, file=File(part))
    try:
        return _name(upload, offset, size, name, found)
    except Refusal:
        # Not in an hour: many parts for one place would fill the storage.
        hasten_discarding(name=name)
        raise


def cancel_upload(*, upload: Upload, by: Member) -> None:
    """End an upload and delete its parts."""
    if upload.owner_id != by.pk:
        raise NotFound
    _discard(upload)


def delete_expired_uploads(*, of: Member | None = None) -> int:
    """Delete some of the uploads that were not finished in time, or with `of` of those of a member who is deleted, with
    their parts. Return how many.
    """
    rows = Upload.objects.filter(owner=of) if of else Upload.objects.filter(expires_at__lte=timezone.now())
    found = list(rows[:CHUNK])
    for upload in found:
        _discard(upload)
    return len(found)


def _check_offset(upload: Upload, offset: int) -> None:
    if offset != upload.offset:
        raise Conflict(
            _("This upload continues at byte %(offset)s.") % {"offset": upload.offset}, code="wrong_offset"
        )


def _receive(content: Readable, part: IO[bytes], most: int) -> int:
    """Write what arrives to `part`, and return how much; if the connection ends, what has arrived until then."""
    size = 0
    try:
        while chunk := content.read(READ_AT_ONCE):
            size += len(chunk)
            if size > most:
                raise Invalid(_("This is more than the upload was to have."))
            part.write(chunk)
    except OSError:
        # Django’s UnreadablePostError.
        part.seek(0, os.SEEK_END)
        return part.tell()
    return size


def _name(upload: Upload, offset: int, size: int, name: str, found: Format) -> Upload:
    """Add the stored part to the upload. Raises Conflict if another one has been stored there meanwhile."""
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if row is None:
            raise NotFound
        _check_offset(row, offset)
        keep_file(name=name)
        row.offset, row.parts = offset + size, [*row.parts, name]
        row.kind, row.demuxer = found.kind, found.demuxer
        row.expires_at = timezone.now() + KEPT_FOR
        if row.offset == row.length:
            _finish(row)
        row.save()
    return row


def _finish(row: Upload) -> None:
    """Make the upload an attachment. Its row stays, so that a client that lost the response can see that it is done."""
    files = {f"{SOURCE}-{number:04}": name for number, name in enumerate(row.parts)}
    attachment = Attachment.objects.create(
        pk=row.pk, owner=row.owner, kind=row.kind, alt=row.alt, files=files, size=row.length
    )
    row.parts = []
    request_encoding(attachment=attachment, demuxer=row.demuxer)


def _discard(upload: Upload) -> None:
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if row is None:
            return
        discard_files(names=row.parts)
        row.delete()
