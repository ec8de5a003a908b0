"""Files that no row names, or not yet. Each has a row of its own until it is named or deleted; so none is forgotten,
whenever a process is killed or the storage is away.
"""

import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.core.files import File
from django.core.files.storage import storages
from django.db.models import F
from django.utils import timezone

from core.jobs import enqueue
from core.storages import storage_is_there
from media.models import DiscardedFile

log = logging.getLogger("kith.media")
STORED_WITHIN = timedelta(hours=1)
CHUNK = 200
LEASE = timedelta(minutes=2)
RETRY_AFTER_MAX = timedelta(hours=1)


def file_names(*, variants: Iterable[str]) -> dict[str, str]:
    """Return new names in the private storage for the variants of an attachment. They are random, though nobody gets a
    file by its name alone.
    """
    token = secrets.token_hex(16)
    return {variant: f"attachments/{token}-{variant}" for variant in variants}


def store_unnamed(*, variant: str, file: "File[bytes]") -> str:
    """Store a file and return its name. It is deleted in an hour, unless `keep_file` follows the row that names it."""
    name = file_names(variants=[variant])[variant]
    DiscardedFile.objects.create(name=name, due_at=timezone.now() + STORED_WITHIN)
    with storage_is_there():
        storages["private"].save(name, file)
    return name


def keep_file(*, name: str) -> None:
    """Don't delete a file, in the transaction of the row that names it."""
    DiscardedFile.objects.filter(name=name).delete()


def discard_files(*, names: Iterable[str]) -> None:
    """Delete files soon, after the transaction that takes their names from a row."""
    rows = [DiscardedFile(name=name) for name in names]
    if rows:
        DiscardedFile.objects.bulk_create(rows)
        enqueue("media.tasks.delete_discarded")


def hasten_discarding(*, name: str) -> None:
    """Delete a file soon that no row will name, and not in an hour."""
    DiscardedFile.objects.filter(name=name).update(due_at=timezone.now())
    enqueue("media.tasks.delete_discarded")


def delete_discarded_files() -> int:
    """Delete some discarded files from the storage. Return how many. One that can’t be deleted is tried again later,
    and ends this run, as the storage is probably away.
    """
    storage, deleted = storages["private"], 0
    for pk in list(DiscardedFile.objects.due_ids()[:CHUNK]):
        mine = DiscardedFile.objects.filter(pk=pk)
        if not mine.claim(LEASE, attempts=F("attempts") + 1):
            continue
        row = mine.first()
        if row is None:
            continue
        try:
            storage.delete(row.name)
        except Exception as fault:
            log.warning("a file could not be deleted, attempt %s: %s", row.attempts, fault)
            mine.postpone(min(timedelta(seconds=10 * 2 ** min(row.attempts, 10)), RETRY_AFTER_MAX))
            break
        deleted += mine.delete()[0]
    return deleted
