"""Writes a member’s data as a ZIP: JSON for programs, HTML for people. Uses little memory, whatever the size.

Records are written as they come, files are copied in chunks, and each part is finished before the next begins.
"""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import Storage
from django.template.loader import render_to_string
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

Record = Mapping[str, Any]
CHUNK_SIZE = 256 * 1024
HEARTBEAT_EVERY = 500

STYLE_SHEET = Path(__file__).with_name("archive.css")
_BODY = "<!-- body -->"
"""Where a page is cut in two, to write what is between as it comes."""


@dataclass(frozen=True)
class SingleRecord:
    """One record: an object in a JSON file."""

    name: str
    title: str
    record: Record


@dataclass(frozen=True)
class Records:
    """Any number of records: a list in a JSON file, written one by one."""

    name: str
    title: str
    records: Iterable[Record]


@dataclass(frozen=True)
class StoredFile:
    """A file in a storage."""

    name: str
    title: str
    storage: Storage
    path: str


Part = SingleRecord | Records | StoredFile


def write_archive(
    target: IO[bytes], *, title: str, introduction: str, parts: Iterable[Part], heartbeat: Callable[[], None]
) -> int:
    """Write the parts into `target`, and a page that links to them. Return the number of records.

    `heartbeat` is called regularly meanwhile, to show that work continues. Pages are in the active language.
    """
    listed: list[tuple[str, str, str]] = []
    total = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for part in parts:
            heartbeat()
            match part:
                case SingleRecord():
                    with archive.open(f"{part.name}.json", "w") as file:
                        file.write(_json(part.record, indent=2).encode())
                    head, foot = _page(part.title)
                    archive.writestr(f"pages/{part.name}.html", head + _article(part.record) + foot)
                    listed.append((part.name, part.title, ""))
                case Records():
                    count = _write_records(archive, part, heartbeat)
                    total += count
                    listed.append((part.name, part.title, str(count)))
                case StoredFile():
                    _copy(archive, part, heartbeat)
        archive.writestr("index.html", _index(title, introduction, listed))
    return total


def _write_records(archive: zipfile.ZipFile, part: Records, heartbeat: Callable[[], None]) -> int:
    count = 0
    # A ZIP is written one file at a time: the page is buffered, on disk if it grows.
    with tempfile.SpooledTemporaryFile(max_size=CHUNK_SIZE) as buffer:
        with archive.open(f"{part.name}.json", "w", force_zip64=True) as file:
            file.write(b"[")
            for record in part.records:
                file.write((",\n" if count else "\n").encode() + _json(record).encode())
                buffer.write(_article(record).encode())
                count += 1
                if count % HEARTBEAT_EVERY == 0:
                    heartbeat()
            file.write(b"\n]\n")
        head, foot = _page(part.title)
        buffer.seek(0)
        with archive.open(f"pages/{part.name}.html", "w", force_zip64=True) as page:
            page.write(head.encode())
            if not count:
                nothing = escape(_("Nothing."))
                page.write(f"<p>{nothing}</p>".encode())
            for chunk in _chunks(buffer):
                page.write(chunk)
            page.write(foot.encode())
    return count


def _copy(archive: zipfile.ZipFile, part: StoredFile, heartbeat: Callable[[], None]) -> None:
    try:
        source = part.storage.open(part.path)
    except OSError:
        # The row’s file no longer exists: leave it out.
        return
    with source, archive.open(f"files/{part.name}", "w", force_zip64=True) as file:
        for chunk in _chunks(source):
            file.write(chunk)
            heartbeat()


def _chunks(file: Any) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_SIZE):
        yield chunk


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, default=_json_default, indent=indent)


def _json_default(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _index(title: str, introduction: str, files: list[tuple[str, str, str]]) -> str:
    body = render_to_string("archive/_index.html", {"introduction": introduction, "files": files})
    head, foot = _page(title, is_index=True)
    return head + body + foot


def _page(title: str, *, is_index: bool = False) -> tuple[str, str]:
    """Return a self-contained page in parts; the first and the last don’t depend on what is between."""
    style = format_html("<style>\n{}</style>", mark_safe(STYLE_SHEET.read_text(encoding="utf-8")))
    context = {
        "title": title,
        "style": style,
        "language": get_language(),
        "body": mark_safe(_BODY),
        "is_index": is_index,
    }
    head, _marker, foot = render_to_string("archive/page.html", context).partition(_BODY)
    return head, foot


def _article(record: Record) -> str:
    """Return a record as HTML: its text, then the other fields, all escaped."""
    fields = [
        (str(name).replace("_", " "), _as_text(value))
        for name, value in record.items()
        if name != "text" and value not in (None, "", [])
    ]
    return render_to_string("archive/_record.html", {"text": record.get("text"), "fields": fields})


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "\n".join(_as_text(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_as_text(item)}" for key, item in value.items() if item not in (None, ""))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return str(value)
