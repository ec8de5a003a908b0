"""Data exports: requested, made in the background, kept for a week, deleted.

A job makes an export that it has claimed (core.models.DueRow).
"""

import logging
import secrets
import tempfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.actions.locks import lock_members
from accounts.languages import in_language_of
from accounts.mails import write_export_mail
from accounts.models import DataExport, Member
from core.archives import Part, write_archive
from core.jobs import enqueue
from core.refusals import Conflict, Forbidden, NotFound, TooMany

log = logging.getLogger("kith.accounts")

EXPORT_INTERVAL = timedelta(days=1)
KEPT_FOR = timedelta(days=7)
REMEMBERED_FOR = timedelta(days=30)
LEASE = timedelta(seconds=120)
RENEW_EVERY = timedelta(seconds=20)
STORED_PER_SECOND = 1_000_000
"""Bytes, at least."""
ATTEMPTS = 3


def request_export(*, member: Member, by: Member) -> DataExport:
    """Request a data export. Raise Conflict while another is being made, TooMany if one was made within a day."""
    if by.pk != member.pk or not by.is_active:
        raise Forbidden(_("You can only request a copy of your own data."))
    with transaction.atomic():
        # Locked, so that concurrent requests see each other.
        lock_members(member.pk)
        own = DataExport.objects.filter(member=member)
        if own.waiting().exists():
            raise Conflict(_("A copy is already being prepared."), code="export_waiting")
        now = timezone.now()
        last = own.exclude(state=DataExport.State.FAILED).order_by("-id").first()
        if last is not None and last.created_at > now - EXPORT_INTERVAL:
            wait = last.created_at + EXPORT_INTERVAL - now
            raise TooMany(
                _("You can request one copy a day. Please come back tomorrow."),
                retry_after=int(wait.total_seconds()) + 1,
            )
        export = DataExport.objects.create(member=member)
        enqueue("accounts.tasks.make_export", export.pk)
    return export


def make_export(*, export_id: int) -> bool:
    """Make an export. Return False if there is nothing to do: it is done, claimed by another process, or has failed.

    Exceptions are raised; the export is attempted again later, three times in all.
    """
    if not DataExport.objects.filter(pk=export_id).claim(LEASE, attempts=F("attempts") + 1):
        return False
    export = DataExport.objects.select_related("member").get(pk=export_id)
    if export.attempts > ATTEMPTS:
        _fail(export)
        return False
    storage = storages["private"]
    # The row names the file before it exists, so that it is deleted whatever happens.
    if export.file:
        storage.delete(export.file)
    else:
        export.file = f"exports/{export.pk}-{secrets.token_hex(16)}.zip"
        DataExport.objects.filter(pk=export.pk).update(file=export.file)
    with tempfile.TemporaryFile() as target:
        with in_language_of(export.member):
            rows = _write(export, target)
        size = target.tell()
        target.seek(0)
        # Storing it can’t say how far it is, and with pictures and videos it may have gigabytes.
        DataExport.objects.filter(pk=export.pk).postpone(LEASE + timedelta(seconds=size / STORED_PER_SECOND))
        saved = storage.save(export.file, File(target))
    if not _finish(export, file=saved, size=size):
        # The export or the account was deleted meanwhile.
        storage.delete(saved)
        return False
    log.info("an export of %s rows, %s bytes", rows, size)
    return True


def _write(export: DataExport, target: IO[bytes]) -> int:
    now = timezone.now()
    return write_archive(
        target,
        title=_("@%(username)s on %(site_name)s")
        % {"username": export.member.username, "site_name": settings.SITE_NAME},
        introduction=_(
            "A copy of everything %(site_name)s stores about you, created on %(day)s at %(time)s UTC."
        )
        % {
            "site_name": settings.SITE_NAME,
            "day": date_format(now, "DATE_FORMAT"),
            "time": date_format(now, "TIME_FORMAT"),
        },
        parts=_parts(export.member),
        heartbeat=_heartbeat(export),
    )


def _finish(export: DataExport, *, file: str, size: int) -> bool:
    """Mark the export as ready, and notify its owner. Return False if it no longer waits."""
    now = timezone.now()
    with transaction.atomic():
        waiting = DataExport.objects.waiting().filter(pk=export.pk)
        done = waiting.update(
            state=DataExport.State.READY, file=file, size=size, ready_at=now, expires_at=now + KEPT_FOR
        )
        if done:
            export.refresh_from_db()
            write_export_mail(export)
    return bool(done)


def waiting_exports() -> list[int]:
    """Return the ids of exports that are due: not claimed, or with an expired claim."""
    return list(DataExport.objects.due_ids()[:100])


def expire_exports() -> int:
    """Delete expired files, and rows that are older still. Return how many files were deleted."""
    now = timezone.now()
    old = list(DataExport.objects.filter(state=DataExport.State.READY, expires_at__lte=now)[:1000])
    for export in old:
        _delete_file(export)
        DataExport.objects.filter(pk=export.pk).update(state=DataExport.State.EXPIRED, file="", size=0)
    for export in DataExport.objects.filter(created_at__lte=now - REMEMBERED_FOR)[:1000]:
        delete_export(export=export, by=export.member)
    return len(old)


def delete_export(*, export: DataExport, by: Member) -> None:
    """Delete an export and its file; the file first, so that the row always names what is left to delete."""
    if by.pk != export.member_id:
        raise NotFound
    _delete_file(export)
    DataExport.objects.filter(pk=export.pk).delete()


def drop_export_file(*, export: DataExport, by: Member) -> bool:
    """Delete the file of an export before it expires. The row stays, for the limit of one a day."""
    if by.pk != export.member_id:
        raise NotFound
    _delete_file(export)
    ready = DataExport.objects.filter(pk=export.pk, state=DataExport.State.READY)
    return bool(ready.update(state=DataExport.State.EXPIRED, file="", size=0))


def cancel_waiting_exports(*, member_id: int) -> int:
    """Cancel waiting exports, which an attacker may have requested. They don't count for the limit of one a day."""
    waiting = DataExport.objects.waiting().filter(member=member_id)
    for export in waiting:
        _delete_file(export)
    return waiting.update(state=DataExport.State.FAILED, file="")


def _delete_file(export: DataExport) -> None:
    if export.file:
        storages["private"].delete(export.file)


def _fail(export: DataExport) -> None:
    _delete_file(export)
    DataExport.objects.filter(pk=export.pk).update(state=DataExport.State.FAILED, file="")
    log.error("the export %s failed %s times and is given up", export.pk, ATTEMPTS)


def _heartbeat(export: DataExport) -> Callable[[], None]:
    """Return a function that renews the claim on the export while it is being written."""
    renewed = timezone.now()

    def heartbeat() -> None:
        nonlocal renewed
        now = timezone.now()
        if now - renewed > RENEW_EVERY:
            renewed = now
            DataExport.objects.filter(pk=export.pk).postpone(LEASE)

    return heartbeat


def _parts(member: Member) -> Iterable[Part]:
    for path in import_string(settings.DATA_EXPORTS):
        yield from import_string(path)(member)
