"""Keyset pagination, used by "More" in HTML and by `cursor` in REST."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from core.encryption import seal_token, unseal_token
from core.refusals import Invalid

M = TypeVar("M")
PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
CURSOR_BYTES = 80
"""Cursors are padded to this length, so that their length reveals nothing."""
CURSOR_MAX = 1000
FETCHED_MAX = 500
"""How many rows are fetched at once to fill a page from which rows are left out,"""
SCANNED_MAX = 5_000
"""and how many in all."""


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of a list; `next_cursor` is empty on the last one. Truthy as long as it has items or a next page."""

    items: list[M]
    next_cursor: str

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return bool(self.items or self.next_cursor)


def encode_cursor(values: Sequence[Any]) -> str:
    """Return the key values of a row as a cursor. It is encrypted: a key may reveal what the page doesn't (when
    something was bookmarked, the score of a search result).
    """
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    data = json.dumps(plain, separators=(",", ":")).encode()
    return seal_token(data.ljust(-(-len(data) // CURSOR_BYTES) * CURSOR_BYTES), purpose="cursor")


def decode_cursor(cursor: str, width: int) -> list[Any]:
    """Return the values in a cursor. Raises Invalid if `encode_cursor` didn't make it."""
    sealed = unseal_token(cursor, purpose="cursor") if len(cursor) <= CURSOR_MAX else None
    values = json.loads(sealed) if sealed is not None else None
    if (
        not isinstance(values, list)
        or len(values) != width
        or not all(isinstance(v, int | float | str) and not isinstance(v, bool) for v in values)
        or not all(_fits_a_column(v) for v in values)
    ):
        raise bad_cursor()
    return values


def bad_cursor() -> Invalid:
    return Invalid(_("This page doesn’t exist: its cursor isn’t valid."), code="bad_cursor")


def _fits_a_column(value: float | str) -> bool:
    """Return whether both databases take this value as a parameter."""
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
    """Return the page after `cursor`, in the order of `keys` ("-id": newest first). The last key must be unique.

    Keys may be fields, paths over relations to one row (`"post__id"`; not to many, which would join twice) or
    annotations, and are never null. Raises Invalid for a bad cursor.
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
    fetch: Callable[[str | None, int], Page[M]],
    keep: Callable[[Sequence[M]], Sequence[M]],
    *,
    cursor: str | None,
    cursor_of: Callable[[M], str],
    size: int = PAGE_SIZE,
) -> Page[M]:
    """Return a page of the items that `keep` leaves of the pages that `fetch(cursor, size)` returns.

    The page is full unless the list ends, or `SCANNED_MAX` rows have been scanned. An empty page has no next page, and
    a cursor, made of `cursor_of(item)`, names only what is shown.
    """
    kept: list[M] = []
    fetched = size + 1
    looked_at = 0
    while looked_at < SCANNED_MAX:
        page = fetch(cursor, fetched)
        kept += keep(page.items)
        if len(kept) > size:
            return Page(kept[:size], cursor_of(kept[size - 1]))
        if not page.next_cursor:
            return Page(kept, "")
        cursor = page.next_cursor
        looked_at += fetched
        fetched = min(fetched * 2, FETCHED_MAX)
    return Page(kept, cursor_of(kept[-1]) if kept else "")


def page_of(items: Sequence[M], *, cursor_of: Any, more: bool) -> Page[M]:
    """Return a page of items that are already loaded; `cursor_of(item)` returns the key values of the last."""
    return Page(list(items), encode_cursor(cursor_of(items[-1])) if more and items else "")


def with_cursor(address: str, cursor: str) -> str:
    """Return a list’s address with the cursor of its next page; unchanged if it has one."""
    if "cursor=" in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}cursor={cursor}"


def more_url(address: str, page: Page[Any]) -> str:
    """Return the address of the list’s next page; empty at its end."""
    return with_cursor(address, page.next_cursor) if page.next_cursor else ""


def page_size(asked: str | None, default: int = PAGE_SIZE) -> int:
    """Return a `limit` from outside, clamped to 1–100. Raises Invalid if it isn’t a number."""
    if not asked:
        return default
    if not asked.isascii() or not asked.isdigit() or len(asked) > 6:
        raise Invalid(
            _("limit must be a number from 1 to 100."),
            fields={"limit": [_("Enter a number from 1 to 100.")]},
        )
    return max(1, min(int(asked), MAX_PAGE_SIZE))


def _after(keys: Sequence[str], names: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition for (a, b) after (x, y): a beyond x, or a = x and b beyond y."""
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
