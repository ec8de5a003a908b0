"""What all REST views share: authentication, rate limits, pagination, and one shape of errors.

An error is {"error", "message", "trace_id"} and, for bad input, {"fields"}.
"""

import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db.models import QuerySet
from django.http import Http404, JsonResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView, set_rollback

from core.client import address_group, client_address
from core.limits import check_form, excerpt
from core.outages import outage
from core.pages import Page, page_size, paginate
from core.rates import Rate, RateResult, count
from core.refusals import Invalid, Refusal, Sentence, SignInNeeded, UnknownFields
from core.trace import current_trace_id

log = logging.getLogger("kith.api")
FIELDS_SHOWN, SENTENCES_SHOWN, SENTENCE_MAX = 10, 5, 500
"""A response names the first few errors."""


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
    body = error_body(refusal.code, refusal.message, refusal.fields)
    return JsonResponse(body, status=refusal.status, headers=refusal_headers(refusal))


def refusal_headers(refusal: Refusal) -> dict[str, str]:
    if isinstance(refusal, SignInNeeded):
        return {"WWW-Authenticate": "Bearer"}
    wait = getattr(refusal, "retry_after", None)
    return {} if wait is None else {"Retry-After": str(wait)}


OF_DJANGO: tuple[tuple[type[Exception], int, str, Sentence], ...] = (
    (Http404, 404, "not_found", gettext_lazy("Not found.")),
    (PermissionDenied, 403, "forbidden", gettext_lazy("You don’t have permission to do that.")),
    (RequestDataTooBig, 413, "too_large", gettext_lazy("That’s too much at once.")),
    (SuspiciousOperation, 400, "bad_request", gettext_lazy("We couldn’t understand that request.")),
)
"""Django’s exceptions, with the status, code and message of their responses."""


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Return DRF’s exceptions and ours in one shape; anything else becomes a 500 without internal details."""
    set_rollback()
    if (refusal := outage(exception)) is not None:
        log.warning("outage in %s: %s", type(context.get("view")).__name__, exception)
        exception = refusal
    if isinstance(exception, exceptions.NotAuthenticated):
        # Visitors get the same refusal from the framework and from views.
        exception = SignInNeeded()
    if isinstance(exception, Refusal):
        body = error_body(exception.code, exception.message, exception.fields)
        return Response(body, status=exception.status, headers=refusal_headers(exception))
    for kind, status, code, sentence in OF_DJANGO:
        if isinstance(exception, kind):
            return Response(error_body(code, str(sentence)), status=status)
    if isinstance(exception, exceptions.APIException):
        return _drf_response(exception)
    log.error("fault in %s", type(context.get("view")).__name__, exc_info=exception)
    body = error_body("server_error", _("Something went wrong on our end. We’ve logged the error."))
    return Response(body, status=500)


def _drf_response(exception: exceptions.APIException) -> Response:
    detail = exception.detail
    if isinstance(exception, exceptions.ValidationError):
        named = detail.items() if isinstance(detail, dict) else [("", detail)]
        fields = {excerpt(str(k)): _sentences(v)[:SENTENCES_SHOWN] for k, v in islice(named, FIELDS_SHOWN)}
        return Response(error_body("invalid", _("Please check your input."), fields), status=422)
    headers = {}
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(exception, exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = "Bearer"
    code = str(getattr(detail, "code", None) or exception.default_code)
    return Response(error_body(code, str(detail)), status=exception.status_code, headers=headers)


M = TypeVar("M")

CURSOR = OpenApiParameter(
    "cursor", str, description="`next` of the previous page. Omit it for the first page."
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Within 24 hours, the same key with the same content returns the first answer and does nothing more.",
)
LIMIT = OpenApiParameter("limit", int, description="Number of items, from 1 to 100.")


class Input(serializers.Serializer[Any]):
    """Base of all inputs. Refuses unknown fields, rather than ignoring them silently."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            refuse_unknown(data, self.fields)
        return super().to_internal_value(data)


def refuse_unknown(data: Any, known: Collection[str]) -> None:
    """Refuse what is in `data` and not in `known`. Raises UnknownFields, which names the first few."""
    if not isinstance(data, Mapping):
        raise UnknownFields(_("This doesn’t take any content."))
    # Forms use brackets or dots for nested fields: places[0].
    unknown = [name for name in data if re.split(r"[\[.]", name, maxsplit=1)[0] not in known]
    if unknown:
        raise UnknownFields(fields=unknown_fields(unknown))


def unknown_fields(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the messages of a response for the first few of these fields, by their displayed names."""
    sentence = _("This field isn’t known here.")
    return {excerpt(name): [sentence] for name in islice(names, FIELDS_SHOWN)}


class MemberRate(BaseThrottle):
    """Limits requests for each member, or for each address of visitors; reads and writes count separately."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        kind = "read" if request.method in ("GET", "HEAD", "OPTIONS") else "write"
        user = request.user
        who = (
            f"m{user.pk}" if user.is_authenticated else f"a{address_group(client_address(request._request))}"
        )
        self.verdict = count(f"api:{kind}:{who}", Rate.parse(settings.API_RATES[kind]))
        # The response’s headers describe the tightest limit.
        request._request.rate_verdict = self.verdict  # type: ignore[attr-defined]
        return self.verdict.allowed

    def wait(self) -> float:
        return float(self.verdict.reset)


_TAKES_BODY: dict[tuple[type[APIView], str], bool] = {}
"""By view and method, set at the first request."""


class BaseApiView(APIView):
    """Base of all REST views. Views inherit from accounts.http.ApiView, which knows members."""

    throttle_classes = (MemberRate,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check, after authentication and rate limits, whether this method takes a body, and what is in it."""
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS:
            return
        data = request.data
        if isinstance(data, QueryDict):
            check_form(data)
        if data and not self._takes_body(request.method or ""):
            refuse_unknown(data, ())

    def _takes_body(self, method: str) -> bool:
        """Return whether the reference of the API (`extend_schema`) names a body for this method."""
        key = type(self), method
        if key not in _TAKES_BODY:
            declared = getattr(getattr(self, method.lower(), None), "kwargs", {}).get("schema")
            schema = declared() if declared else None
            if schema is not None:
                schema.view, schema.method = self, method
            _TAKES_BODY[key] = schema is not None and schema.get_request_serializer() is not None
        return _TAKES_BODY[key]

    def checked(self, serializer: type[Input], data: Any = None) -> dict[str, Any]:
        """Return the request’s data (or `data`), validated by `serializer`. Raises ValidationError."""
        given = serializer(data=self.request.data if data is None else data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def paginated(self, rows: "QuerySet[Any, M]", *, keys: Sequence[str] = ("-id",)) -> Page[M]:
        """Return the page of `rows` that `cursor` and `limit` of the request select. Raises Invalid."""
        asked = self.request.GET
        return paginate(rows, cursor=asked.get("cursor"), keys=keys, size=page_size(asked.get("limit")))

    def page(self, page: Page[M], items: Iterable[Any]) -> Response:
        """Return one page of a list: `items` serialized from `page`, and the cursor of the next page or null."""
        return Response({"items": list(items), "next": page.next_cursor or None})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        verdict: RateResult | None = getattr(getattr(request, "_request", request), "rate_verdict", None)
        if verdict is not None:
            response["RateLimit-Limit"] = str(verdict.limit)
            response["RateLimit-Remaining"] = str(verdict.remaining)
            response["RateLimit-Reset"] = str(verdict.reset)
        return response


def paged(name: str, item: type[serializers.Serializer[Any]]) -> Any:
    """Return the schema of a page of `item`s."""
    return inline_serializer(
        f"{name}Page", {"items": item(many=True), "next": serializers.CharField(allow_null=True)}
    )


def as_id(value: str, field: str = "id") -> int:
    """Return an id from outside as a number. Raises Invalid."""
    if not value.isascii() or not value.isdigit() or len(value) > 19 or int(value) >= 2**63:
        raise Invalid(fields={field: [_("This isn’t an ID.")]})
    return int(value)


class Id(serializers.CharField):
    """A 64-bit id, a string in JSON."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return as_id(str(data))
        except Refusal:
            raise serializers.ValidationError(_("This isn’t an ID.")) from None


class FilteredOut(serializers.Serializer[Any]):
    """Why something is hidden behind a warning for this viewer."""

    word = serializers.CharField()


def _sentences(detail: Any) -> list[str]:
    if isinstance(detail, list):
        return [sentence for part in detail for sentence in _sentences(part)]
    if isinstance(detail, dict):
        return [f"{key}: {sentence}" for key, part in detail.items() for sentence in _sentences(part)]
    return [excerpt(str(detail), SENTENCE_MAX)]
