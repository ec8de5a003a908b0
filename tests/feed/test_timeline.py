"""The Following timeline: its posts and their order, the same with both of its queries."""

import random
from itertools import pairwise

import pytest

from accounts.models import Member
from core.refusals import Invalid
from feed.queries import chronological
from feed.queries.timeline import following_timeline
from posts.actions import delete_post, hold_post, remove_post, write_post
from posts.models import Post
from social.actions import follow_member, unfollow_member
from tests.factories import make_member, make_post


@pytest.fixture(params=["few followed", "many followed"], autouse=True)
def way(request, monkeypatch):
    """Run every test with both queries for the timeline."""
    monkeypatch.setattr(chronological, "SCAN_THRESHOLD", 300 if request.param == "few followed" else -1)


def texts(viewer, **options):
    viewer.refresh_from_db()
    return [post.text for post in following_timeline(viewer, **options).items]


def test_the_home_feed_has_own_posts_and_posts_of_followees_newest_first(alice, bob, carol):
    follow_member(member=bob, by=alice)
    make_post(bob, "first")
    make_post(carol, "unknown")
    make_post(alice, "second")
    make_post(bob, "third")
    assert texts(alice) == ["third", "second", "first"]


def test_a_member_who_follows_no_one_sees_their_own_posts(alice, bob):
    make_post(bob, "unknown")
    make_post(alice, "mine")
    assert texts(alice) == ["mine"]


def test_following_shows_older_posts_and_unfollowing_hides_them(alice, bob):
    make_post(bob, "past")
    follow_member(member=bob, by=alice)
    assert texts(alice) == ["past"]
    unfollow_member(member=bob, by=alice)
    assert texts(alice) == []


def test_posts_of_followers_are_not_shown(alice, bob):
    follow_member(member=alice, by=bob)
    make_post(bob, "theirs")
    assert texts(alice) == []


def test_a_reply_is_shown_if_both_authors_are_followed(alice, bob, carol):
    dave = make_member("dave")
    for member in (bob, carol):
        follow_member(member=member, by=alice)
    to_stranger = make_post(dave, "stranger's")
    to_friend = make_post(carol, "friend's")
    to_me = make_post(alice, "mine")
    make_post(bob, "to stranger", in_reply_to=to_stranger)
    make_post(bob, "to friend", in_reply_to=to_friend)
    make_post(bob, "to me", in_reply_to=to_me)
    make_post(alice, "from me to friend", in_reply_to=to_friend)
    make_post(alice, "from me to stranger", in_reply_to=to_stranger)
    make_post(dave, "from stranger to me", in_reply_to=to_me)
    assert texts(alice) == ["from me to friend", "to me", "to friend", "mine", "friend's"]


def test_a_post_in_review_is_shown_to_its_author_only(alice, bob):
    follow_member(member=alice, by=bob)
    write_post(by=alice, text="waiting")
    assert texts(alice) == ["waiting"]
    assert texts(bob) == []


def test_hidden_posts_are_left_out(alice, bob):
    follow_member(member=bob, by=alice)
    held, removed, deleted = (make_post(bob, text) for text in ("held", "removed", "deleted"))
    hold_post(post=held, reason="looks odd")
    remove_post(post=removed, reason="rule 1")
    delete_post(post=deleted, by=bob)
    assert texts(alice) == []


def test_posts_of_a_closed_account_are_left_out(alice, bob):
    follow_member(member=bob, by=alice)
    make_post(bob, "farewell")
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    assert texts(alice) == []


def test_pages_have_no_gaps_or_repetitions_when_new_posts_arrive(alice, bob):
    follow_member(member=bob, by=alice)
    written = [make_post(bob, f"post {n}") for n in range(12)]
    alice.refresh_from_db()
    page = following_timeline(alice, size=5)
    seen = list(page.items)
    make_post(bob, "meanwhile")
    while page.next_cursor:
        page = following_timeline(alice, cursor=page.next_cursor, size=5)
        seen += page.items
    assert seen == written[::-1]


def test_the_last_page_has_no_next_page(alice):
    for n in range(5):
        make_post(alice, f"post {n}")
    assert following_timeline(alice, size=5).next_cursor == ""
    assert following_timeline(alice, size=4).next_cursor != ""


@pytest.mark.parametrize("cursor", ["nonsense", "WyJhIl0", "W10", "WzEsMl0"])
def test_a_forged_cursor_is_refused(alice, cursor):
    with pytest.raises(Invalid):
        following_timeline(alice, cursor=cursor)


def test_the_home_feed_is_complete_for_any_follows(db):
    chance = random.Random(3)
    people = [make_member() for _ in range(6)]
    for by in people:
        for member in chance.sample(people, 3):
            if member != by:
                follow_member(member=member, by=by)
    posts: list[Post] = []
    for n in range(60):
        parent = chance.choice(posts) if posts and chance.random() < 0.5 else None
        posts.append(make_post(chance.choice(people), str(n), in_reply_to=parent))
    for viewer in people:
        circle = {viewer.id, *viewer.follows.values_list("followee_id", flat=True)}
        expected = [
            post
            for post in reversed(posts)
            if post.author_id in circle and (post.in_reply_to is None or post.in_reply_to.author_id in circle)
        ]
        viewer.refresh_from_db()
        found = following_timeline(viewer, size=100).items
        assert found == expected
        assert all(newer.id > older.id for newer, older in pairwise(found))
