"""A member’s pictures and uploaded files, for the export of their data (config/exports.py)."""

from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage, storages
from django.utils.translation import gettext as _

from accounts.models import Member
from core.archives import Part, Record, Records, StoredFile
from core.db import in_chunks
from media.models import Attachment


def pictures(member: Member) -> Iterator[Part]:
    for place in ("avatar", "cover"):
        if name := str(getattr(member, place) or ""):
            yield StoredFile(f"{place}.{name.rpartition('.')[2]}", place, default_storage, name)


def attachments(member: Member) -> Iterator[Part]:
    """Yield a list of what was uploaded for posts, and the largest variant of each."""
    rows = Attachment.objects.filter(owner=member, state=Attachment.State.READY)
    yield Records("media", _("Files you’ve uploaded"), _records(rows))
    for chunk in in_chunks(rows):
        for row in chunk:
            if name := row.files.get(row.main_variant):
                end = row.main_variant.rpartition(".")[2]
                yield StoredFile(f"media/{row.pk}.{end}", f"media {row.pk}", storages["private"], name)


def _records(rows: Any) -> Iterator[Record]:
    for chunk in in_chunks(rows):
        for row in chunk:
            yield {
                "id": str(row.pk),
                "kind": row.kind,
                "description": row.alt,
                "post": str(row.post_id) if row.post_id else "",
                "uploaded": row.created_at,
            }
