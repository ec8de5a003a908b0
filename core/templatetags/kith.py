"""Filters and tags that every template may use without loading them."""

import secrets
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.templatetags.static import static
from django.utils.formats import date_format, get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.addresses import readable_address
from core.pages import with_cursor
from core.script_messages import script_messages_url
from core.text import isolated
from core.times import day_in_utc, in_utc, short_ago
from core.translatable import translate_stored

register = template.Library()
register.filter("readable_address", readable_address)
register.filter("isolated", isolated)


@register.simple_tag
def new_key() -> str:
    """Return an idempotency key for a form that must have one effect if it is sent twice (core.idempotency)."""
    return secrets.token_urlsafe(12)


@register.filter
def compact(number: int | None) -> str:
    """Shorten a number: 1234 → 1.2K, 1_500_000 → 1.5M; below 1 it is empty."""
    if not number:
        return ""
    if number >= 1_000_000:
        return _("%(number)sM") % {"number": _rounded(number, 1_000_000)}
    if number >= 1_000:
        return _("%(number)sK") % {"number": _rounded(number, 1_000)}
    return str(number)


def _rounded(number: int, unit: int) -> str:
    if number >= unit * 100:
        return str(number // unit)
    return f"{number / unit:.1f}".removesuffix(".0").replace(".", get_format("DECIMAL_SEPARATOR"))


@register.filter
def shown_link(url: str) -> str:
    """Return a link as people read it: its real host and the path."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return url
    return f"{host}{port}{parts.path}{'?' if parts.query else ''}{parts.query}".rstrip("/") if host else url


@register.filter
def iso(moment: datetime | None) -> str:
    """Return the moment for `<time datetime>`: the same as `date:"c"`, ten times as fast."""
    return moment.isoformat(timespec="seconds") if moment else ""


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """Return how long ago it was; the exact moment is the title."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}" data-time="ago">{}</time>',
        iso(moment),
        in_utc(moment),
        short_ago(moment),
    )


@register.filter
def at(moment: datetime | None) -> SafeString | str:
    """Return day and time, in the reader’s time zone where scripts run, else in UTC."""
    return _moment(moment, "at", in_utc(moment))


@register.filter
def on(moment: datetime | None) -> SafeString | str:
    """Return the day; see `at`."""
    return _moment(moment, "on", day_in_utc(moment))


@register.filter
def month(moment: datetime | None) -> SafeString | str:
    return _moment(moment, "month", date_format(moment, "YEAR_MONTH_FORMAT") if moment else "")


def _moment(moment: datetime | None, shape: str, words: str) -> SafeString | str:
    """Return the <time> element that static/js/time.js updates."""
    return (
        format_html('<time datetime="{}" data-time="{}">{}</time>', iso(moment), shape, words)
        if moment
        else ""
    )


register.filter(short_ago)
register.filter(in_utc)
register.filter(day_in_utc)
register.filter("translate_stored", translate_stored)
register.filter(with_cursor)
register.simple_tag(script_messages_url)


@register.filter
def contains(collection: Any, item: Any) -> bool:
    """Return whether the collection has the item: `{% if liked|contains:post.id %}`."""
    return item in (collection or ())


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return the value of a key: `{% with tag=because|get:post.id %}`."""
    return (mapping or {}).get(key)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, classes: str = "") -> SafeString:
    """Return an icon of static/icons/sprite.svg: `{% icon "heart" %}`, `{% icon "heart" "icon-lg" %}`."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f"icon {classes}".strip(),
        static("icons/sprite.svg"),
        name,
    )
