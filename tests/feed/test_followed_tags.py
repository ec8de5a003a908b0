"""Followed hashtags in the home feed: no gaps, no repetitions and no hidden posts."""

import random

import pytest

from feed.queries import chronological
from feed.queries.timeline import followed_tags_of, following_timeline
from posts.actions import delete_post, edit_post, follow_tag, hold_post, unfollow_tag, write_post
from posts.models import Post
from social.actions import block_member, follow_member
from social.actions.lists import add_to_list, create_list
from tests.factories import make_member, make_post


@pytest.fixture(params=["few followed", "many followed"], autouse=True)
def way(request, monkeypatch):
    """Run every test with both queries for the timeline."""
    monkeypatch.setattr(chronological, "SCAN_THRESHOLD", 300 if request.param == "few followed" else -1)


def home(viewer, **options):
    viewer.refresh_from_db()
    return [post.text for post in following_timeline(viewer, **options).items]


def test_posts_with_a_followed_hashtag_are_in_the_home_feed_by_time(alice, bob, carol):
    follow_member(member=bob, by=alice)
    make_post(carol, "crust #Bread")
    make_post(bob, "hello")
    make_post(carol, "no tag")
    make_post(carol, "crumb #BREAD")
    assert home(alice) == ["hello"]
    follow_tag(name="bread", by=alice)
    assert home(alice) == ["crumb #BREAD", "hello", "crust #Bread"]
    unfollow_tag(name="bread", by=alice)
    assert home(alice) == ["hello"]


def test_a_post_is_shown_once_for_several_reasons(alice, bob):
    follow_member(member=bob, by=alice)
    make_post(bob, "#bread #butter #jam")
    for name in ("bread", "butter", "jam"):
        follow_tag(name=name, by=alice)
    assert home(alice) == ["#bread #butter #jam"]


def test_posts_with_many_followed_hashtags_displace_no_others(alice, bob):
    written = [make_post(bob, f"{n} #bread #butter #jam") for n in range(15)]
    for name in ("bread", "butter", "jam"):
        follow_tag(name=name, by=alice)
    page, seen = following_timeline(alice, size=4), []
    while True:
        seen += page.items
        assert len(page) == 4 or not page.next_cursor
        if not page.next_cursor:
            break
        page = following_timeline(alice, size=4, cursor=page.next_cursor)
    assert seen == written[::-1]


def test_a_followed_hashtag_adds_no_replies(alice, bob, carol):
    follow_member(member=carol, by=alice)
    hers = make_post(carol, "hers")
    make_post(bob, "a stranger's reply #bread", in_reply_to=hers)
    make_post(carol, "her own reply #bread", in_reply_to=hers)
    make_post(bob, "#bread")
    follow_tag(name="bread", by=alice)
    assert home(alice) == ["#bread", "her own reply #bread", "hers"]


def test_a_followed_hashtag_adds_no_hidden_posts(alice, bob, carol):
    make_post(bob, "seen #bread")
    follow_tag(name="bread", by=alice)
    write_post(by=bob, text="waiting #bread")
    hold_post(post=make_post(bob, "held #bread"), reason="odd")
    delete_post(post=make_post(bob, "deleted #bread"), by=bob)
    edit_post(post=make_post(bob, "untagged #bread"), by=bob, text="untagged now")
    make_post(make_member("dora", is_private=True), "private #bread")
    make_post(carol, "blocked #bread")
    block_member(member=alice, by=carol)
    closed = make_member("closed")
    make_post(closed, "closed #bread")
    closed.is_active = False
    closed.save()
    assert home(alice) == ["seen #bread"]


def test_a_followed_hashtag_adds_no_posts_by_members_of_exclusive_lists(alice, bob, carol):
    make_post(bob, "his #bread")
    make_post(carol, "hers #bread")
    follow_tag(name="bread", by=alice)
    made = create_list(by=alice, title="Elsewhere", is_exclusive=True)
    add_to_list(list_=made, member=bob, by=alice)
    assert home(alice) == ["hers #bread"]


def test_the_page_names_the_hashtag_when_it_is_the_only_reason(client, alice, bob, carol):
    follow_member(member=bob, by=alice)
    make_post(bob, "his #bread")
    make_post(alice, "mine #bread")
    theirs = make_post(carol, "hers #Bread")
    follow_tag(name="bread", by=alice)
    page = following_timeline(alice)
    assert {i: tag.name for i, tag in followed_tags_of(alice, page.items).items()} == {theirs.pk: "bread"}
    client.force_login(alice)
    assert client.get("/").content.decode().count("Because you follow") == 1


def test_the_home_feed_is_the_union_of_followees_and_hashtags_for_any_history(db):
    chance = random.Random(5)
    people = [make_member() for _ in range(8)]
    tags = ["bread", "butter", "jam", "tea"]
    for by in people:
        for member in chance.sample(people, 2):
            if member != by:
                follow_member(member=member, by=by)
    posts: list[Post] = []
    for n in range(90):
        parent = chance.choice(posts) if posts and chance.random() < 0.4 else None
        text = " ".join([str(n), *(f"#{tag}" for tag in chance.sample(tags, chance.choice([0, 0, 1, 2])))])
        posts.append(make_post(chance.choice(people), text, in_reply_to=parent))
    for viewer in people:
        wanted = chance.sample(tags, 2)
        for tag in wanted:
            follow_tag(name=tag, by=viewer)
        out = chance.choice(people)
        add_to_list(list_=create_list(by=viewer, title="Out", is_exclusive=True), member=out, by=viewer)
        circle = {viewer.id, *viewer.follows.values_list("followee_id", flat=True)}
        kept_out = {out.id} - {viewer.id}
        expected = [
            post
            for post in reversed(posts)
            if post.author_id not in kept_out
            and (
                (
                    post.author_id in circle
                    and (post.in_reply_to is None or post.in_reply_to.author_id in circle)
                )
                or (post.in_reply_to is None and any(f"#{tag}" in post.text for tag in wanted))
            )
        ]
        viewer.refresh_from_db()
        assert following_timeline(viewer, size=100).items == expected
        page, seen = following_timeline(viewer, size=7), []
        while True:
            seen += page.items
            if not page.next_cursor:
                break
            page = following_timeline(viewer, size=7, cursor=page.next_cursor)
        assert seen == expected


# --- The pages -----------------------------------------------------------------------------------------------

HTMX = {"HX-Request": "true"}


def test_the_button_follows_and_unfollows(client, alice, bob):
    make_post(bob, "#Bread")
    client.force_login(alice)
    assert 'aria-pressed="false"' in client.get("/tags/bread").content.decode()
    button = client.post("/tags/bread/follow", headers=HTMX).content.decode()
    assert "/tags/bread/unfollow" in button
    assert 'aria-pressed="true"' in button
    assert 'aria-pressed="true"' in client.get("/tags/bread").content.decode()
    page = client.get("/followed-tags").content.decode()
    assert "#Bread" in page
    assert 'aria-pressed="false"' in client.post("/tags/bread/unfollow", headers=HTMX).content.decode()
    assert "You don’t follow any hashtags yet" in client.get("/followed-tags").content.decode()


def test_the_form_without_scripts_follows_and_redirects_back(client, alice, bob):
    make_post(bob, "#bread")
    client.force_login(alice)
    answer = client.post("/tags/Bread/follow", headers={"referer": "http://testserver/tags/bread"})
    assert answer["Location"] == "/tags/bread"
    assert client.post("/tags/bread/unfollow")["Location"] == "/followed-tags"
    assert home(alice) == []


def test_visitors_sign_in_first_and_unknown_hashtags_are_not_found(client, alice, bob):
    make_post(bob, "#bread")
    for path in ("/tags/bread/follow", "/tags/bread/unfollow"):
        assert client.post(path, headers=HTMX).status_code == 401
    assert client.get("/followed-tags").status_code == 302
    assert "Follow" in client.get("/tags/bread").content.decode()
    client.force_login(alice)
    assert client.get("/tags/bread/follow").status_code == 405
    assert client.post("/tags/never/follow", headers=HTMX).status_code == 404


def test_followed_tags_are_paged(client, alice, bob):
    names = [f"tag{n:02}" for n in range(25)]
    for name in names:
        make_post(bob, f"#{name}")
        follow_tag(name=name, by=alice)
    client.force_login(alice)
    page = client.get("/followed-tags").context["page"]
    assert [follow.tag.name for follow in page.items] == names[:4:-1]
    rest = client.get(f"/followed-tags?cursor={page.next_cursor}", headers=HTMX)
    assert "<html" not in rest.content.decode()
    assert [follow.tag.name for follow in rest.context["page"].items] == names[4::-1]


@pytest.mark.parametrize(("number", "queries"), [(0, 8), (3, 10), (20, 10)])
def test_home_takes_the_same_queries_for_any_number_of_hashtags(
    client, alice, bob, number, queries, django_assert_max_num_queries
):
    make_post(alice, "mine")
    for n in range(number):
        make_post(bob, f"#tag{n}")
        follow_tag(name=f"tag{n}", by=alice)
    client.force_login(alice)
    client.get("/")
    # Session, viewer, muted words, the settings of home, the posts, their reasons, the marks, and the queries of every
    # page; with hashtags, also the ids by followees and by hashtags.
    with django_assert_max_num_queries(queries):
        client.get("/")
