"""Error pages say what went wrong in their title and heading."""

import re
from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.http import HttpResponse

from core.refusals import (
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    LengthRequired,
    NotFound,
    Refusal,
    TooLarge,
    TooMany,
)

pytestmark = pytest.mark.django_db

TITLES = {
    BadRequest: "We couldn’t understand that request",
    Forbidden: "You don’t have access to this page",
    NotFound: "Page not found",
    Conflict: "This has changed",
    LengthRequired: "The length is missing",
    TooLarge: "That’s too large",
    Invalid: "Check your input",
    TooMany: "Too many requests",
}


def title_and_heading(html: str) -> tuple[str, str]:
    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    heading = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
    assert title
    assert heading
    return title[1].partition(" ·")[0], heading[1]


@pytest.fixture
def failing(client, monkeypatch) -> Callable[[Exception], HttpResponse]:
    """Return a function that requests a page whose view raises the given exception."""
    client.raise_request_exception = False

    def ask(exception: Exception) -> HttpResponse:
        def fail() -> None:
            raise exception

        monkeypatch.setattr("core.views.health.report", fail)
        return client.get("/health/ready")

    return ask


@pytest.mark.parametrize("message", [None, "A sentence of its own."])
@pytest.mark.parametrize(("kind", "title"), TITLES.items(), ids=lambda of: getattr(of, "__name__", ""))
def test_every_refusal_has_a_title_in_words(
    failing: Callable[[Exception], HttpResponse], kind: type[Refusal], title: str, message: str | None
) -> None:
    response = failing(kind(message))
    html = response.content.decode()
    assert response.status_code == kind.status
    assert title_and_heading(html) == (title, title)
    if message:
        assert message in html
    assert '<meta name="robots" content="noindex">' in html


def test_responses_without_a_view_have_titles_too(client) -> None:
    assert title_and_heading(client.get("/nothing/here").content.decode())[0] == "Page not found"
    assert (
        title_and_heading(client.get("/explore?tab=" + "a" * 30_000).content.decode())[0]
        == "Check your input"
    )


def test_getting_a_post_only_url_shows_a_page(client, alice) -> None:
    client.force_login(alice)
    page = client.get("/posts")
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert title_and_heading(page.content.decode())[0] == "This page can’t be opened directly"
    fragment = client.get("/posts", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Reswap"]) == (405, "none")
    assert client.delete("/posts").content == b""


def test_a_fault_and_an_outage_have_titles(failing: Callable[[Exception], HttpResponse]) -> None:
    fault = failing(RuntimeError())
    assert fault.status_code == 500
    assert title_and_heading(fault.content.decode())[0] == "Something went wrong"
    outage = failing(OperationalError("server closed the connection unexpectedly"))
    assert outage.status_code == 503
    assert title_and_heading(outage.content.decode())[0] == "Not available right now"
