import mimetypes

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.exceptions import TemplateDoesNotExist
from django.views.decorators.http import require_safe

from core.api import error_body
from core.consumers import MAX_STREAMS, catch_up, snowflake
from core.http import viewer_of, wants_fragment, with_toast
from core.refusals import Invalid, NotFound, Refusal
from core.trace import current_trace_id


def alive(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """Readiness: the database answers too."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return JsonResponse({"status": "unavailable", "database": False}, status=503)
    return JsonResponse({"status": "ok", "database": True})


@require_safe
def stored_file(request: HttpRequest, name: str) -> HttpResponse:
    """A picture from the local folder; with S3 the storage serves its own.

    Names are drawn at random and never used again, so what was once fetched stays true.
    """
    try:
        with default_storage.open(name) as file:
            body = file.read()
    except (OSError, ValueError, SuspiciousFileOperation):
        raise NotFound from None
    kind, _ = mimetypes.guess_type(name)
    response = HttpResponse(body, content_type=kind or "application/octet-stream")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def style(request: HttpRequest) -> HttpResponse:
    """Every component in every state; development only."""
    if not settings.SHOW_STYLE_PAGE:
        raise NotFound
    return render(request, "style.html")


def since(request: HttpRequest) -> HttpResponse:
    """What the socket would say on following `streams` (comma-separated) `after` an id: for where sockets are
    blocked.
    """
    streams = [name for name in request.GET.get("streams", "").split(",") if name]
    if len(streams) > MAX_STREAMS:
        raise Invalid(f"At most {MAX_STREAMS} streams.")
    found = catch_up(viewer_of(request), streams, snowflake(request.GET.get("after", "")))
    said = {"streams": found.streams, "refused": found.refused, "facts": found.facts}
    return JsonResponse(said, headers={"Cache-Control": "no-store"})


def _error(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(error_body(code, message), status=status)
    if wants_fragment(request):
        response = HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
        response["HX-Reswap"] = "none"
        return with_toast(response, message, kind="error", trace_id=current_trace_id())
    refusal = Refusal(message, code=code)
    context = {"refusal": refusal, "status": status, "trace_id": current_trace_id()}
    try:
        return render(request, f"errors/{status}.html", context, status=status)
    except TemplateDoesNotExist:
        return render(request, "errors/refusal.html", context, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 404, "not_found", "There is nothing here.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 403, "forbidden", "You may not do that.")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, 400, "bad_request", "That request could not be understood.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(
        request,
        403,
        "stale_form",
        "This form has grown old. Reload the page and try once more.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault: as little as possible may go wrong here, so no database and no session."""
    message = "Something went wrong on our side. It has been noted."
    if request.path.startswith("/api/") or wants_fragment(request):
        return _error(request, 500, "server_error", message)
    from django.template.loader import render_to_string

    return HttpResponse(
        render_to_string("errors/500.html", {"trace_id": current_trace_id()}),
        status=500,
    )
