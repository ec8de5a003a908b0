"""Conventions of every route: versions, rate limits with headers, the schema."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Member
from core.rates import Rate, count

App = Callable[..., APIClient]


@pytest.mark.django_db
def test_the_rate_limit_applies_and_its_headers_say_so(app: App, settings: Any) -> None:
    settings.API_RATES = {"read": "3/day", "write": "3/day"}
    answers = [app().get("/api/profiles/nobody") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    refused = answers[-1]
    assert int(refused["Retry-After"]) > 0
    assert set(refused.json()) == {"error", "message", "trace_id"}
    assert app().get("/api/profiles/nobody", REMOTE_ADDR="203.0.113.7").status_code == 404, "another address"


def test_members_at_one_address_have_separate_limits(
    app: App, settings: Any, alice: Member, bob: Member
) -> None:
    settings.API_RATES = {"read": "1/day", "write": "1/day"}
    assert app(alice).get("/api/profile").status_code == 200
    assert app(alice).get("/api/profile").status_code == 429
    assert app(bob).get("/api/profile").status_code == 200


def test_parallel_requests_do_not_exceed_the_limit() -> None:
    allowed: list[bool] = []

    def ask() -> None:
        for _ in range(50):
            allowed.append(count("parallel", Rate(100, 86_400)).allowed)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 100


@pytest.mark.django_db
def test_an_unknown_version_is_refused(app: App) -> None:
    assert (
        app().get("/api/profiles/nobody", headers={"Accept": "application/json; version=1"}).status_code
        == 404
    )
    assert (
        app().get("/api/profiles/nobody", headers={"Accept": "application/json; version=9"}).status_code
        == 406
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("body", "kind"), [(b"{", "application/json"), (b"\xff\xfe", "application/json")])
def test_unreadable_input_is_refused_with_a_sentence(app: App, alice: Member, body: bytes, kind: str) -> None:
    answer = app(alice).post("/api/posts", body, content_type=kind)
    assert answer.status_code == 400
    assert answer.json()["error"] == "parse_error"


@pytest.mark.django_db
def test_a_guest_is_refused_in_the_same_way_by_every_route_and_method(app: App, settings: Any) -> None:
    from tests.visibility.manifest import ROUTES

    settings.API_RATES = {"read": "10000/day", "write": "10000/day"}
    guest, refusals, refused = app(), set(), 0
    for route in (row for row in ROUTES if row.is_api):
        address = re.sub(r"<(\w+):\w+>", lambda kind: "7" if kind[1] == "id" else "nobody", f"/{route.path}")
        for method in ("get", "post", "put", "patch", "delete"):
            answer = getattr(guest, method)(address, {}, format=None if method == "get" else "json")
            assert answer.status_code < 500, f"{method} {address}"
            if answer.status_code in (401, 403):
                refusals.add((answer.status_code, answer.json()["error"], answer.get("WWW-Authenticate")))
                refused += 1
    assert refusals == {(401, "sign_in_needed", "Bearer")}
    assert refused > 200


@pytest.mark.django_db
def test_the_schema_describes_every_route(app: App) -> None:
    from config.api import urlpatterns

    schema = app().get("/api/schema?format=json", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert schema.status_code == 200
    paths = schema.json()["paths"]
    assert len(paths) == len(urlpatterns) - 2, "the schema and its page do not tell of themselves"
    for path in paths.values():
        for operation in path.values():
            assert "429" in operation["responses"]


@pytest.mark.django_db
def test_the_reference_page_needs_no_inline_script(app: App) -> None:
    page = app().get("/api/docs").content.decode()
    assert "<script" in page
    assert "<script>" not in page
