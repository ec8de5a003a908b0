"""A form whose CSRF token is no longer valid: someone signed in or out in another tab, or the page was open for very
long.

Nothing is done, and nothing typed is lost: the response has a form that can be sent again.
"""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import trigger_client_event

from core.http import wants_fragment, with_toast
from core.refusals import Forbidden

MESSAGE = gettext_lazy(
    "Nothing was sent: this page was open for too long, or you signed in somewhere else. Please try again."
)
LABELS = {
    "text": gettext_lazy("Text"),
    "bio": gettext_lazy("Bio"),
    "reason": gettext_lazy("Reason"),
    "note": gettext_lazy("Note"),
    "words": gettext_lazy("Message"),
    "display_name": gettext_lazy("Display name"),
    "name": gettext_lazy("Name"),
    "login": gettext_lazy("Email or username"),
    "email": gettext_lazy("Email"),
    "username": gettext_lazy("Username"),
}
"""Labels of the fields that people type into; other fields are sent along hidden."""
LONG = {"text", "bio", "reason", "note", "words"}


def stale_form(request: HttpRequest, reason: str) -> HttpResponse:
    """Answer a form that CsrfViewMiddleware has refused for `reason`."""
    if wants_fragment(request):
        response = HttpResponse(str(MESSAGE), status=403, content_type="text/plain; charset=utf-8")
        # The page keeps the form, and gets the new token (static/js/toast.js).
        response["HX-Reswap"] = "none"
        with_toast(response, str(MESSAGE), kind="error")
        return trigger_client_event(response, "csrf", {"token": get_token(request)})
    if _is_for_guests(request) and request.user.is_authenticated:
        # Signed in in another tab: the page redirects to the right place.
        there = request.POST.get("next")
        return redirect(f"{request.path}?{urlencode({'next': there})}" if there else request.path)
    context: dict[str, Any] = {"refusal": Forbidden(MESSAGE, code="stale_form"), "status": 403}
    if _is_ours(reason):
        context["fields"] = _fields(request)
        context["files"] = sorted(request.FILES)
    response = render(request, "errors/stale.html", context, status=403)
    response["Cache-Control"] = "private, no-store"
    return response


def _is_for_guests(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.view_name in settings.GUEST_PAGES


def _is_ours(reason: str) -> bool:
    """Return whether the form was on a page of this site. Data from another site isn’t offered for sending again."""
    return not reason.startswith(("Origin checking", "Referer checking"))


def _fields(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the submitted data as form fields. Passwords must be entered again and are never shown."""
    fields = []
    for name, values in request.POST.lists():
        if name == "csrfmiddlewaretoken":
            continue
        kind = "hidden"
        if "password" in name:
            kind = "password"
        elif name in LABELS and len(values) == 1:
            kind = "textarea" if name in LONG else "text"
        for value in values:
            fields.append(
                {
                    "name": name,
                    "kind": kind,
                    "label": _("Password") if kind == "password" else LABELS.get(name, name),
                    "value": "" if kind == "password" else value,
                }
            )
    return fields
