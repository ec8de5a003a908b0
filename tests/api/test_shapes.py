"""All JSON responses, of our API and of allauth's: ids are strings, and errors have one shape."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Member
from messaging.actions import send_message
from posts.actions import bookmark_post, follow_tag, like_post
from social.actions import dismiss_suggestion, follow_member, mute_member
from tests.factories import make_member, make_post
from tests.security.test_sweep import Sweep

pytestmark = pytest.mark.django_db
SIGN_IN = "/_allauth/app/v1"
EXACT = 2**53
"""The largest integer that JavaScript represents exactly."""


@pytest.fixture(autouse=True)
def _no_counts(settings: Any) -> None:
    settings.API_RATES = {"read": "1000000/day", "write": "1000000/day"}
    settings.ACCOUNT_RATE_LIMITS = False
    cache.clear()


def numbers_in(data: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from numbers_in(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from numbers_in(value, name)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield name, data


def assert_shape(answer: Any, what: str) -> None:
    if (
        answer.status_code == 204
        or answer.streaming
        or not answer.get("Content-Type", "").startswith("application/json")
    ):
        assert answer.status_code < 400, what
        return
    data = json.loads(answer.content)
    for name, number in numbers_in(data):
        assert abs(number) < EXACT, f"{what}: {name} is {number}"
        assert not re.fullmatch(r"id|.+_id", name), f"{what}: {name} is a number"
    if answer.status_code >= 400:
        assert {"error", "message", "trace_id"} <= data.keys(), f"{what}: {data}"
        assert all(isinstance(data[name], str) and data[name] for name in ("error", "message", "trace_id")), (
            what
        )
        assert all(isinstance(said, list) for said in data.get("fields", {}).values()), what


def test_every_response_of_the_api_and_of_allauth_has_string_ids(db: None) -> None:
    sweep = Sweep()
    post = make_post(sweep.alice, "Hello #there @bob")
    make_post(sweep.bob, "An answer", in_reply_to=post)
    like_post(post=post, by=sweep.bob)
    bookmark_post(post=post, by=sweep.alice)
    follow_member(member=sweep.bob, by=sweep.alice)
    follow_tag(name="there", by=sweep.alice)
    mute_member(member=make_member(), by=sweep.alice)
    dismiss_suggestion(member=make_member(), by=sweep.alice)
    send_message(by=sweep.bob, to=sweep.alice, text="Hello")
    token = signed_in("bob")
    asked = 0
    for route in sweep.routes:
        if not route.startswith(("api/", "_allauth/")) or route in ("api/schema", "api/docs"):
            continue
        path = sweep.path(route)
        headers = {"Authorization": f"Bearer {token}"}
        answers = [
            sweep.clients["member"].get(path),
            sweep.clients["member"].post(path, b"{}", content_type="application/json"),
            Client().get(path, headers=headers if asked % 2 else None),
            Client().delete(
                path, b"[", content_type="application/json", headers=None if asked % 2 else headers
            ),
        ]
        for answer in answers:
            assert_shape(answer, path)
        asked += 1
    assert asked > 100


def sent(path: str, body: Any = None, method: str = "POST", **more: Any) -> Any:
    return Client().generic(
        method, f"{SIGN_IN}/{path}", json.dumps(body or {}), content_type="application/json", **more
    )


def signed_in(username: str) -> str:
    answer = sent("auth/login", {"username": username, "password": "correct horse"})
    return str(answer.json()["meta"]["access_token"])


def test_apps_get_exact_ids_when_signing_in(alice: Member) -> None:
    answer = sent("auth/login", {"username": "alice", "password": "correct horse"}).json()
    assert answer["data"]["user"]["id"] == str(alice.pk)
    assert alice.pk > EXACT
    assert "error" not in answer


REFUSED = [
    (
        "POST",
        "auth/login",
        {"username": "alice", "password": "no"},
        400,
        "username_password_mismatch",
        ["password"],
    ),
    ("POST", "auth/login", {}, 400, "required", ["password"]),
    ("GET", "auth/session", None, 401, "sign_in_needed", None),
    ("GET", "account/email", None, 401, "sign_in_needed", None),
    ("POST", "auth/signup", {"email": "x"}, 400, "invalid", None),
    ("POST", "tokens/refresh", {"refresh_token": "x"}, 400, None, None),
    ("POST", "auth/password/reset", {"key": "-1", "password": "x"}, 400, "invalid_key", None),
    ("POST", "auth/2fa/authenticate", {"code": "1"}, 401, "sign_in_needed", None),
    ("GET", "account/phone", None, 404, "not_found", None),
    ("PUT", "config", None, 405, "method_not_allowed", None),
    ("GET", "nothing/here", None, 404, "not_found", None),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code", "fields"), REFUSED)
def test_errors_at_sign_in_have_our_shape_and_allauths(
    alice: Member, method: str, path: str, body: Any, status: int, code: str | None, fields: list[str] | None
) -> None:
    answer = sent(path, body, method)
    assert answer.status_code == status, answer.content
    assert_shape(answer, path)
    said = answer.json()
    assert code in (None, said["error"])
    if fields is not None:
        assert fields == list(said["fields"])
    if status == 401:
        assert {"status", "data", "meta"} <= said.keys(), "an app finds there what to do next"
        assert said["data"]["flows"]
    if "errors" in said:
        assert said["errors"][0]["message"] == said["message"]


def test_an_ended_session_says_so(alice: Member) -> None:
    answer = sent("auth/session", method="GET", headers={"X-Session-Token": "gone"})
    assert (answer.status_code, answer.json()["error"]) == (410, "session_ended")
