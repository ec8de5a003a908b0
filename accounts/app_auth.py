"""Applies the rules of our own API to allauth's API for apps (/_allauth/): validation of inputs, format of responses.

Responses keep what allauth's clients read (`status`, `data`, `errors`, `meta`). Errors also get the format of our API
(core.api), and all ids are strings.
"""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from accounts.headless import OnlyWithProviders
from accounts.providers import any_provider
from core.api import error_body, refusal_response, refuse_unknown
from core.limits import JSON_FIELDS, excerpt, read_json
from core.refusals import BadRequest, Conflict, Forbidden, NotFound, Refusal, SignInNeeded, TooMany

PREFIX = "/_allauth/"
UNUSED = {"phone"}
"""Fields of allauth's forms that aren't used here."""
_REFUSALS: dict[int, type[Refusal]] = {
    kind.status: kind for kind in (SignInNeeded, Forbidden, NotFound, Conflict, TooMany)
}


class AppAuthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(PREFIX) and not response.streaming:
            return _formatted(response)
        return response

    def process_view(self, request: HttpRequest, view: Any, *args: Any) -> HttpResponse | None:
        kind = getattr(view, "view_class", None)
        if not request.path.startswith(PREFIX) or kind is None:
            return None
        if issubclass(kind, OnlyWithProviders) and not any_provider():
            # The view responds 404.
            return None
        try:
            _check_key(request.headers.get("X-Password-Reset-Key", ""))
            if request.method != "GET" and kind.handle_json_input and request.body:
                _check(read_json(request.body), _fields_of(kind, request.method or ""))
        except Refusal as refusal:
            return refusal_response(refusal)
        return None


def _check(data: Any, known: set[str]) -> None:
    if not isinstance(data, dict):
        raise BadRequest(_("Send one JSON object."), code="parse_error")
    refuse_unknown(data, known)
    _check_key(data.get("key", ""))
    for name in JSON_FIELDS & data.keys():
        if isinstance(data[name], str):
            # Should be an object; a string is parsed again.
            read_json(data[name].encode())


def _check_key(key: Any) -> None:
    """Refuse a key of a password reset that allauth would fail on."""
    if str(key).strip().startswith("-"):
        raise BadRequest(_("This link doesn’t work. Request a new one."), code="invalid_key")


def _fields_of(kind: Any, method: str) -> set[str]:
    form = kind.input_class
    if isinstance(form, dict):
        form = form.get(method)
    return set(form.base_fields) - UNUSED if form else set()


def _formatted(response: HttpResponse) -> HttpResponse:
    if response.get("Content-Type", "").startswith("application/json"):
        data = json.loads(response.content)
        response.content = json.dumps(_with_text_ids(_with_error(data, response.status_code))).encode()
        if "Content-Length" in response:
            response["Content-Length"] = str(len(response.content))
        return response
    if response.status_code < 400:
        return response
    plain = JsonResponse(
        error_body(*_code_and_message({}, response.status_code)), status=response.status_code
    )
    for name in ("Allow", "Retry-After"):
        if name in response:
            plain[name] = response[name]
    return plain


def _with_error(data: Any, status: int) -> Any:
    if not isinstance(data, dict) or status < 400 or "trace_id" in data:
        return data
    fields: dict[str, list[str]] = {}
    for error in data.get("errors", ()):
        if "param" in error:
            fields.setdefault(excerpt(str(error["param"])), []).append(str(error["message"]))
    return error_body(*_code_and_message(data, status), fields) | data


def _code_and_message(data: dict[str, Any], status: int) -> tuple[str, str]:
    """Return an error code and a message."""
    for error in data.get("errors", ()):
        return str(error["code"]), str(error["message"])
    if status == 401:
        if data.get("meta", {}).get("is_authenticated"):
            return "reauthentication_needed", _("Confirm that it’s you first.")
        if any(flow.get("is_pending") for flow in data.get("data", {}).get("flows", ())):
            return "sign_in_unfinished", _("There’s another step before you’re signed in.")
    if status == 405:
        return "method_not_allowed", _("That can’t be done here.")
    if status == 410:
        return "session_ended", _("Your session has ended. Please sign in again.")
    if status >= 500:
        return "server_error", _("Something went wrong on our end. We’ve logged the error.")
    refusal = _REFUSALS.get(status, BadRequest)()
    return refusal.code, refusal.message


def _with_text_ids(data: Any, name: str = "") -> Any:
    """Convert ids to strings, and other integers that JavaScript can't represent exactly."""
    if isinstance(data, dict):
        return {key: _with_text_ids(value, key) for key, value in data.items()}
    if isinstance(data, list):
        return [_with_text_ids(value, name) for value in data]
    if isinstance(data, int) and not isinstance(data, bool) and (name == "id" or abs(data) >= 2**53):
        return str(data)
    return data
