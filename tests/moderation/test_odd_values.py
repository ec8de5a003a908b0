"""Odd input is refused with a message, never with an error 500."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from moderation.models import TrendReview
from tests.factories import make_member, make_post
from tests.moderation.test_api import PATHS

pytestmark = pytest.mark.django_db

ODD: list[Any] = [
    None,
    "",
    "\x00",
    "😀" * 300,
    2**70,
    -1,
    True,
    [],
    {},
    ["a"] * 50,
    "\u202e\u200b",
    "a" * 5000,
]
FIELDS = (
    "act",
    "seen",
    "rule",
    "reason",
    "tag",
    "pattern",
    "category",
    "action",
    "active",
    "note",
    "exceptions",
)


@pytest.fixture
def chief(db):
    cache.clear()
    client = Client(raise_request_exception=False)
    client.force_login(
        make_member("chief", is_moderator=True, is_staff=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def test_the_api_refuses_odd_values(chief, alice, settings):
    settings.API_RATES = {"read": "100000/day", "write": "100000/day"}
    post = make_post(alice, "in the #sun")
    trend = TrendReview.objects.create(tag=post.tags.get().tag, people=3)
    faults: list[Any] = []
    for verb, path in PATHS:
        address = "/api/" + path.format(post=post.id, rule=1, trend=trend.id)
        for value in ODD:
            bodies = [value] if verb == "get" else [value, dict.fromkeys(FIELDS, value)]
            for body in bodies:
                if verb == "get":
                    said = f"{value}"
                    answer = chief.get(address.partition("?")[0], {"cursor": said, "limit": said})
                else:
                    answer = chief.generic(
                        verb.upper(), address, json.dumps(body), content_type="application/json"
                    )
                if answer.status_code >= 500:
                    faults.append((verb, path, body))
    for value in ODD:
        for name in ("pattern", "cursor", "limit"):
            said = f"{value}"
            if chief.get("/api/moderation/word-rules/trial", {name: said}).status_code >= 500:
                faults.append((name, value))
    assert faults == []


def test_the_pages_refuse_odd_values(chief, alice):
    post = make_post(alice, "in the #sun")
    trend = TrendReview.objects.create(tag=post.tags.get().tag, people=3)
    faults: list[Any] = []
    for path in (
        f"/moderation/trends/{trend.id}/decide",
        "/moderation/trends/hide",
        "/moderation/rules/new",
        "/moderation/rules/built-in/en-threat",
        f"/moderation/posts/{post.id}/decide",
    ):
        for value in ("", "\x00", "\ud800", "😀" * 300, "a" * 5000):
            sent = {field: value.encode("utf-8", "surrogatepass").decode("latin-1") for field in FIELDS}
            if chief.post(path, sent).status_code >= 500:
                faults.append((path, value))
    for value in ("\x00", "%ED%A0%80", "😀" * 300, "a" * 5000):
        for page in ("rules?pattern=", "rules?rule=", "trends?cursor=", "trends?state="):
            if chief.get(f"/moderation/{page}{value}").status_code >= 500:
                faults.append((page, value))
    assert faults == []
