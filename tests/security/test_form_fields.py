"""Check that a form with an unknown field is refused with the name of the field, and nothing is written.

Also check that every field of every form on our pages is known to the view that receives it.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from accounts.models import Member
from core.forms import check_fields
from core.refusals import UnknownFields
from posts.models import Like, Post
from tests.factories import make_post
from tests.visibility.manifest import ROUTES
from tests.visibility.matrix import OF_MODERATION
from tests.visibility.owned import Belongings
from tests.visibility.routes import views
from tests.visibility.world import BACKEND

pytestmark = pytest.mark.django_db
BODIES = {row.path: row.body for row in ROUTES}
NON_PAGE_PATHS = ("api/", "_allauth/", "admin/")
HTMX = {"HX-Request": "true"}
SENT_ON = (301, 302, 401, 404, 405)
"""Responses to visitors who must sign in first or can't use the page; they don't mention fields."""
READS = ("health/live", "health/ready", "health/jobs", "live/since")
"""Not pages; they ignore the method."""


def pages() -> Iterator[tuple[str, Any]]:
    # Django uses the first of two routes with the same path.
    for path, view in dict(reversed(list(views()))).items():
        # "style" shows components in development; their forms have no view.
        if not path.startswith(NON_PAGE_PATHS) and path != "style":
            yield path, view


class Things(Belongings):
    def __init__(self, owner: Member, other: Member) -> None:
        super().__init__(owner)
        self._made |= {
            "post_id": make_post(owner).pk, "user_id": other.pk, "username": other.username, "name": "tag", "pk": 1,
            "code": "x", "language": "de", "uidb36": "1", "provider_id": "sso", **OF_MODERATION, "key": "x-y",
        }  # fmt: skip

    def address(self, path: str) -> str:
        parameters = r"<(?:\w+:)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>(?:[^()]|\([^()]*\))*\)"
        filled = re.sub(parameters, lambda match: quote(str(self[match["name"] or match["group"]])), path)
        return "/" + filled.replace("^", "").replace("$", "")

    def body(self, path: str) -> dict[str, Any]:
        return {
            key: str(self[value[1:-1]]) if str(value).startswith("{") else value
            for key, value in BODIES[path].items()
        }


@pytest.fixture
def things(alice: Member, bob: Member, settings: Any) -> Things:
    settings.API_RATES = {"read": "100000/day", "write": "100000/day"}
    settings.ACCOUNT_RATE_LIMITS = False
    cache.clear()
    alice.is_moderator = True
    alice.save()
    things = Things(alice, bob)
    for path, _ in pages():
        things.address(path)
        things.body(path)
    return things


@pytest.fixture
def as_alice(alice: Member) -> Client:
    client = Client()
    client.force_login(alice, backend=BACKEND)
    client.get("/")
    return client


def writes(queries: CaptureQueriesContext) -> list[str]:
    """Return the statements that write, except those on sessions, which store where to return after signing in."""
    return [
        query["sql"][:100]
        for query in queries
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE")) and '"django_session"' not in query["sql"]
    ]


def test_every_page_refuses_an_unknown_field_and_writes_nothing(things: Things, as_alice: Client) -> None:
    wrong = []
    for path, _ in pages():
        fields = {**things.body(path), "audience": "friends"}
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = as_alice.post(things.address(path), fields)
        if answer.status_code != 400 or "audience" not in answer.content.decode() or writes(queries):
            wrong.append((path, answer.status_code, writes(queries)))
    assert wrong == []


def test_every_page_refuses_an_unknown_file(things: Things, as_alice: Client) -> None:
    for path, _ in pages():
        file = SimpleUploadedFile("a.txt", b"a")
        answer = as_alice.post(things.address(path), {"attachment": file}, headers=HTMX)
        assert (answer.status_code, "attachment" in answer.content.decode()) == (400, True), path


def test_visitors_are_asked_to_sign_in_first(things: Things) -> None:
    """Pages that visitors can use refuse the unknown field instead."""
    wrong, asked = [], 0
    for path, view in pages():
        if path in READS:
            continue
        with CaptureQueriesContext(connection) as queries:
            answer = Client().post(things.address(path), {**things.body(path), "audience": "friends"})
        expected = SENT_ON if getattr(view, "login_required", True) else (400,)
        asked += expected == (400,)
        if answer.status_code not in expected or writes(queries):
            wrong.append((path, answer.status_code, writes(queries)))
    assert wrong == []
    assert asked > 10


def test_a_post_for_followers_is_not_published_to_everyone(as_alice: Client, alice: Member) -> None:
    sent = {"text": "Between us", "audience": "friends"}
    page = as_alice.post("/posts", sent)
    assert page.status_code == 400
    assert "This form has fields that aren’t known here: audience." in page.content.decode()
    toast = as_alice.post("/posts", sent, headers=HTMX)
    assert toast.status_code == 400
    assert toast["HX-Reswap"] == "none"
    assert "audience" in toast["HX-Trigger"]
    assert not Post.objects.exists()
    assert as_alice.post("/posts", {"text": "To everyone"}).status_code == 302
    assert Post.objects.count() == 1


def test_an_invalid_form_is_refused(as_alice: Client, bob: Member) -> None:
    address = f"/posts/{make_post(bob).pk}/like"
    assert as_alice.post(address, {"audience": "x"}, content_type="application/json").status_code == 400
    assert not Like.objects.exists()
    assert as_alice.generic("POST", address, headers=HTMX).status_code == 200
    assert Like.objects.exists()


def test_only_the_first_few_unknown_fields_are_named_and_shortened(as_alice: Client) -> None:
    answer = as_alice.post("/posts", {f"f{n}" * 100: "x" for n in range(50)}, headers=HTMX)
    assert answer.status_code == 400
    assert len(answer.content) < 700


# --- Fields of our forms -------------------------------------------------------------------------------------


class Forms(HTMLParser):
    """Parse all forms with method POST into (URL, names of fields and buttons)."""

    def __init__(self, page: str, address: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self._address, self._names = address, None
        self.feed(page)

    _names: list[str] | None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._names = [] if given.get("method") == "post" else None
            if self._names is not None:
                self.found.append((given.get("action") or self._address, self._names))
        elif "name" in given and tag in ("input", "textarea", "select", "button"):
            name = str(given["name"])
            if (elsewhere := given.get("formaction")) is not None:
                self.found.append((elsewhere, [name]))
            elif self._names is not None:
                self._names.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._names = None


@pytest.mark.parametrize("signed_in", [True, False])
def test_every_field_of_every_form_is_accepted(
    things: Things, as_alice: Client, alice: Member, signed_in: bool
) -> None:
    client = as_alice if signed_in else Client()
    sent: set[tuple[str, str]] = set()
    for path, _ in pages():
        here = things.address(path)
        answer = client.get(here)
        if answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html"):
            for address, names in Forms(answer.content.decode(), here).found:
                sent |= {(address.partition("?")[0], name) for name in names}
    assert len(sent) > (150 if signed_in else 10)
    for address, name in sorted(sent):
        request = RequestFactory().post(address, {name: "x"})
        request.user = alice
        view = resolve(address)
        try:
            check_fields(request, view.func, view.args, view.kwargs)
        except UnknownFields:
            pytest.fail(f"{address} does not take {name}")
