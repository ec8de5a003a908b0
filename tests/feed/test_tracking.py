from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Member
from feed.models import Interaction
from posts.actions import remove_post
from tests.factories import make_post


def _seen(post: Any, number: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": f"event-{number:06d}", "post": str(post.id), "kind": "view", **more}


@pytest.fixture
def app(bob: Member) -> APIClient:
    client = APIClient()
    client.force_authenticate(bob)
    return client


def test_a_batch_sent_twice_counts_once(app: APIClient, alice: Member, bob: Member) -> None:
    post = make_post(alice)
    batch = {"events": [_seen(post, 1), _seen(post, 2, kind="dwell", dwell_ms=1200), _seen(post, 1)]}
    for _ in range(2):
        assert app.post("/api/track", batch, format="json").status_code == 202
    rows = Interaction.objects.order_by("kind")
    assert [(row.kind, row.member_id, row.dwell_ms) for row in rows] == [
        ("dwell", bob.id, 1200),
        ("view", bob.id, None),
    ]


def test_a_single_event_is_accepted(app: APIClient, alice: Member) -> None:
    assert app.post("/api/track", _seen(make_post(alice)), format="json").json() == {"accepted": 1}


def test_events_of_hidden_posts_are_skipped(app: APIClient, alice: Member) -> None:
    shown, removed = make_post(alice), make_post(alice)
    remove_post(post=removed, reason="Rule 1")
    answer = app.post("/api/track", {"events": [_seen(shown, 1), _seen(removed, 2)]}, format="json")
    assert answer.json() == {"accepted": 1}
    assert Interaction.objects.get().post_id == shown.id


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "stare"},
        {"id": "x"},
        {"id": "<script>alert(1)</script>"},
        {"post": "-1"},
        {"dwell_ms": -5},
        {"position": 10**9},
        {"at": "yesterday"},
        {"source": "s" * 21},
    ],
)
def test_bad_events_are_refused_with_a_message(app: APIClient, alice: Member, bad: dict[str, Any]) -> None:
    answer = app.post("/api/track", {"events": [{**_seen(make_post(alice)), **bad}]}, format="json")
    assert answer.status_code == 422
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("body", [{"events": "x"}, {"events": [[]]}, {"events": None}, [], "x"])
def test_other_json_is_refused(app: APIClient, body: Any) -> None:
    assert app.post("/api/track", body, format="json").status_code == 422


def test_too_many_events_are_refused(app: APIClient, alice: Member) -> None:
    post = make_post(alice)
    answer = app.post("/api/track", {"events": [_seen(post, i) for i in range(101)]}, format="json")
    assert answer.status_code == 422


def test_an_event_from_a_wrong_clock_is_not_in_the_future(app: APIClient, alice: Member) -> None:
    app.post("/api/track", _seen(make_post(alice), at="2099-01-01T00:00:00Z"), format="json")
    row = Interaction.objects.get()
    assert row.at.year < 2099


def test_a_visitor_is_not_tracked(alice: Member) -> None:
    assert APIClient().post("/api/track", _seen(make_post(alice)), format="json").status_code == 401
    assert not Interaction.objects.exists()


def test_every_kind_is_logged_once(app: APIClient, alice: Member) -> None:
    kinds = ["view", "click", "dwell", "like", "reply", "repost", "share", "hide"]
    post = make_post(alice)
    batch = {"events": [_seen(post, number, kind=kind) for number, kind in enumerate(kinds)]}
    for _ in range(2):
        assert app.post("/api/track", batch, format="json").json() == {"accepted": len(kinds)}
    assert sorted(Interaction.objects.values_list("kind", flat=True)) == sorted(kinds)
    assert sorted(Interaction.Kind.values) == sorted(kinds)
