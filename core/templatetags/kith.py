"""What every template may use without loading it."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.pages import with_cursor

register = template.Library()


@register.filter
def compact(number: int | None) -> str:
    """1234 → 1.2K, 1_500_000 → 1.5M; nothing below 1 is shown as empty."""
    if not number:
        return ""
    for limit, sign in ((1_000_000, "M"), (1_000, "K")):
        if number >= limit:
            short = (
                f"{number / limit:.1f}".removesuffix(".0") if number < limit * 100 else str(number // limit)
            )
            return f"{short}{sign}"
    return str(number)


@register.filter
def short_ago(moment: datetime | None) -> str:
    """How long ago, in the length of a badge: now, 5m, 3h, 2d, then the day."""
    if moment is None:
        return ""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{int(seconds // 60)}m"
    if seconds < 86_400:
        return f"{int(seconds // 3600)}h"
    if seconds < 7 * 86_400:
        return f"{int(seconds // 86_400)}d"
    same_year = moment.year == timezone.now().year
    return f"{moment:%b} {moment.day}" if same_year else f"{moment:%b} {moment.day}, {moment.year}"


@register.filter
def iso(moment: datetime | None) -> str:
    """For `<time datetime>`; what `date:"c"` says, in a tenth of its time."""
    return moment.isoformat(timespec="seconds") if moment else ""


register.filter(with_cursor)


@register.filter
def contains(collection: Any, item: Any) -> bool:
    """`{% if liked|contains:post.id %}`."""
    return item in (collection or ())


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`{% with tag=because|get:post.id %}`."""
    return (mapping or {}).get(key)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, classes: str = "") -> SafeString:
    """`{% icon "heart" %}`, `{% icon "heart" "icon-lg" %}`: one drawing of static/icons/sprite.svg."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f"icon {classes}".strip(),
        static("icons/sprite.svg"),
        name,
    )
