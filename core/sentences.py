"""Sentences of ours that are stored and read later, each time in the language of whoever reads.

A row keeps what was marked for translation, with its values; `said` makes the words of it. Everything else is said as
it stands: what people and models wrote, and what an older version stored as text.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

Sentence = dict[str, Any]
_MARK = "\x1e"
"""What a kept sentence begins with, and nobody's own words do: core.text.clean takes control characters out."""


def sentence(marked: str, **values: "str | int | Sentence") -> Sentence:
    """One sentence: `marked` by gettext_noop, its values by name; a value may be marked words, too."""
    return {"say": marked, "with": values} if values else {"say": marked}


def kept(*parts: "Sentence | str", most: int) -> str:
    """Sentences in the form in which they are stored, in at most `most` characters.

    A part that is a str is in somebody's own words, which are cut where there is no room for all of them.
    """
    stored = _MARK + _dumps(parts)
    if (over := len(stored) - most) > 0:
        shorter = [f"{part[: -1 - over]}…" if isinstance(part, str) else part for part in parts]
        stored = _MARK + _dumps(shorter)
    return stored


def _dumps(parts: "Sequence[Sentence | str]") -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def said(stored: str) -> str:
    """The words of what is stored, in the language that is spoken now."""
    if not stored.startswith(_MARK):
        return stored
    try:
        return " ".join(_words(part) for part in json.loads(stored[1:]))
    except (ValueError, TypeError, LookupError, RecursionError):
        return stored


def _words(part: Any) -> str:
    if not isinstance(part, dict):
        return str(part)
    words = gettext(part["say"])
    if "with" not in part:
        return words
    return words % {name: _words(value) for name, value in part["with"].items()}
