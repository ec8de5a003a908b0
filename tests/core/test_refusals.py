"""Refusals, missing pages and faults at each entry point: a message and a trace id, no internals."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from core.refusals import Conflict, NotFound, SignInNeeded

handler404 = "core.views.not_found"
handler500 = "core.views.server_error"


def refuse(request: HttpRequest) -> HttpResponse:
    raise Conflict("Somebody was faster.")


def hide(request: HttpRequest) -> HttpResponse:
    raise NotFound


def ask_who(request: HttpRequest) -> HttpResponse:
    raise SignInNeeded


def break_down(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("secret detail")


_views = [path("refuse", refuse), path("hide", hide), path("who", ask_who), path("break", break_down)]
urlpatterns = [*_views, path("api/", include(_views)), path("", include("config.urls"))]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("door", "status"), [("refuse", 409), ("hide", 404), ("break", 500), ("nowhere", 404)]
)
def test_an_error_page_has_a_trace_id_and_no_internals(visitor: Client, door: str, status: int) -> None:
    answer = visitor.get(f"/{door}")
    assert answer.status_code == status
    text = answer.content.decode()
    assert answer["X-Trace-Id"] in text
    assert "secret detail" not in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("door", "status", "error"),
    [
        ("refuse", 409, "conflict"),
        ("hide", 404, "not_found"),
        ("break", 500, "server_error"),
        ("x", 404, "not_found"),
    ],
)
def test_the_api_uses_its_error_shape(visitor: Client, door: str, status: int, error: str) -> None:
    answer = visitor.get(f"/api/{door}")
    assert answer.status_code == status
    body: dict[str, Any] = answer.json()
    assert body["error"] == error
    assert body["trace_id"] == answer["X-Trace-Id"]
    assert body["message"]
    assert "secret" not in answer.content.decode()


def test_a_refused_fragment_is_not_swapped_and_a_toast_says_why(visitor: Client) -> None:
    answer = visitor.get("/refuse", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer["HX-Reswap"] == "none"
    assert "Somebody was faster." in answer["HX-Trigger"]


def test_a_visitor_is_sent_to_sign_in_and_back(visitor: Client) -> None:
    answer = visitor.get("/who")
    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=/who")


def test_a_visitor_who_presses_a_button_is_sent_to_sign_in_and_back_to_the_page(visitor: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/@alice?x=1"}
    answer = visitor.post("/who", headers=headers)
    assert answer.status_code == 401
    assert answer["HX-Redirect"].endswith("?next=/%40alice%3Fx%3D1")
    elsewhere = visitor.post(
        "/who", headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/x"}
    )
    assert elsewhere["HX-Redirect"].endswith("?next=/")
    plain = visitor.post("/who", headers={"Referer": "http://testserver/explore"})
    assert plain["Location"].endswith("?next=/explore")


def test_a_trace_id_is_accepted_only_if_well_formed(visitor: Client) -> None:
    given = "0af7651916cd43dd8448eb211c80319c"
    assert (
        visitor.get("/hide", headers={"traceparent": f"00-{given}-b7ad6b7169203331-01"})["X-Trace-Id"]
        == given
    )
    assert len(visitor.get("/hide", headers={"traceparent": "<script>"})["X-Trace-Id"]) == 32
