"""A write with an unknown field is rejected with the field's name, and nothing is written."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from rest_framework import serializers
from rest_framework.test import APIClient

from accounts.models import Member
from core.api import Input
from posts.models import Post
from tests.factories import make_member, make_post
from tests.visibility.manifest import ROUTES
from tests.visibility.matrix import OF_MODERATION
from tests.visibility.owned import Belongings
from tests.visibility.routes import views

pytestmark = pytest.mark.django_db
App = Callable[..., APIClient]
BODIES = {row.path: row.body for row in ROUTES}
VERBS = ("post", "put", "patch", "delete")
FILES = {"avatar": "picture", "cover": "picture", "csv": "file", "api/media": "file", "captions": "file"}
"""Endpoints that take a form, by the end of their path, with the name of the file field."""


def writes() -> Iterator[tuple[str, str]]:
    for path, view in views():
        for verb in VERBS:
            if path.startswith("api/") and hasattr(view.cls, verb):
                yield path, verb


def app_doors() -> Iterator[tuple[str, str]]:
    # Of two routes with the same path the first one matches.
    for path, view in dict(reversed(list(views()))).items():
        kind = getattr(view, "view_class", None)
        if path.startswith("_allauth/") and getattr(kind, "handle_json_input", False):
            for verb in VERBS:
                if hasattr(kind, verb):
                    yield path, verb


class Things(Belongings):
    def __init__(self, owner: Member, other: Member) -> None:
        super().__init__(owner)
        self._made |= {
            "user_id": other.pk,
            "name": "tag",
            "post_id": make_post(owner).pk,
            "quote_id": other.pk,
            **OF_MODERATION,
        }


@pytest.fixture
def things(alice: Member, bob: Member) -> Things:
    return Things(alice, bob)


@pytest.mark.parametrize(("path", "verb"), list(writes()))
def test_every_write_of_the_api_rejects_unknown_fields(
    app: App, alice: Member, things: Things, path: str, verb: str
) -> None:
    alice.is_moderator = True
    alice.save()
    body = {
        key: str(things[value[1:-1]]) if str(value).startswith("{") else value
        for key, value in BODIES[path].items()
    }
    address = "/" + re.sub(r"<\w+:(\w+)>", lambda match: str(things[match[1]]), path)
    before = Post.objects.count()
    if name := next((name for end, name in FILES.items() if address.endswith(end)), ""):
        if verb == "delete":
            body = {}
        form = {name: "", "nonsense": "followers"} if verb != "delete" else {"nonsense": "followers"}
        answer = getattr(app(alice), verb)(address, form, format="multipart")
    else:
        takes = body if verb != "delete" or path == "api/account" else {}
        answer = getattr(app(alice), verb)(address, {**takes, "nonsense": "followers"}, format="json")
        empty = getattr(app(alice), verb)(address, {**takes, "nonsense": "followers"}, format="multipart")
        assert empty.status_code in (400, 415), "as a form"
    assert answer.status_code == 400, answer.content
    said = answer.json()
    assert said["error"] == "unknown_fields"
    assert list(said["fields"]) == ["nonsense"]
    assert Post.objects.count() == before


NESTED = [
    (
        "post",
        "/api/track",
        {"events": [{"id": "12345678", "post": "1", "kind": "view", "mood": "x"}]},
        "mood",
    ),
    ("post", "/api/track", {"id": "12345678", "post": "1", "kind": "view", "mood": "x"}, "mood"),
    ("patch", "/api/settings", {"notifications": {"like": {"by_mail": True}}}, "by_mail"),
]


@pytest.mark.parametrize(("verb", "address", "body", "name"), NESTED)
def test_nested_unknown_fields_are_rejected(
    app: App, alice: Member, verb: str, address: str, body: dict[str, Any], name: str
) -> None:
    answer = getattr(app(alice), verb)(address, body, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])


def test_form_fields_may_be_nested(app: App, alice: Member) -> None:
    form = {"text": "Rain", "places[0]": "home"}
    made = app(alice).post("/api/muted-words", form, format="multipart")
    assert (made.status_code, made.json()["places"]) == (201, ["home"])
    assert (
        app(alice).post("/api/muted-words", {**form, "moods[0]": "x"}, format="multipart").status_code == 400
    )


def test_only_the_first_unknown_fields_are_named(app: App, alice: Member) -> None:
    answer = app(alice).post(
        "/api/posts", {"text": "a"} | {f"f{n}" * 30: 1 for n in range(500)}, format="json"
    )
    assert answer.status_code == 400
    assert len(answer.json()["fields"]) == 10
    assert len(answer.content) < 3000


@pytest.mark.parametrize("body", ["{}", "", "null"])
def test_a_method_without_a_body_accepts_no_fields(app: App, alice: Member, bob: Member, body: str) -> None:
    answer = app(alice).post(f"/api/users/{bob.pk}/follow", body, content_type="application/json")
    assert answer.status_code == 200
    refused = app(alice).post(f"/api/users/{bob.pk}/follow", "[1]", content_type="application/json")
    assert refused.status_code == 400


def test_the_schema_forbids_additional_fields(app: App) -> None:
    schema = (
        app().get("/api/schema?format=json", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    )
    taken = {name: said for name, said in schema["components"]["schemas"].items() if name.endswith("Request")}
    assert len(taken) > 10
    assert [name for name, said in taken.items() if said.get("additionalProperties") is not False] == []


def test_accepted_fields_are_validated_to_any_depth() -> None:
    """`ApiView.checked` accepts only an Input, and nested serializers have to be Inputs."""
    for kind in _kinds(Input):
        for name, field in kind().fields.items():
            inner = getattr(field, "child", field)
            assert not isinstance(inner, serializers.Serializer) or isinstance(inner, Input), f"{kind}.{name}"


def _kinds(base: type[Input]) -> Iterator[type[Input]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


@pytest.mark.parametrize(("path", "verb"), list(app_doors()))
def test_every_allauth_endpoint_rejects_unknown_fields(
    alice: Member, settings: Any, path: str, verb: str
) -> None:
    # Without a provider for social sign-in its endpoints don't exist (tests/accounts/test_elsewhere.py).
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [{"client_id": "x", "secret": "y"}]}}
    answer = getattr(Client(), verb)(
        f"/{path}", json.dumps({"remember": True}), content_type="application/json"
    )
    assert answer.status_code == 400, answer.content
    said = answer.json()
    assert (said["error"], list(said["fields"])) == ("unknown_fields", ["remember"])


def test_signing_in_by_phone_is_not_possible(db: None) -> None:
    body = json.dumps({"phone": "+49123456", "password": "x"})
    answer = Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["phone"])


def test_apps_can_sign_up_and_sign_in(db: None) -> None:
    """Every field that allauth's clients send is known."""
    sent = {"username": "dora", "email": "dora@example.com", "password": "correct horse"}
    answer = Client().post("/_allauth/app/v1/auth/signup", json.dumps(sent), content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["user"]["id"] == str(Member.objects.get(username="dora").pk)
    make_member("erik")
    sent = {"username": "erik", "password": "correct horse"}
    answer = Client().post("/_allauth/app/v1/auth/login", json.dumps(sent), content_type="application/json")
    assert answer.status_code == 200
