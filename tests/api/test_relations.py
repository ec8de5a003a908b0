"""Follow requests and blocks through the API."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import Member
from social.actions import block_member, follow_member
from tests.factories import make_member, make_post

App = Callable[..., APIClient]


@pytest.fixture
def pia(db: None) -> Member:
    return make_member("pia", is_private=True)


def named(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [who["username"] for who in answer["items"]]


def test_following_a_private_account_creates_a_request_that_can_be_canceled(
    app: App, pia: Member, alice: Member
) -> None:
    address = f"/api/users/{pia.id}/follow"
    for _ in range(2):
        asked = app(alice).post(address).json()
        assert (asked["following"], asked["requested"], asked["is_private"]) == (False, True, True)
    assert app(pia).get(f"/api/users/{alice.id}").json()["asking"] is True
    assert named(app(alice).get("/api/follow-requests?sent=1").json()) == ["pia"]
    assert named(app(alice).get("/api/follow-requests").json()) == []
    assert app(alice).delete(address).json()["requested"] is False
    assert named(app(pia).get("/api/follow-requests").json()) == []


def test_requests_are_approved_or_declined_one_by_one(
    app: App, pia: Member, alice: Member, bob: Member, carol: Member
) -> None:
    for asker in (alice, bob):
        follow_member(member=pia, by=asker)
    assert named(app(pia).get("/api/follow-requests").json()) == ["bob", "alice"]
    for _ in range(2):
        assert app(pia).post(f"/api/follow-requests/{alice.id}").json()["follows_you"] is True
        assert app(pia).delete(f"/api/follow-requests/{bob.id}").status_code == 204
    assert app(pia).post(f"/api/follow-requests/{carol.id}").status_code == 404
    assert app(alice).get(f"/api/users/{pia.id}").json()["following"] is True
    assert app(bob).get(f"/api/users/{pia.id}").json()["following"] is False
    assert named(app(pia).get("/api/follow-requests").json()) == []


def test_all_requests_are_approved_at_once(app: App, pia: Member, alice: Member, bob: Member) -> None:
    for asker in (alice, bob):
        follow_member(member=pia, by=asker)
    assert app(pia).post("/api/follow-requests/approve-all").json() == {"approved": 2}
    assert app().get(f"/api/users/{pia.id}").json()["followers_count"] == 2


def test_a_follower_is_removed(app: App, alice: Member, bob: Member) -> None:
    follow_member(member=alice, by=bob)
    for _ in range(2):
        assert app(alice).delete(f"/api/users/{bob.id}/follower").json()["follows_you"] is False
    assert app(bob).get(f"/api/users/{alice.id}").json()["followers_count"] == 0


def test_only_followers_see_whom_a_private_account_follows(
    app: App, pia: Member, alice: Member, bob: Member
) -> None:
    follow_member(member=pia, by=alice)
    app(pia).post(f"/api/follow-requests/{alice.id}")
    for side in ("followers", "following"):
        address = f"/api/users/{pia.id}/{side}"
        for viewer in (bob, None):
            assert app(viewer).get(address).json() == {"items": [], "next": None}
    for viewer in (pia, alice):
        assert named(app(viewer).get(f"/api/users/{pia.id}/followers").json()) == ["alice"]


def test_a_block_hides_each_from_the_other_and_is_listed_for_the_blocker(
    app: App, alice: Member, bob: Member
) -> None:
    for _ in range(2):
        assert app(alice).post(f"/api/users/{bob.id}/block").status_code == 204
    assert app(alice).get(f"/api/users/{bob.id}").status_code == 404
    assert app(bob).get(f"/api/users/{alice.id}").status_code == 404
    assert app(bob).post(f"/api/users/{alice.id}/block").status_code == 404
    assert app(bob).delete(f"/api/users/{alice.id}/block").status_code == 404
    (listed,) = app(alice).get("/api/blocks").json()["items"]
    assert (listed["username"], listed["blocking"]) == ("bob", True)
    assert named(app(bob).get("/api/blocks").json()) == []
    for _ in range(2):
        assert app(alice).delete(f"/api/users/{bob.id}/block").status_code == 204
    assert app(alice).get(f"/api/users/{bob.id}").json()["blocking"] is False


def test_members_cannot_block_themselves_or_unknown_members(app: App, alice: Member) -> None:
    assert app(alice).post(f"/api/users/{alice.id}/block").status_code == 422
    assert app(alice).post("/api/users/999/block").status_code == 404
    assert app().post(f"/api/users/{alice.id}/block").status_code == 401


def test_visitors_have_no_requests_and_no_blocks(app: App, alice: Member) -> None:
    for address in ("/api/follow-requests", "/api/blocks"):
        assert app().get(address).status_code == 401
    assert app().post("/api/follow-requests/approve-all").status_code == 401
    assert app().post(f"/api/follow-requests/{alice.id}").status_code == 401


def test_a_reply_does_not_reveal_its_parent_across_a_block(
    app: App, alice: Member, bob: Member, carol: Member
) -> None:
    parent = make_post(bob)
    reply = make_post(carol, in_reply_to=parent)
    deep = make_post(carol, in_reply_to=reply)
    told = app(alice).get(f"/api/posts/{reply.id}").json()
    assert told["in_reply_to"] == told["thread"] == str(parent.id)
    block_member(member=alice, by=bob)
    told = app(alice).get(f"/api/posts/{reply.id}").json()
    assert (told["in_reply_to"], told["thread"], told["is_reply"]) == (None, None, True)
    told = app(alice).get(f"/api/posts/{deep.id}").json()
    assert (told["in_reply_to"], told["thread"]) == (str(reply.id), None)
    assert app(bob).get(f"/api/posts/{deep.id}").json()["thread"] == str(parent.id)
