"""Notifications, search, reports and pictures through the API."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Member
from moderation.models import Report
from posts.actions import like_post
from social.actions import follow_member
from tests.factories import close, make_member, make_post

App = Callable[..., APIClient]
Deliver = Callable[[], None]


def test_notifications_are_read_one_by_one_and_all_at_once(
    app: App, alice: Member, bob: Member, carol: Member, deliver: Deliver
) -> None:
    post = make_post(alice)
    like_post(post=post, by=bob)
    like_post(post=post, by=carol)
    follow_member(member=alice, by=bob)
    deliver()
    mine = app(alice)
    rows: list[dict[str, Any]] = mine.get("/api/notifications").json()["items"]
    assert [(row["kind"], row["total"], row["post"]) for row in rows] == [
        ("follow", 1, None),
        ("like", 2, str(post.id)),
    ]
    assert mine.get("/api/notifications/unread").json() == {"unread": 3}
    assert mine.post("/api/notifications/seen").json() == {"unread": 0}
    assert [row["unread"] for row in mine.get("/api/notifications").json()["items"]] == [True, True]
    assert app().post("/api/notifications/seen").status_code == 401
    follow_member(member=alice, by=carol)
    deliver()
    assert mine.get("/api/notifications/unread").json() == {"unread": 1}
    assert mine.post(f"/api/notifications/{rows[1]['id']}/read").json() == {"unread": 1}
    assert [row["unread"] for row in mine.get("/api/notifications").json()["items"]] == [True, False]
    assert app(bob).post(f"/api/notifications/{rows[0]['id']}/read").status_code == 404
    assert mine.post("/api/notifications/read").json() == {"unread": 0}
    assert app().get("/api/notifications").status_code == 401
    assert mine.get("/api/notifications?in=mentions").json()["items"] == []


def test_posts_and_people_are_found(app: App, alice: Member, bob: Member, deliver: Deliver) -> None:
    post = make_post(alice, "A café by the harbour")
    follow_member(member=alice, by=bob)
    deliver()
    from django.core.management import call_command

    call_command("reindex", verbosity=0)
    [found] = app(bob).get("/api/search/posts?q=cafe").json()["items"]
    assert found["id"] == str(post.id)
    [person] = app(bob).get("/api/search/users?q=alic").json()["items"]
    assert (person["username"], person["following"]) == ("alice", True)
    assert app().get("/api/search/posts?q=").json()["items"] == []


def test_a_report_names_a_rule(app: App, alice: Member, bob: Member) -> None:
    address = f"/api/posts/{make_post(alice).id}/report"
    rules = app().get("/api/rules").json()
    sent = {"rule": rules[0]["id"], "words": "Look at this"}
    assert app(bob).post(address, sent, format="json").json() == {"new": True}
    assert app(bob).post(address, sent, format="json").json() == {"new": False}
    assert Report.objects.count() == 1
    assert app(bob).post(address, {"rule": "taste"}, format="json").status_code == 422
    assert app(alice).post(address, sent, format="json").status_code == 403
    assert app().post(address, sent, format="json").status_code == 401


def test_a_picture_is_changed_and_removed(app: App, alice: Member) -> None:
    buffer = BytesIO()
    Image.new("RGB", (50, 80), "teal").save(buffer, "PNG")
    file = SimpleUploadedFile("me.png", buffer.getvalue(), "image/png")
    mine = app(alice)
    assert mine.put("/api/profile/avatar", {"picture": file}, format="multipart").json()["avatar"]
    assert mine.delete("/api/profile/avatar").status_code == 204
    assert mine.get("/api/profile").json()["avatar"] == ""
    bad = SimpleUploadedFile("me.png", b"<svg onload=alert(1)>", "image/png")
    assert mine.put("/api/profile/cover", {"picture": bad}, format="multipart").status_code == 422
    assert mine.put("/api/profile/cover", {}, format="multipart").status_code == 422
    assert app().put("/api/profile/avatar", {}, format="multipart").status_code == 401


def test_instance_information_and_rules_are_public(app: App, alice: Member, settings: Any) -> None:
    settings.SITE_OPERATOR, settings.CONTACT_EMAIL = "Kith e.V.", "hello@example.com"
    make_member("ada", is_staff=True)
    make_member("mod", is_moderator=True)
    close(make_member("gone", is_moderator=True))
    for who in (None, alice):
        answer = app(who).get("/api/instance")
        assert answer.status_code == 200
        said = answer.json()
        assert (said["operator"], said["contact_email"]) == ("Kith e.V.", "hello@example.com")
        assert [(s["username"], s["role"]) for s in said["stewards"]] == [
            ("ada", "admin"),
            ("mod", "moderator"),
        ]
        assert [rule["id"] for rule in said["rules"]] == [rule["id"] for rule in settings.COMMUNITY_RULES]
        assert said["limits"]["post_max_length"] == settings.POST_MAX_LENGTH
        assert said["signup"]["mode"] == "open"
    assert app().post("/api/instance", {}, format="json").status_code == 401
    assert app(alice).post("/api/instance", {}, format="json").status_code == 405
