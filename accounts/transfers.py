"""Lists that can be exported and imported as CSV (config/transfers.py)."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import DataImportRow, Member
from core.refusals import NotFound, Refusal

Outcome = DataImportRow.Outcome
NOT_IMPORTED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "lists": (("list name",), ("lists",)),
    "domains": (("#domain",), ("domain_blocks", "blocked_domains")),
}
"""Other files that Mastodon exports: the names of their columns and files."""
_ADDRESS = re.compile(r"@?([A-Za-z0-9_]{1,30})(?:@([A-Za-z0-9.:\[\]-]{1,255}))?\Z")
# Spaces, and then a character that starts a formula in a spreadsheet: linear, however many spaces a cell has.
_FORMULA = r"(?:[^\S\t\r\n]|')*[=+\-@＝＋－＠\t\r\n]"
_BEFORE_FORMULA = re.compile(rf"(\A|[;,|\t\r\n])(?={_FORMULA})")
_APOSTROPHE = re.compile(rf"(\A|[;,|\t\r\n])'(?={_FORMULA})")


@dataclass(frozen=True)
class RowResult:
    """The outcome of one row, with a note for the member."""

    outcome: DataImportRow.Outcome
    note: str = ""


@dataclass(frozen=True)
class Transfer:
    """One kind of list that can be exported and imported.

    `rows` writes the export. `apply` does what one row of a file asks for, through the same action as a button.
    `is_valid_cell` tells whether a cell can name anything at all; `read_note` reads from a row, by the names of its
    columns, what else matters. `columns` (in lower case) and `files` are names that only this kind has, here or in
    Mastodon.
    """

    title: str | Promise
    noun: str | Promise
    """What its rows are, within a sentence: "accounts you follow"."""
    effect: str | Promise
    """What importing a file of it does."""
    lede: str | Promise
    header: tuple[str, ...]
    rows: Callable[[Member], Iterator[tuple[str, ...]]]
    apply: Callable[[Member, str, str], RowResult]
    is_valid_cell: Callable[[str], bool]
    read_note: Callable[[dict[str, str]], str] = lambda columns: ""
    columns: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def transfer_of(kind: str) -> Transfer:
    """Return the list of this kind. Raise NotFound if there is no such kind."""
    path = import_string(settings.TRANSFERS).get(kind)
    if path is None:
        raise NotFound
    found: Transfer = import_string(path)
    return found


def transfers() -> dict[str, Transfer]:
    return {kind: import_string(path) for kind, path in import_string(settings.TRANSFERS).items()}


def detected_kind(columns: Collection[str], file_name: str = "") -> str:
    """Return the kind of list that a file is, by its column names (in lower case), or else by its own name.

    May be one of NOT_IMPORTED; empty if the names don't tell.
    """
    known = {**{kind: (how.columns, how.files) for kind, how in transfers().items()}, **NOT_IMPORTED}
    for kind, (only_here, _files) in known.items():
        if not set(only_here).isdisjoint(columns):
            return kind
    stem = re.sub(r"[ _-]?(\(\d+\)|\d+)?(\.\w+)?\Z", "", file_name.lower())
    return next((kind for kind, (_columns, files) in known.items() if stem in files), "")


def row_noun(kind: str) -> str:
    """Return what the rows of such a list are, within a sentence."""
    names = {kind: transfer.noun for kind, transfer in transfers().items()}
    return str(names.get(kind) or {"lists": _("lists"), "domains": _("blocked domains")}[kind])


def own_host() -> str:
    return str(urlsplit(settings.SITE_URL).netloc).lower()


def address_of(member: Member) -> str:
    """Return a member as name@host, which no spreadsheet takes for a formula."""
    return f"{member.username}@{own_host()}"


def is_address(cell: str) -> bool:
    return _ADDRESS.match(cell) is not None


def member_in_cell(cell: str, by: Member) -> Member:
    """Return the member that a cell names: name, @name or name@here. Raise NotFound with the reason."""
    found = _ADDRESS.match(cell)
    if found is None:
        raise NotFound(_("This isn’t a username."))
    name, host = found.groups()
    if host and host.lower() not in (own_host(), own_host().partition(":")[0]):
        raise NotFound(_("On another site."))
    member = Member.objects.visible_to(by).named(name).first()
    if member is None:
        raise NotFound(_("There’s no account with this name here."))
    return member


def result_of(apply: Callable[[], bool], done: str = "") -> RowResult:
    """Call an action that returns whether it changed anything, and return the outcome."""
    try:
        changed = apply()
    except NotFound as refusal:
        return RowResult(Outcome.MISSING, refusal.message)
    except Refusal as refusal:
        return RowResult(Outcome.REFUSED, refusal.message)
    return RowResult(Outcome.DONE, done) if changed else RowResult(Outcome.THERE)


def escape_formulas(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, not even a part of it after a semicolon.

    `unescape_formulas` reverses it.
    """
    return _BEFORE_FORMULA.sub(r"\1'", cell)


def unescape_formulas(cell: str) -> str:
    return _APOSTROPHE.sub(r"\1", cell)
