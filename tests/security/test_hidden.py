"""Test content that was hidden earlier or becomes visible again; tests/visibility tests every state."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.actions import deactivate_member, reactivate_member
from accounts.models import Member
from messaging.actions import send_message
from messaging.queries import unread_messages
from posts.actions import edit_post, hold_post, publish_post, write_post
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def as_(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_held_versions_are_not_in_the_history(alice: Member, bob: Member) -> None:
    post = write_post(by=alice, text="What nobody should read")
    hold_post(post=post, reason="x")
    edit_post(post=post, by=alice, text="Something else")
    publish_post(post=post)
    for path in (f"/posts/{post.id}/history", f"/api/posts/{post.id}/history"):
        assert b"nobody should read" not in as_(bob).get(path).content


def test_versions_edited_before_review_are_not_in_the_history(alice: Member, bob: Member) -> None:
    post = write_post(by=alice, text="What nobody has looked at")
    edit_post(post=post, by=alice, text="Something else")
    publish_post(post=post)
    edit_post(post=post, by=alice, text="A third thing")
    page = as_(bob).get(f"/posts/{post.id}/history").content
    assert b"looked at" not in page
    assert b"Something else" in page


def test_messages_hide_a_closed_account_until_it_is_reopened(alice: Member, bob: Member) -> None:
    root = make_member("root", is_staff=True)
    message = send_message(by=bob, to=alice, text="Hello")
    room = f"/messages/{message.conversation_id}"
    deactivate_member(member=bob, by=root)
    assert b"bob" not in as_(alice).get("/messages").content
    assert as_(alice).get("/api/conversations").json()["items"] == []
    assert as_(alice).get(room).status_code == 404
    assert as_(alice).get(f"/api/conversations/{message.conversation_id}/messages").status_code == 404
    assert unread_messages(alice) == 0
    reactivate_member(member=bob, by=root)
    assert unread_messages(alice) == 1
    assert as_(alice).get(room).status_code == 200
