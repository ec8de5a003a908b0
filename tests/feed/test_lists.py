"""A list’s feed: whose posts and which replies it has; and exclusive lists, which remove members from home."""

import random

import pytest

from core.refusals import Invalid
from feed.queries import chronological
from feed.queries.for_you import for_you
from feed.queries.lists import list_timeline
from feed.queries.timeline import following_timeline
from posts.actions import delete_post, hold_post, write_post
from posts.models import Post
from social.actions import block_member, follow_member
from social.actions.lists import add_to_list, create_list, delete_list, edit_list, remove_from_list
from tests.factories import make_member, make_post


@pytest.fixture(params=["few people", "many people"], autouse=True)
def way(request, monkeypatch):
    """Run every test with both queries for the timeline."""
    monkeypatch.setattr(chronological, "SCAN_THRESHOLD", 300 if request.param == "few people" else -1)


@pytest.fixture
def friends(alice, bob, carol):
    """Create a list of Alice’s with bob and carol, whom she doesn’t follow."""
    made = create_list(by=alice, title="Friends")
    for member in (bob, carol):
        add_to_list(list_=made, member=member, by=alice)
    return made


def texts(list_, **options):
    list_.refresh_from_db()
    return [post.text for post in list_timeline(list_, viewer=list_.owner, **options).items]


def home(viewer):
    viewer.refresh_from_db()
    return [post.text for post in following_timeline(viewer).items]


def test_the_feed_has_posts_of_the_lists_members_newest_first(friends, alice, bob, carol):
    make_post(bob, "first")
    make_post(make_member(), "unknown")
    make_post(alice, "mine")
    make_post(carol, "second")
    assert texts(friends) == ["second", "first"]


def test_an_empty_list_has_an_empty_feed(alice, bob):
    make_post(bob, "there")
    make_post(alice, "mine")
    assert texts(create_list(by=alice, title="Nobody")) == []


def test_adding_a_member_shows_older_posts_and_removing_hides_them(friends, alice, bob):
    make_post(bob, "past")
    assert texts(friends) == ["past"]
    remove_from_list(list_=friends, member=bob, by=alice)
    assert texts(friends) == []


def test_a_list_may_contain_its_owner(friends, alice):
    make_post(alice, "mine")
    write_post(by=alice, text="waiting")
    add_to_list(list_=friends, member=alice, by=alice)
    assert texts(friends) == ["waiting", "mine"]


def test_hidden_posts_are_left_out(friends, bob, carol):
    held, deleted = make_post(bob, "held"), make_post(bob, "deleted")
    make_post(carol, "still there")
    write_post(by=bob, text="waiting")
    hold_post(post=held, reason="looks odd")
    delete_post(post=deleted, by=bob)
    assert texts(friends) == ["still there"]


def test_posts_of_a_private_account_are_shown_to_approved_followers(friends, alice, bob):
    dora = make_member("dora")
    add_to_list(list_=friends, member=dora, by=alice)
    follow_member(member=dora, by=bob)
    dora.is_private = True
    dora.save()
    his = create_list(by=bob, title="His")
    add_to_list(list_=his, member=dora, by=bob)
    make_post(dora, "for followers")
    assert texts(friends) == []
    assert texts(his) == ["for followers"]


def test_blocked_members_are_left_out(friends, alice, bob, carol):
    make_post(bob, "theirs")
    make_post(carol, "there")
    block_member(member=alice, by=bob)
    assert texts(friends) == ["there"]


REPLIES = {
    "none": [],
    "list": ["to carol", "to oneself", "to me"],
    "followed": ["to erin", "to oneself", "to me"],
}


@pytest.mark.parametrize("policy", REPLIES)
def test_the_lists_policy_decides_which_replies_are_shown(friends, alice, bob, carol, policy):
    dave, erin = make_member("dave"), make_member("erin")
    follow_member(member=erin, by=alice)
    make_post(bob, "to dave", in_reply_to=make_post(dave, "dave"))
    make_post(bob, "to erin", in_reply_to=make_post(erin, "erin"))
    make_post(bob, "to carol", in_reply_to=make_post(carol, "carol"))
    make_post(bob, "to oneself", in_reply_to=make_post(bob, "bob"))
    make_post(bob, "to me", in_reply_to=make_post(alice, "alice"))
    edit_list(list_=friends, by=alice, replies=policy)
    shown = texts(friends)
    assert sorted(t for t in shown if t.startswith("to ")) == sorted(REPLIES[policy])
    assert sorted(t for t in shown if not t.startswith("to ")) == ["bob", "carol"]


def test_pages_have_no_gaps_or_repetitions_when_new_posts_arrive(friends, alice, bob, carol):
    written = [make_post((bob, carol)[n % 2], f"post {n}") for n in range(12)]
    page = list_timeline(friends, viewer=alice, size=5)
    seen = list(page.items)
    make_post(bob, "meanwhile")
    while page.next_cursor:
        page = list_timeline(friends, viewer=alice, cursor=page.next_cursor, size=5)
        seen += page.items
    assert seen == written[::-1]


@pytest.mark.parametrize("cursor", ["nonsense", "WyJhIl0", "W10", "WzEsMl0"])
def test_a_forged_cursor_is_refused(friends, alice, cursor):
    with pytest.raises(Invalid):
        list_timeline(friends, viewer=alice, cursor=cursor)


def test_the_feed_is_complete_for_any_list(db):
    chance = random.Random(11)
    people = [make_member() for _ in range(6)]
    for by in people:
        for member in chance.sample(people, 2):
            if member != by:
                follow_member(member=member, by=by)
    posts: list[Post] = []
    for n in range(60):
        parent = chance.choice(posts) if posts and chance.random() < 0.5 else None
        posts.append(make_post(chance.choice(people), str(n), in_reply_to=parent))
    for owner in people:
        followed = {*owner.follows.values_list("followee_id", flat=True)}
        for policy in REPLIES:
            made = create_list(by=owner, title=policy, replies=policy)
            on_it = {member.pk for member in chance.sample(people, 3)}
            for member in people:
                if member.pk in on_it:
                    add_to_list(list_=made, member=member, by=owner)

            def shown(post, policy=policy, on_it=on_it, owner=owner, followed=followed):
                if post.in_reply_to is None:
                    return True
                answered = post.in_reply_to.author_id
                return policy != "none" and (
                    answered == owner.pk
                    or (policy == "list" and answered in on_it)
                    or (policy == "followed" and answered in followed | {post.author_id})
                )

            expected = [post for post in reversed(posts) if post.author_id in on_it and shown(post)]
            assert list_timeline(made, viewer=owner, size=100).items == expected


# --- Exclusive lists -----------------------------------------------------------------------------------------


def test_an_exclusive_list_removes_its_members_and_their_replies_from_home(friends, alice, bob, carol):
    for member in (bob, carol):
        follow_member(member=member, by=alice)
    remove_from_list(list_=friends, member=carol, by=alice)
    mine, hers = make_post(alice, "mine"), make_post(carol, "hers")
    make_post(bob, "his")
    make_post(bob, "his reply to me", in_reply_to=mine)
    make_post(bob, "his reply to her", in_reply_to=hers)
    full = ["his reply to her", "his reply to me", "his", "hers", "mine"]
    assert home(alice) == full
    edit_list(list_=friends, by=alice, is_exclusive=True)
    assert home(alice) == ["hers", "mine"]
    assert "his" in texts(friends)
    edit_list(list_=friends, by=alice, is_exclusive=False)
    assert home(alice) == full
    edit_list(list_=friends, by=alice, is_exclusive=True)
    delete_list(list_=friends, by=alice)
    assert home(alice) == full


def test_one_exclusive_list_of_several_is_enough(friends, alice, bob):
    follow_member(member=bob, by=alice)
    make_post(bob, "his")
    other = create_list(by=alice, title="Other", is_exclusive=True)
    assert home(alice) == ["his"]
    add_to_list(list_=other, member=bob, by=alice)
    assert home(alice) == []


def test_an_exclusive_list_removes_its_members_from_for_you(friends, alice, bob, carol):
    for member in (bob, carol):
        follow_member(member=member, by=alice)
    remove_from_list(list_=friends, member=carol, by=alice)
    make_post(bob, "his")
    make_post(carol, "hers")
    assert {post.text for post in for_you(alice).items} == {"his", "hers"}
    edit_list(list_=friends, by=alice, is_exclusive=True)
    assert {post.text for post in for_you(alice).items} == {"hers"}


def test_an_exclusive_list_of_another_member_changes_nothing(alice, bob, carol):
    follow_member(member=bob, by=alice)
    make_post(bob, "his")
    theirs = create_list(by=carol, title="Theirs", is_exclusive=True)
    add_to_list(list_=theirs, member=bob, by=carol)
    assert home(alice) == ["his"]


def test_a_member_on_their_own_exclusive_list_still_sees_their_posts_at_home(alice):
    made = create_list(by=alice, title="Me", is_exclusive=True)
    add_to_list(list_=made, member=alice, by=alice)
    make_post(alice, "mine")
    assert home(alice) == ["mine"]


# --- The page ------------------------------------------------------------------------------------------------


def test_the_page_shows_the_feed_and_the_next_page(client, friends, alice, bob):
    for n in range(25):
        make_post(bob, f"note {n}")
    client.force_login(alice)
    answer = client.get(f"/lists/{friends.pk}")
    page = answer.content.decode()
    assert "Friends" in page
    assert "2 people" in page
    assert [p.text for p in answer.context["page"].items] == [f"note {n}" for n in range(24, 4, -1)]
    cursor = answer.context["page"].next_cursor
    rest = client.get(f"/lists/{friends.pk}?cursor={cursor}", headers={"HX-Request": "true"})
    assert "<html" not in rest.content.decode()
    assert [p.text for p in rest.context["page"].items] == [f"note {n}" for n in range(4, -1, -1)]


def test_the_page_of_an_empty_list_says_what_to_do(client, alice, bob):
    made = create_list(by=alice, title="Friends")
    client.force_login(alice)
    assert "Add people" in client.get(f"/lists/{made.pk}").content.decode()
    add_to_list(list_=made, member=bob, by=alice)
    assert "Nothing here yet" in client.get(f"/lists/{made.pk}").content.decode()


@pytest.mark.parametrize("number", [3, 20])
def test_the_page_takes_the_same_queries_for_any_length(
    client, friends, alice, bob, number, django_assert_max_num_queries
):
    for n in range(number):
        make_post(bob, f"note {n}")
    client.force_login(alice)
    client.get(f"/lists/{friends.pk}")
    # Session, viewer, the list, its number of members, muted words, the posts, the marks, and every page’s queries.
    with django_assert_max_num_queries(9):
        client.get(f"/lists/{friends.pk}")
