"""Requests as Django makes them, except that nobody chooses by a header how they are decoded.

Django takes `charset` from Content-Type for the query string, too, and while it makes the request, where no middleware
could refuse it: some encodings fail there, others take for ever or make half characters.
"""

from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters

UNREADABLE = "unreadable"


class _Utf8:
    content_type: str | None
    content_params: dict[str, str] | None

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """Leave the encoding alone. If it can’t be read, core.middleware refuses its charset."""
        given = meta.get("CONTENT_TYPE", "")
        try:
            self.content_type, self.content_params = parse_header_parameters(given)
        except (ValueError, LookupError, IndexError):
            self.content_type = given.partition(";")[0].strip().lower()
            self.content_params = {"charset": UNREADABLE}


class Utf8WSGIRequest(_Utf8, WSGIRequest):
    pass


class Utf8ASGIRequest(_Utf8, ASGIRequest):
    pass
