"""The one keyset pager. "More" in HTML, `cursor` in REST and Link headers elsewhere are dresses on it."""

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from core.refusals import Invalid

M = TypeVar("M")
PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
ROUNDS = 5
"""How often more is fetched to fill a page of which a viewer leaves things out."""


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of a list; `next_cursor` is empty on the last one. True as long as anything is on it or may follow."""

    items: list[M]
    next_cursor: str

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return bool(self.items or self.next_cursor)


def encode_cursor(values: Sequence[Any]) -> str:
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, width: int) -> list[Any]:
    """The values inside a cursor. Raises Invalid when it was not made by `encode_cursor`."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(
            base64.b64decode(padded, altchars=b"-_", validate=True), parse_constant=_no_number
        )
    except (binascii.Error, ValueError, UnicodeError, RecursionError):
        values = None
    if (
        not isinstance(values, list)
        or len(values) != width
        or not all(isinstance(v, int | float | str) and not isinstance(v, bool) for v in values)
        or not all(_fits_a_column(v) for v in values)
    ):
        raise bad_cursor()
    return values


def bad_cursor() -> Invalid:
    return Invalid(_("That page cannot be found: its cursor is not valid."), code="bad_cursor")


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _fits_a_column(value: float | str) -> bool:
    """What both databases take as a parameter."""
    if isinstance(value, int):
        return abs(value) <= 2**63 - 1
    if isinstance(value, float):
        return math.isfinite(value)
    return not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in value)


def paginate(
    queryset: "QuerySet[Any, M]",
    *,
    cursor: str | None = None,
    keys: Sequence[str] = ("-id",),
    size: int = PAGE_SIZE,
) -> Page[M]:
    """The page after `cursor`, in the order of `keys` ("-id": newest first). The last key must be unique.

    Keys may be fields, paths over relations to one row (`"post__id"`; not to many, which would join twice) or
    annotations, and are never null. Raises Invalid on a bad cursor.
    """
    names = [key.lstrip("-") for key in keys]
    rows = queryset.order_by(*keys)
    if cursor:
        values = decode_cursor(cursor, len(names))
        try:
            rows = rows.filter(_after(keys, names, values))
        except (ValueError, TypeError, OverflowError, ValidationError) as fault:
            raise bad_cursor() from fault
    items = list(rows[: size + 1])
    more = len(items) > size
    items = items[:size]
    return Page(
        items,
        encode_cursor([_value(items[-1], name) for name in names]) if more else "",
    )


def filled(
    fetch: Callable[[str | None], Page[M]],
    keep: Callable[[Sequence[M]], Sequence[M]],
    *,
    cursor: str | None,
    cursor_of: Callable[[M], str],
    size: int = PAGE_SIZE,
) -> Page[M]:
    """A page of `size` of what `keep` leaves of the pages that `fetch(cursor)` gives; `cursor_of(item)` leads past it.

    It looks so far and no further: a page may be short, even empty, and yet have a next one.
    """
    kept: list[M] = []
    for _round in range(ROUNDS):
        page = fetch(cursor)
        room = size - len(kept)
        new = keep(page.items)
        kept += new[:room]
        if len(new) > room:
            return Page(kept, cursor_of(kept[-1]))
        cursor = page.next_cursor
        if not cursor or len(kept) == size:
            break
    return Page(kept, cursor or "")


def page_of(items: Sequence[M], *, cursor_of: Any, more: bool) -> Page[M]:
    """A page of things already at hand; `cursor_of(item)` gives the key values of the last."""
    return Page(list(items), encode_cursor(cursor_of(items[-1])) if more and items else "")


def with_cursor(address: str, cursor: str) -> str:
    """A list's address with the cursor of its next page; as it is when it has one."""
    if "cursor=" in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}cursor={cursor}"


def more_url(address: str, page: Page[Any]) -> str:
    """Where the list at `address` goes on after this page; empty at its end."""
    return with_cursor(address, page.next_cursor) if page.next_cursor else ""


def page_size(asked: str | None, default: int = PAGE_SIZE) -> int:
    """A `limit` from outside, kept between 1 and 100. Raises Invalid when it is no number."""
    if not asked:
        return default
    if not asked.isascii() or not asked.isdigit() or len(asked) > 6:
        raise Invalid(
            _("limit is a number from 1 to 100."),
            fields={"limit": [_("A number from 1 to 100.")]},
        )
    return max(1, min(int(asked), MAX_PAGE_SIZE))


def _after(keys: Sequence[str], names: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) after (x, y): a beyond x, or a = x and b beyond y."""
    beyond = Q()
    for i, key in enumerate(keys):
        step = Q(**{f"{names[i]}__{'lt' if key.startswith('-') else 'gt'}": values[i]})
        for j in range(i):
            step &= Q(**{names[j]: values[j]})
        beyond |= step
    return beyond


def _value(item: Any, name: str) -> Any:
    value = item
    for part in name.split("__"):
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value.pk if isinstance(value, Model) else value
