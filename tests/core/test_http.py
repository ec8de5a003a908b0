"""One URL returns a page or a fragment: what decides, and the headers of the response."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from core import http
from core.http import redirect_page, render_fragment_or_redirect, render_page_or_fragment

ROOT = Path(__file__).resolve().parents[2]
HTMX = {"HX-Request": "true"}
RESTORED = {**HTMX, "HX-History-Restore-Request": "true"}
NEXT = "/list?cursor=abc"


@pytest.fixture(autouse=True)
def rendered(monkeypatch):
    """Return template names and contexts instead of rendering."""

    def render(request, template, context, status=200):
        body = json.dumps({"template": template, "context": context})
        return HttpResponse(body, status=status, content_type="application/json")

    monkeypatch.setattr(http, "render", render)


def asked(path: str = "/list", headers: dict[str, str] | None = None) -> HttpRequest:
    request = RequestFactory(headers=headers or {}).get(path)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def test_no_view_reads_htmx_headers_itself():
    looks = re.compile(r"wants_fragment|HX-Request|HX-History|HX-Current-URL|\.htmx\b")
    views = [*ROOT.glob("*/views.py"), *ROOT.glob("*/views/*.py")]
    found = [path.relative_to(ROOT).as_posix() for path in views if looks.search(path.read_text())]
    assert len(views) > 30
    assert found == ["core/views.py"], "core.http decides between a page and a fragment"


@pytest.mark.parametrize(
    ("path", "headers", "templates", "expected"),
    [
        ("/list", {}, {"fragment": "_part", "more": "_rows"}, "page"),
        (NEXT, {}, {"fragment": "_part", "more": "_rows"}, "page"),
        ("/list", HTMX, {"fragment": "_part", "more": "_rows"}, "_part"),
        (NEXT, HTMX, {"fragment": "_part", "more": "_rows"}, "_rows"),
        (NEXT, HTMX, {"fragment": "_part"}, "_part"),
        ("/list", HTMX, {"more": "_rows"}, "page"),
        (NEXT, HTMX, {"more": "_rows"}, "_rows"),
        ("/list", RESTORED, {"fragment": "_part", "more": "_rows"}, "page"),
        (NEXT, RESTORED, {"fragment": "_part", "more": "_rows"}, "page"),
    ],
)
def test_the_request_decides_between_the_page_and_its_fragments(path, headers, templates, expected):
    response = render_page_or_fragment(asked(path, headers), "page", {}, **templates)
    assert json.loads(response.content)["template"] == expected
    assert response["Vary"] == "HX-Request, HX-History-Restore-Request"


def test_the_page_context_is_not_computed_for_a_fragment():
    def page_context():
        return {"tabs": 3}

    def never():
        raise AssertionError

    page = render_page_or_fragment(asked(), "page", {"a": 1}, fragment="_part", page_context=page_context)
    assert json.loads(page.content)["context"] == {"a": 1, "tabs": 3}
    part = render_page_or_fragment(
        asked(headers=HTMX), "page", {"a": 1}, fragment="_part", page_context=never
    )
    assert json.loads(part.content)["context"] == {"a": 1}


def test_a_form_gets_its_fragment_with_a_toast_and_events():
    response = render_fragment_or_redirect(
        asked(headers=HTMX),
        HttpResponseRedirect("/back"),
        fragment="_part",
        context=lambda: {"a": 1},
        message="Saved.",
        undo="/undo",
        events=lambda: {"unread": {"count": 2}},
    )
    assert json.loads(response.content) == {"template": "_part", "context": {"a": 1}}
    toast = {"text": "Saved.", "kind": "success", "undo": "/undo"}
    assert json.loads(response["HX-Trigger"]) == {"toast": toast, "unread": {"count": 2}}
    assert "HX-Request" in response["Vary"]


def test_a_form_without_htmx_redirects_with_a_message():
    def never():
        raise AssertionError

    request = asked()
    response = render_fragment_or_redirect(
        request,
        HttpResponseRedirect("/back"),
        fragment="_part",
        context=never,
        message="Saved.",
        events=never,
    )
    assert (response.status_code, response["Location"]) == (302, "/back")
    assert [(m.message, m.level_tag) for m in get_messages(request)] == [("Saved.", "success")]
    assert "HX-Request" in response["Vary"]


def test_an_empty_toast_suppresses_the_message():
    response = render_fragment_or_redirect(
        asked(headers=HTMX), HttpResponseRedirect("/back"), message="Saved.", toast="", status=204
    )
    assert (response.status_code, response.content) == (204, b"")
    assert "HX-Trigger" not in response


def test_the_whole_page_is_redirected_with_htmx_too():
    assert redirect_page(asked(), "/there")["Location"] == "/there"
    assert redirect_page(asked(headers=HTMX), "/there")["HX-Redirect"] == "/there"
