"""Limits on the length of request bodies, checked before any of the body is stored.

Under gunicorn nothing has been read when `core.middleware.LimitsMiddleware` checks. Under uvicorn Django first writes
the whole body to a file, so `BodyLimit` runs before Django.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.settings import api_settings

from core.refusals import BadRequest, LengthRequired, Refusal, SignInNeeded, TooLarge
from core.requests import Utf8ASGIRequest

VISITOR_MAX = 64 * 1024
"""Far more than signing up, signing in or setting a password needs."""
VISITOR_PATHS = ("/accounts/", "/_allauth/")
"""Paths where the limit holds for members too."""
ENVELOPE_MAX = 64 * 1024
"""What a form may add to its file."""
PART_OF_FILE = "application/offset+octet-stream"
DROPPED = "kith.body_dropped"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def check_body(request: HttpRequest) -> None:
    """Check the length of the request’s body before it is read. Raises TooLarge for one that nobody may send,
    SignInNeeded for one that only members may, LengthRequired for one without a length, which Django and DRF would
    read as empty.
    """
    if "HTTP_TRANSFER_ENCODING" in request.META:
        raise LengthRequired
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise BadRequest from None
    if length > VISITOR_MAX:
        if request.path.startswith(VISITOR_PATHS):
            raise TooLarge
        if length > (most := _member_max(request)):
            raise TooLarge(_("That’s too large: %(most)s MB at most.") % {"most": most // 1024 // 1024})
        if not _is_signed_in(request):
            raise SignInNeeded
    if getattr(request, "scope", {}).get(DROPPED):
        raise TooLarge


def _member_max(request: HttpRequest) -> int:
    """Return the limit for members. Files come in forms, as text, or in parts (tus)."""
    kind = request.content_type or ""
    if kind in ("multipart/form-data", PART_OF_FILE) or kind.startswith("text/"):
        return file_max(request) + ENVELOPE_MAX
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def file_max(request: HttpRequest) -> int:
    """Return how large a file may be that this path takes."""
    for path, most in settings.LARGE_FILES.items():
        if request.path == path or request.path.startswith(f"{path}/"):
            return int(most)
    return int(settings.UPLOAD_MAX_BYTES)


def _is_signed_in(request: HttpRequest) -> bool:
    """Return whether a session or a token signs the request in. The view authenticates again itself."""
    if request.user.is_authenticated:
        return True
    authentications: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    for authentication in authentications:
        if issubclass(authentication, SessionAuthentication):
            continue
        try:
            if authentication().authenticate(request) is not None:
                return True
        except AuthenticationFailed:
            pass
    return False


class BodyLimit:
    """Withholds a body that `check_body` refuses from Django, which then responds with the refusal."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if not _has_more_than_visitors_send(scope) or await database_sync_to_async(_may_send)(scope):
            await self.app(scope, receive, send)
            return
        scope[DROPPED] = True
        asked = False
        answered = asyncio.Event()

        async def receive_nothing() -> Message:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            # Calling receive() before responding would make the server tell the client to go on (100 Continue).
            await answered.wait()
            while (message := await receive())["type"] == "http.request":
                pass
            return message

        async def send_and_note(message: Message) -> None:
            await send(message)
            answered.set()

        await self.app(scope, receive_nothing, send_and_note)


def _has_more_than_visitors_send(scope: Any) -> bool:
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return True
        if name == b"content-length" and not (value.isdigit() and int(value) <= VISITOR_MAX):
            return True
    return False


def _may_send(scope: Any) -> bool:
    try:
        request = Utf8ASGIRequest(scope, io.BytesIO())
    except UnicodeDecodeError:
        return False
    for middleware in (SessionMiddleware, AuthenticationMiddleware):
        middleware(lambda _request: HttpResponse()).process_request(request)
    try:
        check_body(request)
    except (Refusal, Error):
        # Without the database the user is unknown; Django will notice too, and respond.
        return False
    return True
