"""Lists that come and go as CSV: how each kind is written, and what one row of it does (config/transfers.py)."""

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
"""Other files that Mastodon gives: their names of columns and files."""
_ADDRESS = re.compile(r"@?([A-Za-z0-9_]{1,30})(?:@([A-Za-z0-9.:\[\]-]{1,255}))?\Z")
# Spaces that part nothing, and then a sign that a spreadsheet obeys: linear, however many spaces a cell has.
_FORMULA = r"(?:[^\S\t\r\n]|')*[=+\-@＝＋－＠\t\r\n]"
_BEFORE_FORMULA = re.compile(rf"(\A|[;,|\t\r\n])(?={_FORMULA})")
_APOSTROPHE = re.compile(rf"(\A|[;,|\t\r\n])'(?={_FORMULA})")


@dataclass(frozen=True)
class Result:
    outcome: DataImportRow.Outcome
    note: str = ""


@dataclass(frozen=True)
class Transfer:
    """One kind of list.

    `rows` writes it; `act` does what a row names, through the same action as a button does; `fits` is whether a cell
    can name anything at all. `option` reads what else of a row matters, by the names of its columns. `columns` (in
    lower case) and `files` are names of columns and of files that only this kind has, here or at Mastodon.
    """

    title: str | Promise
    called: str | Promise
    """Within a sentence: "accounts you follow"."""
    does: str | Promise
    """What bringing a file of it does."""
    lede: str | Promise
    header: tuple[str, ...]
    rows: Callable[[Member], Iterator[tuple[str, ...]]]
    act: Callable[[Member, str, str], Result]
    fits: Callable[[str], bool]
    option: Callable[[dict[str, str]], str] = lambda columns: ""
    columns: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def transfer(kind: str) -> Transfer:
    """Raises NotFound for a kind that is none."""
    path = import_string(settings.TRANSFERS).get(kind)
    if path is None:
        raise NotFound
    found: Transfer = import_string(path)
    return found


def transfers() -> dict[str, Transfer]:
    return {kind: import_string(path) for kind, path in import_string(settings.TRANSFERS).items()}


def recognized(columns: Collection[str], file_name: str = "") -> str:
    """Which kind of list a file is, by the names of its columns (in lower case) or else by its own; empty when they say
    nothing. Also one of NOT_IMPORTED.
    """
    known = {**{kind: (how.columns, how.files) for kind, how in transfers().items()}, **NOT_IMPORTED}
    for kind, (only_here, _files) in known.items():
        if not set(only_here).isdisjoint(columns):
            return kind
    stem = re.sub(r"[ _-]?(\(\d+\)|\d+)?(\.\w+)?\Z", "", file_name.lower())
    return next((kind for kind, (_columns, files) in known.items() if stem in files), "")


def called(kind: str) -> str:
    """What the rows of such a list are, within a sentence."""
    names = {kind: how.called for kind, how in transfers().items()}
    return str(names.get(kind) or {"lists": _("lists"), "domains": _("blocked domains")}[kind])


def own_host() -> str:
    return str(urlsplit(settings.SITE_URL).netloc).lower()


def address_of(member: Member) -> str:
    """What a member is called in files that travel: name@host, which begins with no sign that a spreadsheet obeys."""
    return f"{member.username}@{own_host()}"


def is_address(cell: str) -> bool:
    return _ADDRESS.match(cell) is not None


def named_member(cell: str, by: Member) -> Member:
    """The member whom a cell names: name, @name, name@here. Raises NotFound with the reason."""
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


def outcome_of(act: Callable[[], bool], done: str = "") -> Result:
    """What came of an action that says whether it changed anything."""
    try:
        changed = act()
    except NotFound as refusal:
        return Result(Outcome.MISSING, refusal.message)
    except Refusal as refusal:
        return Result(Outcome.REFUSED, refusal.message)
    return Result(Outcome.DONE, done) if changed else Result(Outcome.THERE)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, nor any part of it that one may cut off at a semicolon;
    `unguarded` undoes it.
    """
    return _BEFORE_FORMULA.sub(r"\1'", cell)


def unguarded(cell: str) -> str:
    return _APOSTROPHE.sub(r"\1", cell)
