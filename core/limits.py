"""What may come in: limits on text and JSON, asked for on what was sent, before anything is made of it.

Every door passes here: query strings and paths, forms, JSON, sockets, imported lists.
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
"""Keys, values and list items of one request, all together."""
JSON_FIELDS = {"credential"}
"""Fields of forms that hold JSON: what a passkey says."""
EXCERPT_MAX = 50

_SURROGATE = re.compile("[\ud800-\udfff]")
# A string, also one without an end; or what opens, parts or closes.
_JSON_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]},]', re.DOTALL)


def check_text(text: str, field: str = "") -> None:
    """Raises BadRequest for half a character, Invalid for a text that is too long or has too many marks in a row."""
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
    """`check_text` for the names and the values of a form or a query string, `read_json` for what is JSON in them."""
    for name, values in data.lists():
        check_text(name)
        for value in values:
            if isinstance(value, str):
                check_text(value, name)
                if value and name in JSON_FIELDS:
                    read_json(value.encode())


def check_json(data: Any, field: str = "") -> None:
    """`check_text` for every key and text of parsed JSON."""
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
    """What JSON from outside says. Raises BadRequest when it is none, has too much in it, or has text that
    `check_text` refuses.
    """
    try:
        text = raw.decode("utf-8-sig")
        _check_size(text)
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as fault:
        raise BadRequest(_("That isn’t valid JSON."), code="parse_error") from fault
    check_json(data)
    return data


def excerpt(text: str, most: int = EXCERPT_MAX) -> str:
    """What came from outside as an answer repeats it: short, and without half a character."""
    text = text if len(text) <= most else f"{text[:most]}…"
    return text.encode(errors="replace").decode()


def _at(field: str, sentence: str) -> dict[str, list[str]] | None:
    return {excerpt(field): [sentence]} if field else None


def _check_size(text: str) -> None:
    """Depth and number of items, counted before anything is built of them, and no further than to the limit."""
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
    """NaN and Infinity are no JSON."""
    raise ValueError(name)
