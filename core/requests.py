"""Django’s requests, except that no header decides how they are decoded.

Django applies the `charset` of Content-Type to the query string too, while it creates the request, where no
middleware could refuse it: some encodings fail there, others take forever or produce unpaired surrogates.
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
