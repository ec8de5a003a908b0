"""A copy of somebody's data as a ZIP: JSON for machines, pages for people. Whatever its size, little is in memory.

Records are written as they come; files are copied in chunks; nothing of a part is held when the next begins.
"""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.core.files.storage import Storage
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

Record = Mapping[str, Any]
CHUNK_SIZE = 256 * 1024
HEARTBEAT_EVERY = 500

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { line-height: 1.2; }
a { color: light-dark(#0b6b4f, #45c795); }
nav { margin-bottom: 1rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid light-dark(#ddd, #444); }
td:last-child { text-align: right; white-space: nowrap; }
article { padding: 1rem 0; border-bottom: 1px solid light-dark(#ddd, #444); }
article p { margin: 0 0 .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .8rem; margin: 0; font-size: .875rem; }
dt { color: light-dark(#666, #aaa); }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


@dataclass(frozen=True)
class SingleRecord:
    """Things of which there is one: an object in a file of JSON."""

    name: str
    title: str
    record: Record


@dataclass(frozen=True)
class Records:
    """Things of which there may be very many: a list in a file of JSON, made row by row."""

    name: str
    title: str
    records: Iterable[Record]


@dataclass(frozen=True)
class StoredFile:
    """A file as it lies in a storage."""

    name: str
    title: str
    storage: Storage
    path: str


Part = SingleRecord | Records | StoredFile


def write_archive(
    target: IO[bytes], *, title: str, introduction: str, parts: Iterable[Part], heartbeat: Callable[[], None]
) -> int:
    """Write the parts into `target`, and a page that leads to them. Returns how many rows there were.

    `heartbeat` is called again and again meanwhile, to show that the work goes on. Pages are in the active language.
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
                    page = _page(part.title, [_article(part.record)])
                    archive.writestr(f"pages/{part.name}.html", "".join(page))
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
    # A ZIP takes one file at a time: the page waits beside, on disk when it grows.
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
        head, foot = _page(part.title, [])[0], _page(part.title, [])[-1]
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
        # The row still names it, and it is gone: the rest of the copy is not held up by that.
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


def _index(title: str, introduction: str, listed: list[tuple[str, str, str]]) -> str:
    lines = [
        f'<tr><td><a href="pages/{escape(name)}.html">{escape(what)}</a></td>'
        f'<td><a href="{escape(name)}.json">{escape(name)}.json</a></td><td>{escape(count)}</td></tr>'
        for name, what, count in listed
    ]
    return "".join(_page(title, [f"<p>{escape(introduction)}</p><table>", *lines, "</table>"], top=True))


def _page(title: str, body: list[str], *, top: bool = False) -> list[str]:
    """Return a self-contained page in parts; the first and the last are the same whatever is between."""
    everything = escape(_("Everything"))
    way_back = "" if top else f'<nav><a href="../index.html">{everything}</a></nav>'
    return [
        f'<!doctype html><html lang="{get_language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{way_back}<h1>{escape(title)}</h1>\n",
        *body,
        "</body></html>\n",
    ]


def _article(row: Record) -> str:
    """Return a record as HTML: its text, then the other fields, all escaped."""
    text = row.get("text")
    parts = [f"<p>{escape(text)}</p>"] if text else []
    rest = [
        f"<dt>{escape(str(key).replace('_', ' '))}</dt><dd>{escape(_as_text(value))}</dd>"
        for key, value in row.items()
        if key != "text" and value not in (None, "", [])
    ]
    if rest:
        parts.append(f"<dl>{''.join(rest)}</dl>")
    return f"<article>{''.join(parts)}</article>\n"


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
