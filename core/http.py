"""Helpers for HTML views: page or fragment, redirects, toasts, downloads."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails

from core.refusals import Refusal

CHUNK_SIZE = 256 * 1024
R = TypeVar("R", bound=HttpResponseBase)


def site_url(path: str) -> str:
    """Return the absolute URL of a path of this site, for emails and links to copy.

    Built from SITE_URL and never from the request, whose Host header the sender controls.
    """
    return f"{settings.SITE_URL}{path}"


LEVELS = {
    "success": messages.SUCCESS,
    "info": messages.INFO,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}
"""Kind of a toast → level of Django’s messages."""

Context = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
"""A template’s context, or a function that computes it only if it is needed."""

VARY_ON = ("HX-Request", "HX-History-Restore-Request")
"""The headers that decide between a page and a fragment."""


def wants_fragment(request: HttpRequest) -> bool:
    """Return whether HTMX asks for a fragment. When it restores a page from the history, it needs the whole page.

    Views leave this to `render_page_or_fragment`, `render_fragment_or_redirect` and `redirect_page`.
    """
    htmx = _htmx(request)
    return bool(htmx) and not htmx.history_restore_request


def render_page_or_fragment(
    request: HttpRequest,
    page: str,
    context: Mapping[str, Any],
    *,
    fragment: str = "",
    more: str = "",
    page_context: Callable[[], Mapping[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the template `page`, or the part of it that HTMX requests.

    `more` is the next part of a list that is already on the page (the address has a cursor), `fragment` everything
    else. What only the page needs comes from `page_context`.
    """
    template = page
    if wants_fragment(request):
        template = (more if "cursor" in request.GET else "") or fragment or page
    if template == page and page_context is not None:
        context = {**context, **page_context()}
    response = render(request, template, context, status=status)
    patch_vary_headers(response, VARY_ON)
    return response


def render_fragment_or_redirect(
    request: HttpRequest,
    redirect: HttpResponse,
    *,
    fragment: str = "",
    context: Context | None = None,
    message: str = "",
    kind: str = "success",
    undo: str = "",
    toast: str | None = None,
    status: int = 200,
    events: Callable[[], Mapping[str, dict[str, Any]]] | None = None,
) -> HttpResponse:
    """Respond to a successful form: `fragment` (or nothing) to HTMX, else the redirect.

    `message` is shown on the page after the redirect, and for HTMX in a toast unless `toast` replaces it ("": none).
    `undo` is the URL that undoes the action, `events` are what HTMX triggers on the page.
    """
    if not wants_fragment(request):
        if message:
            messages.add_message(request, LEVELS[kind], message, extra_tags=undo)
        patch_vary_headers(redirect, VARY_ON)
        return redirect
    response = HttpResponse(status=status)
    if fragment:
        response = render(request, fragment, context() if callable(context) else context, status=status)
    if text := message if toast is None else toast:
        with_toast(response, text, kind=kind, **({"undo": undo} if undo else {}))
    for name, detail in (events() if events else {}).items():
        trigger_client_event(response, name, detail)
    patch_vary_headers(response, VARY_ON)
    return response


def refuse_on_page(
    request: HttpRequest, refusal: Refusal, page: Callable[[Refusal], HttpResponse]
) -> HttpResponse:
    """Show a refusal on the page of its form. HTMX shows it in a toast: the form is still there (RefusalMiddleware)."""
    if wants_fragment(request):
        raise refusal
    response = page(refusal)
    patch_vary_headers(response, VARY_ON)
    return response


def redirect_back(request: HttpRequest, default: str = "/") -> HttpResponse:
    """Redirect to the page the person came from: `next` of the form, else the Referer, else `default`. Never to
    another site.
    """
    return HttpResponseRedirect(current_page(request, default))


def redirect_page(request: HttpRequest, path: str, *, from_dialog: str = "") -> HttpResponse:
    """Redirect the whole page, also for HTMX, which would put the response into the current one.

    `from_dialog`: where to redirect a form that HTMX showed in a dialog over another page.
    """
    response: HttpResponse = HttpResponseRedirect(path)
    if wants_fragment(request):
        response = HttpResponse(headers={"HX-Redirect": from_dialog or path})
    patch_vary_headers(response, VARY_ON)
    return response


def current_page(request: HttpRequest, default: str = "/") -> str:
    """Return the path of the page that the person is on; never one of another site."""
    for candidate in (
        request.POST.get("next"),
        request.GET.get("next"),
        _htmx(request).current_url,
        request.headers.get("Referer"),
    ):
        if candidate and url_has_allowed_host_and_scheme(
            candidate, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            parts = urlsplit(candidate)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            # Without its host, "https://here//elsewhere" would lead elsewhere.
            if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
                return path
    return default


def with_toast(response: HttpResponse, text: str, **extra: Any) -> HttpResponse:
    """Make the page show `text` in a toast (static/js/toast.js listens to HX-Trigger)."""
    return trigger_client_event(response, "toast", {"text": text, **extra})


def _htmx(request: HttpRequest) -> HtmxDetails:
    """Return HTMX’s details of a request, as django-htmx reads them."""
    details: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return details


def file_response(request: HttpRequest, file: Any, *, name: str, size: int, kind: str) -> HttpResponseBase:
    """Return a download of any size, sent in chunks and never cached. Browsers save it and don’t display it."""
    response = stream_response(request, file, size=size, kind=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return secured(response)


def secured(response: R) -> R:
    """Let no browser run or guess anything in a file that isn't ours."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def stream_response(
    request: HttpRequest, file: Any, *, size: int, kind: str, status: int = 200
) -> StreamingHttpResponse:
    """Return `size` bytes of a file, from where it stands, in chunks."""
    chunks: Any = _read(file, size)
    if isinstance(request, ASGIRequest):
        # Under ASGI, Django reads a synchronous iterator completely before it sends anything.
        chunks = _read_async(file, size)
    response = StreamingHttpResponse(chunks, content_type=kind, status=status)
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    response["Content-Length"] = str(size)
    return response


def _read(file: Any, size: int) -> Iterator[bytes]:
    while size > 0 and (chunk := file.read(min(CHUNK_SIZE, size))):
        size -= len(chunk)
        yield chunk


async def _read_async(file: Any, size: int) -> AsyncIterator[bytes]:
    while size > 0 and (chunk := await asyncio.to_thread(file.read, min(CHUNK_SIZE, size))):
        size -= len(chunk)
        yield chunk
