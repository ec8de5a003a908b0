import mimetypes
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core import health
from core.api import error_body
from core.bearer import holder_of, token_in
from core.consumers import MAX_STREAMS, catch_up, snowflake
from core.http import wants_fragment, with_toast
from core.languages import is_offered
from core.outages import outage
from core.refusals import Invalid, NotFound, Refusal, Sentence, Unavailable
from core.script_messages import script_messages
from core.stale import MESSAGE, stale_form
from core.trace import current_trace_id

MACHINES = ("/api/", "/_allauth/")
"""Paths for apps, with responses in JSON."""


ERROR_TITLES: dict[int, Sentence] = {
    400: gettext_lazy("We couldn’t understand that request"),
    403: gettext_lazy("You don’t have access to this page"),
    404: gettext_lazy("Page not found"),
    405: gettext_lazy("This page can’t be opened directly"),
    409: gettext_lazy("This has changed"),
    411: gettext_lazy("The length is missing"),
    413: gettext_lazy("That’s too large"),
    422: gettext_lazy("Check your input"),
    429: gettext_lazy("Too many requests"),
}


def alive(request: HttpRequest) -> HttpResponse:
    """Report liveness: the process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """Report readiness: whether pages can be shown, and the state of every part.

    503 only without the database: taking all web processes out of service because of another part would help nobody.
    Other failing parts are named, with the status "degraded".
    """
    parts = health.report()
    if parts["database"] != health.OK:
        return _health("unavailable", parts, status=503)
    return _health("ok" if set(parts.values()) == {health.OK} else "degraded", parts)


def jobs(request: HttpRequest) -> HttpResponse:
    """Report for alerts: 503 if the schedule, or the workers of a queue, have no recent heartbeat."""
    try:
        parts = health.jobs_report()
    except Error:
        return _health("unavailable", {"database": health.AWAY}, status=503)
    if set(parts.values()) == {health.OK}:
        return _health("ok", parts)
    return _health("late", parts, status=503)


def _health(status_text: str, parts: dict[str, str], *, status: int = 200) -> HttpResponse:
    return JsonResponse(
        {"status": status_text, "parts": parts}, status=status, headers={"Cache-Control": "no-store"}
    )


@require_safe
def stored_file(request: HttpRequest, name: str) -> HttpResponse:
    """Return a picture from the local folder; with S3 the storage serves its own.

    Names are random and never reused, so what was once fetched stays valid.
    """
    try:
        with default_storage.open(name) as file:
            body = file.read()
    except (OSError, ValueError, SuspiciousFileOperation):
        raise NotFound from None
    kind = mimetypes.guess_type(name)[0]
    response = HttpResponse(body, content_type=kind or "application/octet-stream")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def js_messages(request: HttpRequest, language: str) -> HttpResponse:
    """Return the messages of the scripts in this language, cacheable for good: new messages get a new URL."""
    if not is_offered(language):
        raise NotFound
    response = HttpResponse(script_messages(language), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Language"] = language
    return response


ROBOTS = """\
User-agent: *
Disallow: /accounts/
Disallow: /admin/
Disallow: /api/
Allow: /api/docs
Disallow: /_allauth/
Disallow: /search

Sitemap: {site_url}/sitemap.xml
"""
"""Excludes pages that aren’t worth crawling. Pages that must not be found have `noindex` instead, which crawlers see
only if they may read them.
"""


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(
        ROBOTS.format(site_url=settings.SITE_URL), content_type="text/plain; charset=utf-8"
    )
    response["Cache-Control"] = "public, max-age=3600"
    return response


def style(request: HttpRequest) -> HttpResponse:
    """Show every component in every state; development only, and in English."""
    if not settings.SHOW_STYLE_PAGE:
        raise NotFound
    with translation.override("en"):
        return render(request, "style.html")


def since(request: HttpRequest) -> HttpResponse:
    """Return what the socket sends when a client subscribes to `streams` (comma-separated) `after` an id, for clients
    whose WebSockets are blocked. An app authenticates with `Authorization: Bearer`.
    """
    streams = [name for name in request.GET.get("streams", "").split(",") if name]
    if len(streams) > MAX_STREAMS:
        raise Invalid(_("At most %(most)s streams.") % {"most": MAX_STREAMS})
    viewer: AbstractBaseUser | None = request.user if request.user.is_authenticated else None
    token = token_in(request.headers.get("Authorization", ""))
    if token is not None:
        holder = holder_of(token)
        if holder is None:
            body = error_body("authentication_failed", _("This token is no longer valid."))
            return JsonResponse(body, status=401, headers={"WWW-Authenticate": "Bearer"})
        viewer = holder.member
    found = catch_up(viewer, streams, snowflake(request.GET.get("after", "")))
    return JsonResponse(
        {"streams": found.streams, "refused": found.refused, "facts": found.messages},
        headers={"Cache-Control": "no-store"},
    )


def _speak_to(request: HttpRequest) -> None:
    """Activate the language of the request, even if it failed before its language was known; without a database."""
    if not hasattr(request, "LANGUAGE_CODE"):
        translation.activate(translation.get_language_from_request(request))


def absent(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Raise NotFound at a URL of a library that we don’t offer."""
    raise NotFound


def answers_json(request: HttpRequest) -> bool:
    return request.path.startswith(MACHINES)


def error_title(status: int) -> Sentence:
    """Return what went wrong, in words: the title and heading of the page."""
    return ERROR_TITLES.get(status, gettext_lazy("That didn’t work"))


def _error(request: HttpRequest, status: int, code: str, sentence: Sentence) -> HttpResponse:
    _speak_to(request)
    message = str(sentence)
    if answers_json(request):
        return JsonResponse(error_body(code, message), status=status)
    if wants_fragment(request):
        response = HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
        response["HX-Reswap"] = "none"
        return with_toast(response, message, kind="error", trace_id=current_trace_id())
    refusal = Refusal(message, code=code)
    context = {
        "refusal": refusal,
        "status": status,
        "title": error_title(status),
        "trace_id": current_trace_id(),
    }
    try:
        return render(request, f"errors/{status}.html", context, status=status)
    except TemplateDoesNotExist:
        return render(request, "errors/refusal.html", context, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 404, "not_found", gettext_lazy("Not found."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 403, "forbidden", gettext_lazy("You don’t have permission to do that."))


def not_allowed(request: HttpRequest) -> HttpResponse:
    """Respond to a browser that opens the URL of a button or a form."""
    sentence = gettext_lazy("It’s the address of a button or a form. Go back to the page it’s on.")
    return _error(request, 405, "not_allowed", sentence)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 400, "bad_request", gettext_lazy("We couldn’t understand that request."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    _speak_to(request)
    if answers_json(request):
        return _error(request, 403, "stale_form", MESSAGE)
    return stale_form(request, reason)


def server_error(request: HttpRequest) -> HttpResponse:
    """Show the error page. It uses no database and no session, so that little can go wrong."""
    if (refusal := outage(sys.exception())) is not None:
        return unavailable_response(request, refusal)
    _speak_to(request)
    message = gettext_lazy("Something went wrong on our end. We’ve logged the error.")
    if answers_json(request) or wants_fragment(request):
        return _error(request, 500, "server_error", message)
    return HttpResponse(
        render_to_string("errors/500.html", {"trace_id": current_trace_id()}),
        status=500,
    )


def unavailable_response(request: HttpRequest, refusal: Unavailable) -> HttpResponse:
    """Return 503 in the form that the client expects, without the database."""
    _speak_to(request)
    if answers_json(request) or wants_fragment(request):
        response = _error(request, refusal.status, refusal.code, refusal.message)
    else:
        context = {
            "message": refusal.message,
            "again": request.method == "GET",
            "trace_id": current_trace_id(),
        }
        page = render_to_string("errors/503.html", context)
        response = HttpResponse(page, status=refusal.status)
    response["Retry-After"] = str(refusal.retry_after)
    response["Cache-Control"] = "no-store"
    return response
