"""Outages of the database, disk or storage: every entry point responds with 503 and Retry-After."""

import errno
import html
import json
import sqlite3
from typing import Any

import psycopg
import pytest
from asgiref.testing import ApplicationCommunicator
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from accounts.models import Member
from core.outages import TRY_AGAIN_LATER, UnavailableMiddleware, outage

handler404 = "core.views.not_found"
handler500 = "core.views.server_error"


def _fault(kind: type[Exception], cause: Exception) -> Exception:
    try:
        raise kind("secret detail") from cause
    except kind as fault:
        return fault


def _sqlite(code: int) -> sqlite3.OperationalError:
    cause = sqlite3.OperationalError("secret detail")
    cause.sqlite_errorcode = code
    return cause


def fall_away(request: HttpRequest) -> HttpResponse:
    raise _fault(OperationalError, psycopg.OperationalError("secret detail"))


_views = [path("away", fall_away)]
urlpatterns = [
    *_views,
    path("api/", include(_views)),
    path("_allauth/", include(_views)),
    path("", include("config.urls")),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize(
    "fault",
    [
        _fault(OperationalError, psycopg.OperationalError("server closed the connection")),
        _fault(InterfaceError, psycopg.InterfaceError("the connection is closed")),
        _fault(OperationalError, psycopg.errors.AdminShutdown()),
        _fault(OperationalError, psycopg.errors.CannotConnectNow()),
        _fault(OperationalError, psycopg.errors.DiskFull()),
        _fault(OperationalError, psycopg.errors.TooManyConnections()),
        _fault(OperationalError, _sqlite(sqlite3.SQLITE_FULL)),
        _fault(OperationalError, _sqlite(sqlite3.SQLITE_IOERR | (18 << 8))),
        _fault(OperationalError, _sqlite(sqlite3.SQLITE_READONLY)),
        _fault(OperationalError, _sqlite(sqlite3.SQLITE_BUSY)),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EROFS, "Read-only file system"),
        EndpointConnectionError(endpoint_url="https://s3.example"),
        ReadTimeoutError(endpoint_url="https://s3.example"),
    ],
    ids=repr,
)
def test_temporary_errors_are_outages(fault: Exception) -> None:
    refusal = outage(fault)
    assert refusal is not None
    assert refusal.status == 503
    assert refusal.retry_after > 0


@pytest.mark.parametrize(
    "fault",
    [
        ZeroDivisionError(),
        DatabaseError(),
        _fault(OperationalError, _sqlite(sqlite3.SQLITE_ERROR)),
        _fault(OperationalError, psycopg.errors.DeadlockDetected()),
        FileNotFoundError(errno.ENOENT, "No such file"),
        None,
    ],
    ids=repr,
)
def test_programming_errors_are_not_outages(fault: Exception | None) -> None:
    assert outage(fault) is None


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["/api/away", "/_allauth/away"])
def test_apps_get_json(door: str) -> None:
    answer = Client(raise_request_exception=False).get(door)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    body: dict[str, Any] = answer.json()
    assert body["error"] == "unavailable"
    assert body["trace_id"] == answer["X-Trace-Id"]
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_pages_show_a_message_and_fragments_are_not_swapped() -> None:
    client = Client(raise_request_exception=False)
    page, fragment = client.get("/away"), client.get("/away", headers={"HX-Request": "true"})
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert page["X-Trace-Id"] in page.content.decode()
    assert "Try again" in page.content.decode()
    assert (fragment.status_code, fragment["HX-Reswap"]) == (503, "none")
    assert "isn’t available" in json.loads(fragment["HX-Trigger"])["toast"]["text"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/", "/explore", "/api/timeline", "/_allauth/app/v1/auth/session", "/settings"]
)
def test_a_database_that_is_down_before_the_view_is_an_outage_too(
    alice: Member, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(alice)

    def away(*args: Any) -> None:
        raise _fault(OperationalError, psycopg.OperationalError("gone"))

    monkeypatch.setattr(SessionStore, "load", away)
    with connection.execute_wrapper(away):
        answer = client.get(address)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.django_db
def test_a_picture_upload_with_a_full_disk_is_refused_and_can_be_repeated(
    alice: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.media.conftest import picture

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "_save", full, raising=False)
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    answer = client.post("/settings/profile", {"avatar": picture()})
    assert answer.status_code == 503
    assert "can’t save" in html.unescape(answer.content.decode())


@pytest.mark.parametrize(("accepted", "told"), [(False, 503), (True, TRY_AGAIN_LATER)])
async def test_a_socket_is_told_to_reconnect_after_an_outage(accepted: bool, told: int) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if accepted:
            await send({"type": "websocket.accept"})
        raise _fault(OperationalError, psycopg.OperationalError("gone"))

    scope = {"type": "websocket", "extensions": {"websocket.http.response": {}}}
    socket = ApplicationCommunicator(UnavailableMiddleware(app), scope)
    if accepted:
        await socket.receive_output()
    said = await socket.receive_output()
    assert said.get("status", said.get("code")) == told


async def test_a_programming_error_on_a_socket_is_not_an_outage() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await UnavailableMiddleware(app)({"type": "websocket"}, None, None)
