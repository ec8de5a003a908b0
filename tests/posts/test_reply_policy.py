"""The author of a post chooses who may reply to it."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from core.refusals import Forbidden
from posts.actions import write_post
from posts.models import Post
from posts.queries import viewer_marks, visible_post
from social.actions import follow_member
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def fan(alice: Member) -> Member:
    fan = make_member("fan")
    follow_member(member=alice, by=fan)
    return fan


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("everyone", {"author", "answered", "fan", "named", "stranger"}),
        ("followers", {"author", "fan"}),
        ("mentioned", {"author", "answered", "named"}),
    ],
)
def test_those_whom_the_author_chose_may_reply(
    policy: str, expected: set[str], alice: Member, bob: Member, carol: Member, fan: Member
) -> None:
    answered = make_member("answered")
    post = make_post(
        alice, "What do you say, @bob?", in_reply_to=make_post(answered, "Hm"),
        reply_policy=policy,
    )  # fmt: skip
    viewers = {"author": alice, "answered": answered, "fan": fan, "named": bob, "stranger": carol}
    done, offered = set(), set()
    for name, viewer in viewers.items():
        if post.id not in viewer_marks([visible_post(post.id, viewer)], viewer).no_replies:
            offered.add(name)
        with suppress(Forbidden):
            write_post(by=viewer, text="Well", in_reply_to=post)
            done.add(name)
    assert done == offered == expected


@pytest.mark.parametrize("policy", ["followers", "mentioned"])
def test_the_api_refuses_a_reply_and_says_that_it_would(
    policy: str, alice: Member, bob: Member, client: Client
) -> None:
    post = make_post(alice, "Hello", reply_policy=policy)
    assert client.get(f"/api/posts/{post.id}").json()["can_reply"] is False, "a visitor"
    client.force_login(alice)
    assert client.get(f"/api/posts/{post.id}").json()["can_reply"] is True
    client.force_login(bob)
    assert client.get(f"/api/posts/{post.id}").json()["can_reply"] is False
    for path, body in (("/api/posts", {"in_reply_to": str(post.id)}), (f"/api/posts/{post.id}/comments", {})):
        answer = client.post(path, {"text": "Well", **body}, content_type="application/json")
        assert answer.status_code == 403
        assert "can reply" in answer.content.decode()


def test_the_page_explains_instead_of_showing_the_form(alice: Member, bob: Member, client: Client) -> None:
    post = make_post(alice, "Hello", reply_policy="followers")
    client.force_login(bob)
    page = client.get(f"/@alice/{post.id}").content.decode()
    quick = client.get(f"/posts/{post.id}/reply", headers={"HX-Request": "true"}).content.decode()
    for html in (page, quick):
        assert "Only followers of @alice can reply to this post." in html
        assert 'name="in_reply_to"' not in html
    answer = client.post("/posts", {"text": "Well", "in_reply_to": post.id})
    assert answer.status_code == 403
    assert "Only followers of @alice can reply to this post." in answer.content.decode()
    follow_member(member=alice, by=bob)
    assert 'name="in_reply_to"' in client.get(f"/@alice/{post.id}").content.decode()


def test_a_list_asks_in_the_query_that_it_has(alice: Member, bob: Member, django_assert_num_queries) -> None:
    for policy in Post.ReplyPolicy.values:
        make_post(alice, "Hello", reply_policy=policy)
    posts = list(Post.objects.visible_to(bob).with_card_fields())
    with django_assert_num_queries(1):
        assert len(viewer_marks(posts, bob).no_replies) == 2


def test_a_reply_through_the_api_takes_options(alice: Member, client: Client) -> None:
    post = make_post(alice, "Hello")
    client.force_login(alice)
    answer = client.post(
        f"/api/posts/{post.id}/comments",
        {"text": "Well", "visibility": "followers", "content_warning": "Well", "language": "en"},
        content_type="application/json",
    )
    assert answer.status_code == 201
    assert (answer.json()["visibility"], answer.json()["content_warning"]) == ("followers", "Well")
    again = {"text": "Well", "in_reply_to": str(post.id)}
    assert (
        client.post(f"/api/posts/{post.id}/comments", again, content_type="application/json").status_code
        == 400
    )


def test_a_reply_through_the_api_is_scheduled_like_a_post(alice: Member, client: Client) -> None:
    post = make_post(alice, "Hello")
    client.force_login(alice)
    given = {"text": "Later", "scheduled_at": (timezone.now() + timedelta(hours=1)).isoformat()}
    answer = client.post(f"/api/posts/{post.id}/comments", given, content_type="application/json")
    assert (answer.status_code, answer.json()["in_reply_to"]) == (202, str(post.id))
    assert not Post.objects.filter(in_reply_to=post).exists()
