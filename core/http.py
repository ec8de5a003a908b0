"""What every HTML view needs to know about a request."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

PIECE = 256 * 1024


def site_url(path: str) -> str:
    """Return the address of a path of this site, for what leaves it: a mail, a link to copy.

    Built from SITE_URL and never from the request, whose Host header is up to the sender.
    """
    return f"{settings.SITE_URL}{path}"


def wants_fragment(request: HttpRequest) -> bool:
    """HTMX asks: answer with the fragment instead of a redirect or a whole page."""
    return request.headers.get("HX-Request") == "true"


def redirect_back(request: HttpRequest, default: str = "/") -> HttpResponse:
    """To the page the person came from: `next` of the form, else the Referer, else `default`. Never to another site."""
    return HttpResponseRedirect(current_page(request, default))


def redirect_page(request: HttpRequest, path: str) -> HttpResponse:
    """Redirect the whole page, also when HTMX asked and would put the answer into this one."""
    if wants_fragment(request):
        return HttpResponse(headers={"HX-Redirect": path})
    return HttpResponseRedirect(path)


def current_page(request: HttpRequest, default: str = "/") -> str:
    """The path of the page that the person has before them; never one of another site."""
    for candidate in (
        request.POST.get("next"),
        request.GET.get("next"),
        request.headers.get("HX-Current-URL"),
        request.headers.get("Referer"),
    ):
        if candidate and url_has_allowed_host_and_scheme(
            candidate, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            parts = urlsplit(candidate)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            # Without its host, "https://here//elsewhere" leads elsewhere.
            if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
                return path
    return default


def with_toast(response: HttpResponse, text: str, **extra: Any) -> HttpResponse:
    """Let the page show `text` in a toast (static/js/toast.js listens to HX-Trigger)."""
    import json

    response["HX-Trigger"] = json.dumps({"toast": {"text": text, **extra}})
    return response


def sent_file(request: HttpRequest, file: Any, *, name: str, size: int, kind: str) -> HttpResponseBase:
    """A file of any size, sent in pieces, to be kept by nobody on the way. To store, never to show."""
    pieces: Any = iter(lambda: file.read(PIECE), b"")
    if isinstance(request, ASGIRequest):
        # Django would read the whole of a plain iterator first, to send it from there.
        pieces = _beside(file)
    response = StreamingHttpResponse(pieces, content_type=kind)
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


async def _beside(file: Any) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece
