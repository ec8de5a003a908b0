"""Videos and audio files: stored as they are, then processed by a job (core.models.DueRow), also again."""

import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core import streams
from core.jobs import enqueue
from core.refusals import Conflict, TooMany
from core.slots import Slots
from core.storages import storage_is_there
from media.actions.attachments import check_owner, check_quota, discard_rows
from media.actions.discarded import discard_files, file_names
from media.ffmpeg import Failed, Format
from media.limits import check_recording
from media.models import CAPTIONS, Attachment, Encoding
from media.recordings import Made, encode

log = logging.getLogger("kith.media")
LEASE = timedelta(minutes=3)
RENEW_EVERY = timedelta(seconds=20)
TELL_EVERY = 1.0
"""Seconds between live messages about progress."""
ATTEMPTS = 3
KEPT_FOR = timedelta(days=1)
PREFIX = "kith-encode-"
RETRY_AFTER = timedelta(seconds=30)
SOURCE = "source"
"""Variants whose names begin like this are what was uploaded, in one or more parts. They have no address."""
_slots = Slots("encoders", settings.ENCODERS)


def store_recording(*, by: Member, file: IO[bytes], found: Format, alt: str) -> Attachment:
    """Store a video or audio file as it is, and request that it is processed."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    check_recording(size=size)
    files = file_names(variants=[SOURCE])
    with transaction.atomic():
        lock_members(by.pk)
        check_quota(member=by, size=size)
        attachment = Attachment.objects.create(owner=by, kind=found.kind, alt=alt, files=files, size=size)
    try:
        with storage_is_there():
            storages["private"].save(files[SOURCE], File(file))
        request_encoding(attachment=attachment, demuxer=found.demuxer)
    except BaseException:
        discard_rows(rows=Attachment.objects.filter(pk=attachment.pk))
        raise
    return attachment


def request_encoding(*, attachment: Attachment, demuxer: str) -> None:
    """Request that a stored recording is processed. Raises Conflict if it has been deleted."""
    with transaction.atomic():
        if not Attachment.objects.select_for_update().filter(pk=attachment.pk).exists():
            raise Conflict(_("This has been deleted meanwhile."))
        encoding = Encoding.objects.create(attachment=attachment, demuxer=demuxer)
        enqueue("media.tasks.encode", encoding.pk)


def retry_encoding(*, attachment: Attachment, by: Member) -> None:
    """Process a recording again that has failed. Raises Conflict if it hasn’t."""
    check_owner(attachment=attachment, by=by)
    with transaction.atomic():
        _lock(attachment)
        failed = Encoding.objects.filter(attachment=attachment.pk).exclude(failed_at=None)
        row = failed.select_for_update().first()
        if row is None:
            raise Conflict(_("This hasn’t failed."))
        failed.update(failed_at=None, attempts=0, due_at=timezone.now(), error="")
        _tell(attachment, state=Attachment.State.PROCESSING, failure="", progress=0)
        enqueue("media.tasks.encode", row.pk)


def encode_recording(*, encoding_id: int) -> bool:
    """Process a recording. Return False if there is nothing to do: it is done, claimed by another process, or has
    failed; or if this machine is busy with others, so that the sweep comes back to it.
    """
    with ExitStack() as held:
        try:
            held.enter_context(_slots.acquire(within=0))
        except TooMany:
            return False
        mine = Encoding.objects.filter(pk=encoding_id)
        if not mine.claim(LEASE, attempts=F("attempts") + 1):
            return False
        row = mine.select_related("attachment").first()
        if row is None:
            return False
        if row.attempts > ATTEMPTS:
            _fail(row, Attachment.Failure.TROUBLE, "given up")
            return False
        try:
            _encode(row)
        except Failed as fault:
            _fail(row, fault.why, fault.why)
        except Exception as fault:
            # The storage or the database was away, for example.
            log.warning("%s failed, attempt %s", row, row.attempts, exc_info=fault)
            mine.postpone(RETRY_AFTER * row.attempts, error=repr(fault)[:2000])
            return False
    return True


def delete_left_folders() -> None:
    """Delete the folders, and the files of forms, that killed processes left behind."""
    where = Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir())
    left = [*where.glob(f"{PREFIX}*")]
    if settings.FILE_UPLOAD_TEMP_DIR:
        # In the system’s folder, Django’s names could be another site’s.
        left += where.glob("tmp*.upload*")
    for path in left:
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - KEPT_FOR.total_seconds():
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()


def waiting_encodings() -> list[int]:
    """Return the ids of recordings that wait to be processed, oldest first, as many as this machine may start."""
    return list(Encoding.objects.due_ids()[: settings.ENCODERS])


def _encode(row: Encoding) -> None:
    attachment = row.attachment
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=settings.FILE_UPLOAD_TEMP_DIR) as name:
        folder = Path(name)
        path = folder / SOURCE
        _fetch(attachment, path)
        _renew(row)
        made = encode(path, row.demuxer, folder, _on_progress(row))
        _store(row, made)


def _fetch(attachment: Attachment, path: Path) -> None:
    """Bring what was uploaded from the storage."""
    with path.open("wb") as target:
        for part in sorted(name for name in attachment.files if name.startswith(SOURCE)):
            with storages["private"].open(attachment.files[part]) as file:
                for chunk in file.chunks():
                    target.write(chunk)


def _store(row: Encoding, made: Made) -> None:
    """Store the variants, and let go of what was uploaded. The row names the files before they exist."""
    storage, names = storages["private"], file_names(variants=made.files)
    rows = Attachment.objects.filter(pk=row.attachment_id)
    with transaction.atomic():
        current = rows.select_for_update().first()
        if current is None:
            # Deleted meanwhile, and with it what was uploaded.
            return
        sources = {name: file for name, file in current.files.items() if name.startswith(SOURCE)}
        kept = {name: file for name, file in current.files.items() if name == CAPTIONS}
        # Left by an attempt that was killed.
        discard_files(names=[file for name, file in current.files.items() if name not in sources | kept])
        rows.update(files=sources | kept | names)
    for variant, path in made.files.items():
        _renew(row)
        with path.open("rb") as file:
            storage.save(names[variant], File(file))
    with transaction.atomic():
        # Only if no other process has done it meanwhile, because this one took longer than its claim.
        current = rows.select_for_update().first()
        if current is None or {n: f for n, f in current.files.items() if n != CAPTIONS} != sources | names:
            discard_files(names=names.values())
            return
        discard_files(names=sources.values())
        rows.update(
            kind=made.kind,
            duration=round(made.duration, 2),
            width=made.width,
            height=made.height,
            blurhash=made.blurhash,
            waveform=made.waveform,
            files={name: file for name, file in current.files.items() if name not in sources},
            size=sum(path.stat().st_size for path in made.files.values()),
        )
        Encoding.objects.filter(pk=row.pk).delete()
        _tell(row.attachment, state=Attachment.State.READY, failure="", progress=100)


def _fail(row: Encoding, why: str, error: str) -> None:
    with transaction.atomic():
        _lock(row.attachment)
        # Another process may have done it meanwhile, because this one took longer than its claim.
        if Encoding.objects.filter(pk=row.pk).update(failed_at=timezone.now(), error=error):
            _tell(row.attachment, state=Attachment.State.FAILED, failure=why)


def _lock(attachment: Attachment) -> None:
    """Lock an attachment before its encoding, in the order in which both are deleted."""
    list(Attachment.objects.select_for_update().filter(pk=attachment.pk).values_list("pk"))


def _on_progress(row: Encoding) -> Callable[[int], None]:
    """Return a function that notes the progress, tells the owner, and renews the claim."""
    told, renewed = time.monotonic(), timezone.now()

    def on_progress(percent: int) -> None:
        nonlocal told, renewed
        if time.monotonic() - told < TELL_EVERY:
            return
        told = time.monotonic()
        _tell(row.attachment, progress=percent)
        if (now := timezone.now()) - renewed > RENEW_EVERY:
            renewed = now
            _renew(row)

    return on_progress


def _renew(row: Encoding) -> None:
    Encoding.objects.filter(pk=row.pk).postpone(LEASE)


def _tell(attachment: Attachment, **changes: object) -> None:
    """Change the attachment, and tell its owner’s pages and apps."""
    Attachment.objects.filter(pk=attachment.pk).update(**changes)
    for name, value in changes.items():
        setattr(attachment, name, value)
    message = {
        "type": "media.changed",
        "id": str(attachment.pk),
        "state": str(attachment.state),
        "progress": attachment.progress,
    }
    streams.publish(streams.member_stream(attachment.owner_id), message)
