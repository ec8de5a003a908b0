import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Member
from posts.actions import like_post, remove_post, unlike_post
from posts.models import Post
from social.actions import mute_member
from tests.factories import make_member, make_post

App = Callable[..., APIClient]


def test_a_post_is_created_read_edited_and_deleted(
    app: App, alice: Member, bob: Member, deliver: Callable[[], None]
) -> None:
    mine = app(alice)
    answer = mine.post("/api/posts", {"text": "Hello #world"}, format="json")
    assert answer.status_code == 201
    body: dict[str, Any] = answer.json()
    assert body["id"] == str(Post.objects.get().id)
    assert body["author"]["username"] == "alice"
    assert '<a class="hashtag"' in body["html"]
    deliver()
    address = f"/api/posts/{body['id']}"
    assert app(bob).get(address).json()["text"] == "Hello #world"
    assert app().get(address).status_code == 200, "public reads need no token"

    assert mine.patch(address, {"text": "Hello again"}, format="json").json()["text"] == "Hello again"
    assert [row["text"] for row in app(bob).get(f"{address}/history").json()] == ["Hello #world"]
    assert mine.delete(address).status_code == 204
    assert mine.get(address).status_code == 404
    assert app(bob).get(address).status_code == 404


def test_only_the_author_changes_a_post(app: App, alice: Member, bob: Member) -> None:
    address = f"/api/posts/{make_post(alice).id}"
    for answer in (app(bob).patch(address, {"text": "Mine"}, format="json"), app(bob).delete(address)):
        assert answer.status_code == 403
    for answer in (app().patch(address, {"text": "Mine"}, format="json"), app().delete(address)):
        assert answer.status_code == 401
    assert Post.objects.get().text == "Hello"


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_a_removed_post_looks_like_one_that_never_existed(
    app: App, alice: Member, bob: Member, method: str
) -> None:
    post = make_post(alice)
    remove_post(post=post, reason="Rule 2")
    sent = {"text": "x"} if method == "patch" else None
    removed = getattr(app(bob), method)(f"/api/posts/{post.id}", sent, format="json")
    never = getattr(app(bob), method)("/api/posts/12345", sent, format="json")
    for answer in (removed, never):
        answer.json()
    assert removed.status_code == never.status_code == 404
    assert {**removed.json(), "trace_id": ""} == {**never.json(), "trace_id": ""}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n "}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"text": None}, "text"),
        ({"text": ["x"]}, "text"),
        ({"text": "x", "in_reply_to": "abc"}, "in_reply_to"),
        ({"text": "x", "in_reply_to": str(2**63)}, "in_reply_to"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(
    app: App, alice: Member, sent: dict[str, Any], field: str
) -> None:
    answer = app(alice).post("/api/posts", sent, format="json")
    assert answer.status_code == 422
    body = answer.json()
    assert set(body) == {"error", "message", "trace_id", "fields"}
    assert body["fields"][field]
    assert not Post.objects.exists()


def test_the_same_key_gives_the_same_post(app: App, alice: Member) -> None:
    def send(text: str) -> Any:
        return app(alice).post("/api/posts", {"text": text}, format="json", headers={"Idempotency-Key": "k1"})

    first, again, other = send("Once"), send("Once"), send("Something else")
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 409
    assert Post.objects.count() == 1


def test_replies_are_listed_oldest_first_in_pages(app: App, alice: Member, bob: Member) -> None:
    post = make_post(alice)
    replies = [make_post(bob, f"Reply {i}", in_reply_to=post) for i in range(5)]
    first = app().get(f"/api/posts/{post.id}/comments?limit=3").json()
    second = app().get(f"/api/posts/{post.id}/comments?limit=3&cursor={first['next']}").json()
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert ids == [str(reply.id) for reply in replies]
    assert second["next"] is None
    assert app().get(f"/api/posts/{post.id}/comments?cursor=nonsense").status_code == 422


def test_a_like_counts_once_and_can_be_removed(app: App, alice: Member, bob: Member) -> None:
    address = f"/api/posts/{make_post(alice).id}/like"
    assert app(bob).post(address).json()["likes_count"] == 1
    again = app(bob).post(address).json()
    assert (again["likes_count"], again["liked"]) == (1, True)
    assert [who["username"] for who in app().get(address + "s").json()["items"]] == ["bob"]
    assert app(bob).delete(address).json()["likes_count"] == 0
    assert app().post(address).status_code == 401


def test_bookmarks_are_private(app: App, alice: Member, bob: Member) -> None:
    post = make_post(alice)
    assert app(bob).post(f"/api/posts/{post.id}/bookmark").json()["bookmarked"] is True
    assert [item["id"] for item in app(bob).get("/api/bookmarks").json()["items"]] == [str(post.id)]
    assert app(alice).get("/api/bookmarks").json()["items"] == []
    assert app().get("/api/bookmarks").status_code == 401


def test_an_id_too_large_for_any_row_is_not_found(app: App, alice: Member) -> None:
    assert app(alice).get(f"/api/posts/{10**18 * 99}").status_code == 404
    assert app(alice).get(f"/api/posts/{10**40}").status_code == 404


def read_through(api: APIClient, address: str, limit: int) -> list[str]:
    """Return the ids of a list, from its first to its last page."""
    ids, cursor = [], ""
    while True:
        page = api.get(f"{address}?limit={limit}{cursor}").json()
        assert len(page["items"]) <= limit
        ids += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return ids
        cursor = f"&cursor={page['next']}"


def test_likes_are_listed_only_for_their_owner(app: App, alice: Member, bob: Member) -> None:
    posts = [make_post(alice, f"Number {n}") for n in range(5)]
    for post in reversed(posts):
        like_post(post=post, by=bob)
    like_post(post=posts[0], by=alice)
    remove_post(post=posts[1], reason="A rule")
    liked = [str(post.id) for post in posts if post != posts[1]]
    for limit in (1, 2, 20):
        assert read_through(app(bob), "/api/likes", limit) == liked
    assert app(alice).get("/api/likes").json()["items"][0]["liked"] is True
    assert app().get("/api/likes").status_code == 401
    unlike_post(post=posts[0], by=bob)
    assert read_through(app(bob), "/api/likes", 20) == liked[1:]
    assert app(bob).get("/api/likes?cursor=x").status_code == 422
    page = Client()
    page.force_login(bob)
    shown = re.findall(r'<article[^>]*id="post-(\d+)"', page.get("/@bob/likes").content.decode())
    assert shown == liked[1:]


def test_posts_of_a_hashtag_are_listed_newest_first(app: App, alice: Member, bob: Member) -> None:
    posts = [make_post(alice, f"Number {n} #Bread") for n in range(4)]
    make_post(alice, "Without one")
    private = make_member("pia", is_private=True)
    make_post(private, "Rye #bread")
    make_post(private, "Only for followers #quiet")
    tagged = [str(post.id) for post in reversed(posts)]
    for limit in (1, 2, 20):
        assert read_through(app(), "/api/tags/bread/posts", limit) == tagged
    assert read_through(app(bob), "/api/tags/BREAD/posts", 20) == tagged
    shown = re.findall(r'<article[^>]*id="post-(\d+)"', Client().get("/tags/bread").content.decode())
    assert shown == tagged
    for hidden in ("quiet", "never_used"):
        answer = app(bob).get(f"/api/tags/{hidden}/posts")
        assert (answer.status_code, answer.json()["message"]) == (404, "Nobody has used this hashtag yet.")
    mute_member(member=alice, by=bob)
    assert app(bob).get("/api/tags/bread/posts").json()["items"] == []
