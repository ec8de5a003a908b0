"""Reposts in the home feed and on profiles: each post once, at its newest repost, with those who reposted it."""

import pytest

from accounts.models import Block
from feed.queries import chronological
from feed.queries.profile import posts_of
from feed.queries.timeline import following_timeline
from posts.actions import follow_tag, hold_post, repost_post, undo_repost
from posts.queries import viewer_marks
from social.actions import (
    block_member,
    follow_member,
    mute_member,
    set_private,
    show_reposts,
    unfollow_member,
)
from social.actions.lists import add_to_list, create_list
from tests.factories import close, make_member, make_post


@pytest.fixture(params=["few followed", "many followed"], autouse=True)
def way(request, monkeypatch):
    """Run every test with both queries for the timeline."""
    monkeypatch.setattr(chronological, "SCAN_THRESHOLD", 300 if request.param == "few followed" else -1)


@pytest.fixture
def friends(alice):
    found = [make_member(name, display_name=name.title()) for name in ("ana", "ben", "cleo", "dora")]
    for friend in found:
        follow_member(member=friend, by=alice)
    alice.refresh_from_db()
    return found


def texts(viewer, **options):
    viewer.refresh_from_db()
    return [post.text for post in following_timeline(viewer, **options).items]


def names(viewer):
    posts = following_timeline(viewer).items
    marks = viewer_marks(posts, viewer)
    return {
        post.text: [person.name for person in marks.reposters[post.id].named]
        for post in posts
        if post.id in marks.reposters
    }


def test_a_post_reposted_by_three_is_there_once_with_the_three_named(client, alice, friends, carol):
    post = make_post(carol, "shared")
    make_post(friends[0], "later")
    for friend in friends[:3]:
        repost_post(post=post, by=friend)
    assert texts(alice) == ["shared", "later"]
    assert names(alice) == {"shared": ["Cleo", "Ben", "Ana"]}
    client.force_login(alice)
    page = client.get("/").content.decode()
    assert page.count(f'id="post-{post.id}"') == 1
    assert "Reposted by" in page
    one = client.get("/api/timeline").json()["items"][0]
    assert one["repost_of"] == one["id"] == str(post.id)
    assert [person["username"] for person in one["reposted_by"]] == ["cleo", "ben", "ana"]
    repost_post(post=post, by=friends[3])
    assert names(alice) == {"shared": ["Dora", "Cleo"]}
    assert "2 others" in client.get("/").content.decode()


def test_a_post_of_a_followee_is_not_there_twice(alice, friends):
    ana, ben, *_ = friends
    post = make_post(ana, "hers")
    make_post(ben, "his")
    assert texts(alice) == ["his", "hers"]
    repost_post(post=post, by=ben)
    assert texts(alice) == ["hers", "his"]
    undo_repost(post=post, by=ben)
    assert texts(alice) == ["his", "hers"]


def test_pages_have_each_post_once_in_strict_order(alice, friends, carol):
    written = [make_post(carol if n % 2 else friends[0], f"post {n}") for n in range(12)]
    for n in (1, 3, 4, 7, 9, 4, 1):
        for friend in friends[: 1 + n % 3]:
            repost_post(post=written[n], by=friend)
    whole = following_timeline(alice, size=50)
    assert len({post.pk for post in whole.items}) == len(whole.items) == 10
    assert [post.place for post in whole.items] == sorted((post.place for post in whole.items), reverse=True)
    seen, cursor = [], None
    while cursor != "":
        page = following_timeline(alice, size=3, cursor=cursor)
        seen += page.items
        cursor = page.next_cursor
    assert seen == whole.items


def test_reposts_of_one_person_can_be_turned_off(alice, friends, carol):
    ana, ben, *_ = friends
    post = make_post(carol, "shared")
    make_post(ana, "hers")
    repost_post(post=post, by=ana)
    assert texts(alice) == ["shared", "hers"]
    assert show_reposts(member=ana, by=alice, shown=False)
    assert not show_reposts(member=ana, by=alice, shown=False)
    assert texts(alice) == ["hers"]
    repost_post(post=post, by=ben)
    assert names(alice) == {"shared": ["Ben"]}
    show_reposts(member=ana, by=alice, shown=True)
    assert names(alice) == {"shared": ["Ben", "Ana"]}


def test_muted_blocked_closed_and_unfollowed_reposters_bring_nothing(alice, friends, carol):
    post = make_post(carol, "shared")
    for friend in friends:
        repost_post(post=post, by=friend)
    ana, ben, cleo, dora = friends
    mute_member(member=ana, by=alice)
    close(ben)
    unfollow_member(member=cleo, by=alice)
    assert names(alice) == {"shared": ["Dora"]}
    # A block parts them even if a follow were left.
    Block.objects.create(blocker=dora, blocked=alice)
    assert texts(alice) == []


def test_posts_of_muted_blocked_private_and_hidden_authors_do_not_come_back_by_reposts(alice, friends, carol):
    ana = friends[0]
    authors = [make_member(name) for name in ("muted", "blocked", "shy", "held", "excluded")]
    posts = [make_post(author, author.username) for author in authors]
    for post in posts:
        repost_post(post=post, by=ana)
    assert len(texts(alice)) == 5
    mute_member(member=authors[0], by=alice)
    block_member(member=alice, by=authors[1])
    set_private(by=authors[2], private=True)
    hold_post(post=posts[3], reason="x")
    exclusive = create_list(by=alice, title="Later", is_exclusive=True)
    add_to_list(list_=exclusive, member=authors[4], by=alice)
    assert texts(alice) == []


def test_a_followed_hashtag_and_a_repost_show_the_post_once(alice, friends, carol):
    post = make_post(carol, "Fresh #bread")
    make_post(friends[0], "later")
    follow_tag(name="bread", by=alice)
    assert texts(alice) == ["later", "Fresh #bread"]
    repost_post(post=post, by=friends[0])
    assert texts(alice) == ["Fresh #bread", "later"]


def test_own_reposts_are_on_the_profile_and_not_in_the_own_home(client, alice, bob, carol):
    first, shared = make_post(bob, "first"), make_post(carol, "shared")
    make_post(bob, "second")
    repost_post(post=shared, by=bob)
    repost_post(post=first, by=bob)

    def profile(viewer):
        return [post.text for post in posts_of(bob, viewer=viewer).items]

    assert profile(None) == profile(alice) == ["first", "shared", "second"]
    assert [p.text for p in posts_of(bob, viewer=None, size=2).items] == ["first", "shared"]
    assert texts(bob) == ["second", "first"]
    assert "Reposted by" in client.get("/@bob").content.decode()
    items = client.get(f"/api/users/{bob.pk}/posts").json()["items"]
    assert [item["repost_of"] for item in items] == [str(first.id), str(shared.id), None]
    mute_member(member=carol, by=alice)
    assert profile(alice) == ["first", "second"]
    set_private(by=bob, private=True)
    assert profile(alice) == profile(None) == []


def test_home_with_reposts_takes_no_further_query(
    client, alice, friends, carol, django_assert_max_num_queries
):
    for n in range(5):
        post = make_post(carol, f"post {n}")
        for friend in friends:
            repost_post(post=post, by=friend)
    client.force_login(alice)
    client.get("/")
    with django_assert_max_num_queries(8):
        assert client.get("/").status_code == 200


@pytest.mark.usefixtures("way")
def test_reposts_are_turned_off_on_the_profile_and_by_the_api(client, alice, friends, carol):
    ana = friends[0]
    client.force_login(alice)
    assert 'formaction="/@ana/hide-reposts"' in client.get("/@ana").content.decode()
    assert client.post("/@ana/hide-reposts").status_code == 302
    assert 'formaction="/@ana/unhide-reposts"' in client.get("/@ana").content.decode()
    assert client.get(f"/api/users/{ana.pk}").json()["showing_reposts"] is False
    answer = client.delete(f"/api/users/{ana.pk}/hide-reposts")
    assert answer.json()["showing_reposts"] is True
    assert client.post("/@carol/hide-reposts", headers={"HX-Request": "true"}).status_code == 409
