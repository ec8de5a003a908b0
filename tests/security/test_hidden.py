"""What is hidden is like what never was."""

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.actions import deactivate_member, reactivate_member
from accounts.models import Member
from feed.actions.trends import compute_trends
from messaging.actions import send_message
from messaging.queries import unread_messages
from notifications.models import Notification
from posts.actions import (
    bookmark_post,
    delete_post,
    edit_post,
    hold_post,
    like_post,
    publish_post,
    remove_post,
    write_post,
)
from posts.models import Post
from social.actions import follow_member
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def as_(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def test_what_review_held_is_not_read_in_the_history(alice: Member, bob: Member) -> None:
    post = write_post(by=alice, text="What nobody should read")
    hold_post(post=post, reason="x")
    edit_post(post=post, by=alice, text="Something else")
    publish_post(post=post)
    for path in (f"/posts/{post.id}/history", f"/api/posts/{post.id}/history"):
        assert b"nobody should read" not in as_(bob).get(path).content


def test_what_was_edited_before_review_is_not_read_in_the_history(alice: Member, bob: Member) -> None:
    post = write_post(by=alice, text="What nobody has looked at")
    edit_post(post=post, by=alice, text="Something else")
    publish_post(post=post)
    edit_post(post=post, by=alice, text="A third thing")
    page = as_(bob).get(f"/posts/{post.id}/history").content
    assert b"looked at" not in page
    assert b"Something else" in page


def test_a_tag_of_hidden_posts_is_like_one_that_nobody_used(client: Client, alice: Member) -> None:
    write_post(by=alice, text="#waiting")
    closed = make_member("closed")
    make_post(closed, "#gone")
    make_post(make_member("dora"), "#shown")
    Member.objects.filter(pk=closed.pk).update(is_active=False)
    never = client.get("/tags/never")
    for name in ("waiting", "gone"):
        answer = client.get(f"/tags/{name}")
        assert answer.status_code == never.status_code == 404
    assert client.get("/tags/shown").status_code == 200


def test_a_closed_account_is_not_in_the_messages_until_it_is_open_again(alice: Member, bob: Member) -> None:
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


# --- Every state, at every door ------------------------------------------------------------------------------

LISTS = [
    "/", "/?tab=for-you", "/explore", "/explore?tab=tags", "/explore?tab=latest", "/explore?tab=people", "/about",
    "/notifications", "/bookmarks", "/messages", "/@bob", "/@bob/likes", "/@bob/{parent}", "/@bob/followers",
    "/@bob/following", "/@carol/replies", "/tags/zzhidden", "/search?q=zzhidden", "/search?q=alice&in=people",
    "/api/latest", "/api/timeline", "/api/feed", "/api/trends", "/api/trends/posts", "/api/search/posts?q=zzhidden",
    "/api/search/users?q=alice", "/api/notifications", "/api/bookmarks", "/api/conversations",
    "/api/posts/{parent}/comments", "/api/users/{bob}/followers", "/api/users/{bob}/following",
]  # fmt: skip
OF_ITSELF = [
    "/@alice/{post}", "/posts/{post}", "/posts/{post}/card", "/posts/{post}/menu", "/posts/{post}/reply",
    "/posts/{post}/history", "/posts/{post}/edit", "/posts/{post}/delete", "/posts/{post}/report",
    "/api/posts/{post}", "/api/posts/{post}/comments", "/api/posts/{post}/likes", "/api/posts/{post}/history",
]  # fmt: skip


def hide(post: Post, state: str) -> None:
    match state:
        case "held":
            hold_post(post=post, reason="zzhidden")
        case "removed":
            remove_post(post=post, reason="zzhidden")
        case "deleted":
            delete_post(post=post, by=post.author)
        case "closed":
            deactivate_member(member=post.author, by=make_member("root", is_staff=True))


@pytest.mark.parametrize("state", ["waiting", "held", "removed", "deleted", "closed"])
def test_what_is_hidden_is_nowhere(
    state: str, alice: Member, bob: Member, carol: Member, deliver: Callable[[], None]
) -> None:
    parent = make_post(bob, "The parent")
    post = make_post(alice, "zzhidden #zzhidden @bob", in_reply_to=parent, published=state != "waiting")
    follow_member(member=alice, by=bob)
    if state != "waiting":
        edit_post(post=post, by=alice, text="zzhidden again #zzhidden @bob")
        for member in (bob, carol):
            like_post(post=post, by=member)
            bookmark_post(post=post, by=member)
        make_post(carol, "A reply to it", in_reply_to=post)
        deliver()
        compute_trends()
    hide(post, state)
    if state != "waiting":
        deliver()
    named = {"post": post.id, "parent": parent.id, "bob": bob.id}
    for viewer in (None, bob):
        client = as_(viewer) if viewer else Client()
        for path in (path.format(**named) for path in LISTS):
            page = client.get(path).content.decode().replace("q=zzhidden", "").replace("q=alice", "")
            page = re.sub(r'value="(zzhidden|alice)"|<title>[^<]*|“zzhidden”', "", page)
            assert "zzhidden" not in page, (path, viewer)
            assert state != "closed" or "alice" not in page.lower(), (path, viewer)
        for path in OF_ITSELF:
            answer = client.get(path.format(**named))
            never = client.get(path.format(post=post.id + 1))
            assert answer.status_code == never.status_code, (path, viewer)
            assert answer.status_code in (302, 404), (path, viewer)
        streams = {"streams": f"post.{post.id}"}
        assert client.get("/live/since", streams).json()["refused"] == [f"post.{post.id}"]
    assert not Notification.objects.visible_to(bob).filter(post=post).exists()
