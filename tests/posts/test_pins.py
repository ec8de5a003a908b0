"""Pins on the profile: own posts only, at most five."""

import pytest

from core.refusals import Conflict, Forbidden, NotFound
from posts.actions import PINS_MAX, delete_post, hold_post, pin_post, unpin_post
from posts.models import Post
from social.actions import follow_member
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


def pins(client, member):
    return [item["text"] for item in client.get(f"/api/users/{member.pk}/pins").json()["items"]]


def test_a_post_is_pinned_once(alice):
    post = make_post(alice)
    assert pin_post(post=post, by=alice)
    assert not pin_post(post=post, by=alice)
    assert unpin_post(post=post, by=alice)
    assert not unpin_post(post=post, by=alice)


def test_authors_pin_only_what_others_can_see(alice, bob):
    post = make_post(alice)
    with pytest.raises(Forbidden):
        pin_post(post=post, by=bob)
    with pytest.raises(NotFound):
        pin_post(post=make_post(alice, visibility="followers"), by=bob)
    for other in (make_post(alice, published=False), make_post(alice, "@bob", visibility="mentioned")):
        with pytest.raises(Conflict):
            pin_post(post=other, by=alice)
    delete_post(post=post, by=alice)
    with pytest.raises(NotFound):
        pin_post(post=post, by=alice)
    assert not Post.objects.pinned().exists()


def test_a_profile_has_at_most_five_pins(alice):
    posts = [make_post(alice, str(n)) for n in range(PINS_MAX + 1)]
    for post in posts[:-1]:
        pin_post(post=post, by=alice)
    with pytest.raises(Conflict):
        pin_post(post=posts[-1], by=alice)
    delete_post(post=posts[0], by=alice)
    assert pin_post(post=posts[-1], by=alice)


def test_others_see_only_the_pins_that_they_may_read(client, alice, bob):
    for text, visibility in (("For all", "public"), ("For followers", "followers"), ("On hold", "public")):
        pin_post(post=make_post(alice, text, visibility=visibility), by=alice)
    hold_post(post=Post.objects.get(text="On hold"), reason="Why")
    assert pins(client, alice) == ["For all"]
    follow_member(member=alice, by=bob)
    client.force_login(bob)
    assert pins(client, alice) == ["For followers", "For all"]


def test_the_api_pins(client, alice):
    post = make_post(alice)
    client.force_login(alice)
    path = f"/api/posts/{post.pk}/pin"
    for _ in range(2):
        assert client.post(path).json()["pinned"] is True
    assert client.delete(path).json()["pinned"] is False
    client.force_login(make_member())
    assert client.post(path).status_code == 403


def test_a_profile_shows_pins_first_and_each_post_once(client, alice):
    posts = [make_post(alice, f"Post {n}") for n in range(3)]
    client.force_login(alice)
    menu = client.get(f"/posts/{posts[0].pk}/menu").content.decode()
    assert f'formaction="/posts/{posts[0].pk}/pin"' in menu
    assert client.post(f"/posts/{posts[0].pk}/pin").status_code == 302
    item = client.post(f"/posts/{posts[0].pk}/pin", headers={"HX-Request": "true"}).content.decode()
    assert f'formaction="/posts/{posts[0].pk}/unpin"' in item
    page = client.get("/@alice").content.decode()
    assert [page.count(f'id="post-{post.pk}"') for post in posts] == [1, 1, 1]
    assert page.index("Pinned") < page.index("Post 0") < page.index("Post 2") < page.index("Post 1")
    hold_post(post=posts[0], reason="Why")
    page = client.get("/@alice").content.decode()
    assert page.count(f'id="post-{posts[0].pk}"') == 1
