"""Messages of ours that are stored and translated when they are read, each time into the reader’s language.

A column holds the message as it was marked for translation, with its values; `translate_stored` renders it. Other
text is returned unchanged: what people and models wrote, and what an older version stored.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

Translatable = dict[str, Any]
_PREFIX = "\x1e"
"""Marks a stored message. Nobody’s own text begins with it: core.text.clean removes control characters."""


def translatable(marked: str, **values: "str | int | Translatable") -> Translatable:
    """Return one message: `marked` by gettext_noop, its values by name; a value may be translatable too."""
    return {"say": marked, "with": values} if values else {"say": marked}


def dump_translatable(*parts: "Translatable | str", most: int) -> str:
    """Return the messages as they are stored, in up to `most` characters.

    A part that is a str is someone’s own text, and is cut if there is no room for all of it.
    """
    stored = _PREFIX + _dumps(parts)
    if (over := len(stored) - most) > 0:
        shorter = [f"{part[: -1 - over]}…" if isinstance(part, str) else part for part in parts]
        stored = _PREFIX + _dumps(shorter)
    return stored


def _dumps(parts: "Sequence[Translatable | str]") -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def translate_stored(stored: str) -> str:
    """Return the text of a stored message in the active language."""
    if not stored.startswith(_PREFIX):
        return stored
    try:
        return " ".join(_translate(part) for part in json.loads(stored[1:]))
    except (ValueError, TypeError, LookupError, RecursionError):
        return stored


def _translate(part: Any) -> str:
    if not isinstance(part, dict):
        return str(part)
    text = gettext(part["say"])
    if "with" not in part:
        return text
    return text % {name: _translate(value) for name, value in part["with"].items()}
