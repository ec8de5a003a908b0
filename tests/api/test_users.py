from collections.abc import Callable

from rest_framework.test import APIClient

from accounts.models import Member

App = Callable[..., APIClient]


def test_following_counts_once_and_shows_on_both_sides(app: App, alice: Member, bob: Member) -> None:
    address = f"/api/users/{bob.id}/follow"
    assert app(alice).post(address).json()["following"] is True
    assert app(alice).post(address).json()["followers_count"] == 1
    assert app(bob).get(f"/api/users/{alice.id}").json()["follows_you"] is True
    assert [who["username"] for who in app().get(f"/api/users/{bob.id}/followers").json()["items"]] == [
        "alice"
    ]
    assert [who["username"] for who in app().get(f"/api/users/{alice.id}/following").json()["items"]] == [
        "bob"
    ]
    assert app(alice).delete(address).json()["followers_count"] == 0
    assert app(alice).delete(address).json()["following"] is False


def test_following_is_refused_when_not_allowed(app: App, alice: Member) -> None:
    assert app(alice).post(f"/api/users/{alice.id}/follow").status_code in (400, 422)
    assert app().post(f"/api/users/{alice.id}/follow").status_code == 401
    assert app(alice).post("/api/users/999/follow").status_code == 404


def test_a_profile_never_shows_the_email_address_to_others(app: App, alice: Member, bob: Member) -> None:
    shown = app(bob).get("/api/profiles/alice").json()
    assert shown["username"] == "alice"
    assert "email" not in shown
    assert app(alice).get("/api/profile").json()["email"] == "alice@example.com"
    assert app().get("/api/profile").status_code == 401
    assert app().get("/api/profiles/nobody").status_code == 404


def test_the_profile_is_edited_within_its_limits(app: App, alice: Member) -> None:
    edited = app(alice).patch("/api/profile", {"display_name": "Al", "bio": "b" * 500}, format="json")
    assert edited.json()["name"] == "Al"
    refused = app(alice).patch("/api/profile", {"bio": "b" * 501}, format="json")
    assert refused.status_code == 422
    assert "bio" in refused.json()["fields"]
    assert (
        app(alice).patch("/api/profile", {"website": "javascript:alert(1)"}, format="json").status_code == 422
    )
    app(alice).patch("/api/profile", {"username": "mallory"}, format="json")
    alice.refresh_from_db()
    assert alice.username == "alice"


def test_a_closed_account_is_not_found(app: App, alice: Member, bob: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    assert app(bob).get(f"/api/users/{alice.id}").status_code == 404
    assert app(bob).get("/api/profiles/alice").status_code == 404
