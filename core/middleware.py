import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import LazyObject
from django.utils.translation import gettext as _

from core.admin import check_names
from core.api import refusal_response
from core.bodies import check_body
from core.forms import check_fields
from core.http import VARY_ON, current_page, redirect_back, wants_fragment, with_toast
from core.limits import check_form, check_text
from core.outages import outage
from core.rates import Rate, count
from core.refusals import BadRequest, Invalid, NotFound, Refusal, SignInNeeded, TooLarge, TooMany
from core.trace import current_trace_id, trace_id_from, tracing
from core.views import answers_json, error_title, not_allowed, unavailable_response

log = logging.getLogger("kith.requests")
NON_PAGE_PATHS = ("/api/", "/_allauth/", "/admin/")
"""Paths that check fields themselves."""
LIMITED_ELSEWHERE = ("/api/", "/_allauth/", "/accounts/", "/admin/")
"""Paths with their own rate limits; the admin is for staff only."""
CHANGED_COOKIE = "changed"
CHARSETS_OF_FILES = ("iso-8859-1", "iso-8859-15", "latin-1", "windows-1252", "utf-16")
Handler = Callable[[HttpRequest], HttpResponse]


class TraceMiddleware:
    """Sets the request’s trace id and logs one line when it has been answered."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with tracing(trace_id_from(request.headers.get("traceparent"))):
            response = self.get_response(request)
            # For the log line that Django writes about a refusal after this middleware.
            request.trace_id = response["X-Trace-Id"] = current_trace_id()  # type: ignore[attr-defined]
            log.debug("%s %s %s", request.method, request.path, response.status_code)
            return response


class PermissionsPolicyMiddleware:
    """Turns off browser features that no page of ours uses."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault(
            "Permissions-Policy",
            "camera=(), microphone=(), geolocation=(), browsing-topics=()",
        )
        return response


class CacheControlMiddleware:
    """Sets Cache-Control, unless the view has set it.

    What is under settings.NEVER_STORED_PATHS is never stored, nor are the API’s responses to members. Other responses
    to members are stored by their browser only, which revalidates them each time: going back shows a page as it was
    left (`no-store` would exclude it from the back/forward cache). Responses to visitors have no header.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _ends_session(response):
            # The Back button must not show what a member saw before they signed out.
            response["Clear-Site-Data"] = '"cache"'
        if (
            request.method == "POST"
            and not request.path.startswith(NON_PAGE_PATHS)
            and _is_signed_in(request)
        ):
            response.set_cookie(
                CHANGED_COOKIE,
                secrets.token_urlsafe(6),
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        is_api = request.path.startswith("/api/")
        kind = response.get("Content-Type", "")
        if is_api:
            patch_vary_headers(response, ["Authorization", "Cookie"])
        elif kind.startswith(("text/html", "text/plain")):
            # The same address returns a page or a fragment.
            patch_vary_headers(response, VARY_ON)
        if response.has_header("Cache-Control"):
            return response
        if request.path.startswith(settings.NEVER_STORED_PATHS):
            response["Cache-Control"] = "private, no-store"
        elif _is_signed_in(request):
            response["Cache-Control"] = "private, no-store" if is_api else "private, no-cache"
        return response


def _ends_session(response: HttpResponse) -> bool:
    """Whether the browser is told to forget its session: the member signed out, or it was ended elsewhere."""
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and not cookie.value


def _is_signed_in(request: HttpRequest) -> bool:
    """Return whether the response was made for a member. If no view looked at the user, it was made for everyone."""
    user = getattr(request, "user", None)
    if isinstance(user, LazyObject):
        user = getattr(request, "_cached_user", None)
    return user is not None and user.is_authenticated


class RefusalMiddleware:
    """Shows refusals and outages in the form that the client expects, and limits writes by form."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method in ("GET", "POST"):
            # Django's own is an empty page.
            page = not_allowed(request)
            page["Allow"] = response["Allow"]
            page._has_been_logged = True  # type: ignore[attr-defined]
            return page
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Limit a member's writes, counting forms together with the API."""
        if request.method != "POST" or request.path.startswith(LIMITED_ELSEWHERE) or not request.user.pk:
            return None
        verdict = count(f"api:write:m{request.user.pk}", Rate.parse(settings.API_RATES["write"]))
        if verdict.allowed:
            return None
        response = refused(request, TooMany(retry_after=verdict.reset))
        response["Retry-After"] = str(verdict.reset)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if (unavailable := outage(exception)) is not None:
            log.warning("outage at %s: %s", request.path, exception)
            return unavailable_response(request, unavailable)
        return refused(request, exception) if isinstance(exception, Refusal) else None


class LimitsMiddleware:
    """Checks bodies, texts and fields of requests (core.bodies, core.limits) before a view uses them.

    The API checks bodies itself (core.api), whatever their encoding.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            check_body(request)
            _check_charset(request)
            _check_path(request)
            check_form(request.GET)
        except Refusal as refusal:
            # It isn’t read to find out where the form came from.
            request.POST = QueryDict()
            return refused(request, refusal)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        try:
            if request.method == "POST" and not request.path.startswith("/api/"):
                check_form(request.POST)
            if request.method == "POST" and not request.path.startswith(NON_PAGE_PATHS):
                check_fields(request, view, args, kwargs)
            if (model_admin := getattr(view, "model_admin", None)) is not None:
                check_names(model_admin, request)
        except Refusal as refusal:
            return refused(request, refusal)
        return None


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the refusal in the form that the client expects: JSON, a toast, or a page."""
    if answers_json(request):
        return refusal_response(refusal)
    if wants_fragment(request):
        response = HttpResponse(
            refusal.message,
            status=refusal.status,
            content_type="text/plain; charset=utf-8",
        )
        # The page stays as it is, and a toast shows the reason.
        response["HX-Reswap"] = "none"
        if isinstance(refusal, SignInNeeded):
            # Sign in, then return to the page that was being read.
            response["HX-Redirect"] = redirect_to_login(refusal.back or current_page(request)).url
        return with_toast(response, refusal.message, kind="error")
    if isinstance(refusal, SignInNeeded):
        return redirect_to_login(
            refusal.back or (request.get_full_path() if request.method == "GET" else current_page(request))
        )
    if request.method == "POST" and isinstance(refusal, Invalid | TooLarge):
        messages.error(request, refusal.message)
        return redirect_back(request)
    # A plain NotFound looks like an unknown address.
    plain = refusal.message == str(type(refusal).default_message)
    return render(
        request,
        [f"errors/{refusal.status}.html", "errors/refusal.html"] if plain else "errors/refusal.html",
        {
            "refusal": refusal,
            "status": refusal.status,
            "title": error_title(refusal.status),
            "trace_id": current_trace_id(),
        },
        status=refusal.status,
    )


def _check_charset(request: HttpRequest) -> None:
    """Refuse other encodings than UTF-8: some of Python’s make unpaired surrogates, or take forever."""
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if charset in ("utf-8", "utf8", "us-ascii", "ascii"):
        return
    # Files have their own encodings.
    if charset not in CHARSETS_OF_FILES or not (request.content_type or "").startswith("text/"):
        raise BadRequest(_("Send text as UTF-8."), code="unsupported_charset")


def _check_path(request: HttpRequest) -> None:
    try:
        check_text(request.path)
    except Refusal:
        raise NotFound from None
