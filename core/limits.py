"""Limits on text and JSON from outside, checked before anything else is done with it.

Every entry point uses them: query strings and paths, forms, JSON, sockets, imported lists.
"""

import json
import re
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.refusals import BadRequest, Invalid
from core.text import has_too_many_marks

JSON_DEPTH_MAX = 20
JSON_ITEMS_MAX = 2_000
"""Keys, values and list items of one request, in total."""
JSON_FIELDS = {"credential"}
"""Form fields that contain JSON: the data of a passkey."""
EXCERPT_MAX = 50

_SURROGATE = re.compile("[\ud800-\udfff]")
# A string, terminated or not; or a bracket, brace or comma.
_JSON_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]},]', re.DOTALL)


def check_text(text: str, field: str = "") -> None:
    """Check one text from outside. Raises BadRequest for an unpaired surrogate, Invalid for a text that is too long
    or has too many combining marks in a row.
    """
    if not text.isascii() and _SURROGATE.search(text):
        sentence = _("That text has a broken character in it.")
        raise BadRequest(sentence, code="parse_error", fields=_at(field, sentence))
    if len(text) > settings.TEXT_MAX_LENGTH:
        sentence = _("At most %(most)s characters.") % {"most": settings.TEXT_MAX_LENGTH}
        raise Invalid(sentence, fields=_at(field, sentence))
    if not text.isascii() and has_too_many_marks(text):
        sentence = _("Too many accents or other marks on one character.")
        raise Invalid(sentence, fields=_at(field, sentence))


def check_form(data: QueryDict) -> None:
    """Check names and values of a form or query string with `check_text`, and JSON values with `read_json`."""
    for name, values in data.lists():
        check_text(name)
        for value in values:
            if isinstance(value, str):
                check_text(value, name)
                if value and name in JSON_FIELDS:
                    read_json(value.encode())


def check_json(data: Any, field: str = "") -> None:
    """Check every key and text of parsed JSON with `check_text`."""
    if isinstance(data, str):
        check_text(data, field)
    elif isinstance(data, dict):
        for key, value in data.items():
            check_text(key)
            check_json(value, field or key)
    elif isinstance(data, list):
        for value in data:
            check_json(value, field)


def read_json(raw: bytes) -> Any:
    """Parse JSON from outside. Raises BadRequest if it is invalid or too big, or has text that `check_text` refuses."""
    try:
        text = raw.decode("utf-8-sig")
        _check_size(text)
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as fault:
        raise BadRequest(_("That isn’t valid JSON."), code="parse_error") from fault
    check_json(data)
    return data


def excerpt(text: str, most: int = EXCERPT_MAX) -> str:
    """Return text from outside as responses quote it: short, and without unpaired surrogates."""
    text = text if len(text) <= most else f"{text[:most]}…"
    return text.encode(errors="replace").decode()


def _at(field: str, sentence: str) -> dict[str, list[str]] | None:
    return {excerpt(field): [sentence]} if field else None


def _check_size(text: str) -> None:
    """Check depth and number of items before the JSON is parsed, and stop at the limit."""
    depth = items = 0
    for token in _JSON_TOKEN.finditer(text):
        first = text[token.start()]
        if first == '"':
            continue
        if first in "]}":
            depth -= 1
            continue
        items += 1
        if first in "[{":
            depth += 1
        if depth > JSON_DEPTH_MAX:
            raise BadRequest(_("That JSON is nested too deeply."), code="parse_error")
        if items > JSON_ITEMS_MAX:
            sentence = _("That JSON has too many items: %(most)s at most.") % {"most": JSON_ITEMS_MAX}
            raise BadRequest(sentence, code="too_many_items")


def _refuse_constant(name: str) -> Any:
    """Refuse NaN and Infinity, which aren’t JSON."""
    raise ValueError(name)
