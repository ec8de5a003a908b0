"""A member’s pictures, for the export of their data (config/exports.py)."""

from collections.abc import Iterator

from django.core.files.storage import default_storage

from accounts.models import Member
from core.archives import Part, StoredFile


def pictures(member: Member) -> Iterator[Part]:
    for place in ("avatar", "cover"):
        if name := str(getattr(member, place) or ""):
            yield StoredFile(f"{place}.{name.rpartition('.')[2]}", place, default_storage, name)
