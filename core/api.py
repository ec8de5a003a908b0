"""The one shape of an API error: {"error", "message", "trace_id"} and, for bad input, {"fields"}."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.refusals import Refusal, TooMany
from core.trace import current_trace_id

log = logging.getLogger("kith.api")


def error_body(code: str, message: str, fields: dict[str, list[str]] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "error": code,
        "message": message,
        "trace_id": current_trace_id(),
    }
    if fields:
        body["fields"] = fields
    return body


def refusal_response(refusal: Refusal) -> JsonResponse:
    response = JsonResponse(error_body(refusal.code, refusal.message, refusal.fields), status=refusal.status)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    return response


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exceptions and ours in the one shape; anything else becomes a 500 that tells nothing internal."""
    set_rollback()
    headers: dict[str, str] = {}
    if isinstance(exception, Refusal):
        if isinstance(exception, TooMany):
            headers["Retry-After"] = str(exception.retry_after)
        return Response(
            error_body(exception.code, exception.message, exception.fields),
            status=exception.status,
            headers=headers,
        )
    if isinstance(exception, Http404):
        return Response(error_body("not_found", "There is nothing here."), status=404)
    if isinstance(exception, PermissionDenied):
        return Response(error_body("forbidden", "You may not do that."), status=403)
    if isinstance(exception, exceptions.ValidationError):
        detail = exception.detail
        fields = (
            {k: _sentences(v) for k, v in detail.items()}
            if isinstance(detail, dict)
            else {"": _sentences(detail)}
        )
        return Response(error_body("invalid", "Please check what you sent.", fields), status=422)
    if isinstance(exception, exceptions.APIException):
        if wait := getattr(exception, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
        if isinstance(exception, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            headers["WWW-Authenticate"] = "Bearer"
        code = str(getattr(exception.detail, "code", None) or exception.default_code)
        return Response(
            error_body(code, str(exception.detail)),
            status=exception.status_code,
            headers=headers,
        )
    log.error("fault in %s", type(context.get("view")).__name__, exc_info=exception)
    return Response(
        error_body("server_error", "Something went wrong on our side. It has been noted."),
        status=500,
    )


def _sentences(detail: Any) -> list[str]:
    if isinstance(detail, list):
        return [sentence for part in detail for sentence in _sentences(part)]
    if isinstance(detail, dict):
        return [f"{key}: {sentence}" for key, part in detail.items() for sentence in _sentences(part)]
    return [str(detail)]
