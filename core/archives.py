"""A copy of somebody's data as a ZIP: JSON for machines, pages for people. Whatever its size, little is in memory.

Rows are written as they come; files are copied in pieces; nothing of a part is held when the next begins.
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

Row = Mapping[str, Any]
PIECE = 256 * 1024
BEAT_EVERY = 500

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
class Facts:
    """Things of which there is one: an object in a file of JSON."""

    name: str
    title: str
    facts: Row


@dataclass(frozen=True)
class Rows:
    """Things of which there may be very many: a list in a file of JSON, made row by row."""

    name: str
    title: str
    rows: Iterable[Row]


@dataclass(frozen=True)
class StoredFile:
    """A file as it lies in a storage."""

    name: str
    title: str
    storage: Storage
    path: str


Part = Facts | Rows | StoredFile


def write_archive(
    target: IO[bytes], *, title: str, lede: str, parts: Iterable[Part], beat: Callable[[], None]
) -> int:
    """Write the parts into `target`, and a page that leads to them. Returns how many rows there were.

    `beat` is called again and again meanwhile, so that others see that it goes on. The pages speak the active language.
    """
    listed: list[tuple[str, str, str]] = []
    total = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for part in parts:
            beat()
            match part:
                case Facts():
                    with archive.open(f"{part.name}.json", "w") as file:
                        file.write(_json(part.facts, indent=2).encode())
                    page = _page(part.title, [_shown(part.facts)])
                    archive.writestr(f"pages/{part.name}.html", "".join(page))
                    listed.append((part.name, part.title, ""))
                case Rows():
                    count = _write_rows(archive, part, beat)
                    total += count
                    listed.append((part.name, part.title, str(count)))
                case StoredFile():
                    _copy(archive, part, beat)
        archive.writestr("index.html", _index(title, lede, listed))
    return total


def _write_rows(archive: zipfile.ZipFile, part: Rows, beat: Callable[[], None]) -> int:
    count = 0
    # A ZIP takes one file at a time: the page waits beside, on disk when it grows.
    with tempfile.SpooledTemporaryFile(max_size=PIECE) as aside:
        with archive.open(f"{part.name}.json", "w", force_zip64=True) as file:
            file.write(b"[")
            for row in part.rows:
                file.write((",\n" if count else "\n").encode() + _json(row).encode())
                aside.write(_shown(row).encode())
                count += 1
                if count % BEAT_EVERY == 0:
                    beat()
            file.write(b"\n]\n")
        head, foot = _page(part.title, [])[0], _page(part.title, [])[-1]
        aside.seek(0)
        with archive.open(f"pages/{part.name}.html", "w", force_zip64=True) as page:
            page.write(head.encode())
            if not count:
                nothing = escape(_("Nothing."))
                page.write(f"<p>{nothing}</p>".encode())
            for piece in _pieces(aside):
                page.write(piece)
            page.write(foot.encode())
    return count


def _copy(archive: zipfile.ZipFile, part: StoredFile, beat: Callable[[], None]) -> None:
    try:
        source = part.storage.open(part.path)
    except OSError:
        # The row still names it, and it is gone: the rest of the copy is not held up by that.
        return
    with source, archive.open(f"files/{part.name}", "w", force_zip64=True) as file:
        for piece in _pieces(source):
            file.write(piece)
            beat()


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain, indent=indent)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _index(title: str, lede: str, listed: list[tuple[str, str, str]]) -> str:
    lines = [
        f'<tr><td><a href="pages/{escape(name)}.html">{escape(what)}</a></td>'
        f'<td><a href="{escape(name)}.json">{escape(name)}.json</a></td><td>{escape(count)}</td></tr>'
        for name, what, count in listed
    ]
    return "".join(_page(title, [f"<p>{escape(lede)}</p><table>", *lines, "</table>"], top=True))


def _page(title: str, body: list[str], *, top: bool = False) -> list[str]:
    """A page that needs nothing but itself; its first and its last piece are the same whatever is between."""
    everything = escape(_("Everything"))
    way_back = "" if top else f'<nav><a href="../index.html">{everything}</a></nav>'
    return [
        f'<!doctype html><html lang="{get_language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{way_back}<h1>{escape(title)}</h1>\n",
        *body,
        "</body></html>\n",
    ]


def _shown(row: Row) -> str:
    """A row for people: what was written, then the rest of what is known, all of it escaped."""
    text = row.get("text")
    parts = [f"<p>{escape(text)}</p>"] if text else []
    rest = [
        f"<dt>{escape(str(key).replace('_', ' '))}</dt><dd>{escape(_words(value))}</dd>"
        for key, value in row.items()
        if key != "text" and value not in (None, "", [])
    ]
    if rest:
        parts.append(f"<dl>{''.join(rest)}</dl>")
    return f"<article>{''.join(parts)}</article>\n"


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "\n".join(_words(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_words(item)}" for key, item in value.items() if item not in (None, ""))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return str(value)
