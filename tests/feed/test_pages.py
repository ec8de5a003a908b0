"""Home, the welcome page, explore, hashtags, profiles and about: what they show, to whom, with how many queries."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member
from feed.actions.suggestions import compute_suggestions_for
from feed.actions.trends import compute_trends
from posts.actions import like_post, remove_post, write_post
from social.actions import follow_member, set_private
from tests.factories import make_member, make_post

HTMX = {"HX-Request": "true"}


def shown(answer):
    """Return the texts of the posts on a page, in order."""
    return [post.text for post in answer.context["page"].items]


def cards(answer):
    return re.findall(r'<article class="post" id="post-(\d+)"', answer.content.decode())


# --- Home --------------------------------------------------------------------------------------------------


def test_home_shows_the_following_timeline(client, alice, bob, carol):
    follow_member(member=bob, by=alice)
    posts = [make_post(bob, "from bob"), make_post(alice, "from me")]
    make_post(carol, "from carol")
    client.force_login(alice)
    answer = client.get("/")
    assert cards(answer) == [str(post.id) for post in reversed(posts)]
    assert 'id="composer"' in answer.content.decode()


def test_home_is_paged_with_links_and_fragments(client, alice):
    for n in range(45):
        make_post(alice, f"post {n}")
    client.force_login(alice)
    address, seen = "/", []
    for headers in ({}, HTMX, {}):
        answer = client.get(address, headers=headers)
        page = answer.content.decode()
        assert ("<html" in page) == (headers == {})
        seen += shown(answer)
        found = re.search(r'href="(/\?cursor=[^"]+)"', page)
        address = found[1] if found else ""
    assert seen == [f"post {n}" for n in range(44, -1, -1)]
    assert address == ""


def test_a_cache_never_confuses_fragment_and_page(client, alice):
    client.force_login(alice)
    assert "HX-Request" in client.get("/")["Vary"]


def test_an_empty_home_feed_says_what_to_do_and_who_to_follow(client, alice, bob):
    compute_suggestions_for(member=alice)
    client.force_login(alice)
    page = client.get("/").content.decode()
    assert "Your home feed is empty" in page
    assert 'href="/suggestions"' in page
    assert f'id="person-{bob.id}"' in page
    assert f'id="person-{alice.id}"' not in page


@pytest.mark.parametrize("posts", [5, 50])
def test_home_takes_the_same_queries_for_few_and_many_posts(
    client, alice, bob, posts, django_assert_max_num_queries
):
    follow_member(member=bob, by=alice)
    for n in range(posts):
        make_post(bob, f"post {n} #tag @alice")
    client.force_login(alice)
    client.get("/")
    with django_assert_max_num_queries(8) as asked:
        assert client.get("/").status_code == 200
    assert len(asked) <= 8


# --- The welcome page --------------------------------------------------------------------------------------


def test_a_visitor_sees_the_welcome_page(client, alice, settings):
    settings.SITE_NAME, settings.SITE_TAGLINE = "Agora", "A square for neighbours."
    post = make_post(alice, "in the open")
    page = client.get("/").content.decode()
    assert "Agora" in page
    assert "A square for neighbours." in page
    for rule in settings.COMMUNITY_RULES:
        assert str(rule["title"]) in page
    assert reverse("account_signup") in page
    assert f'id="post-{post.id}"' in page
    assert '<meta property="og:title" content="Agora">' in page
    assert "<strong>1</strong> member ·" in page


def test_a_german_visitor_sees_the_welcome_page_in_german(client, alice, bob):
    make_post(alice, "in the open")
    page = client.get("/", headers={"accept-language": "de"}).content.decode()
    assert (
        "<strong>2</strong> Mitglieder · <strong>1</strong> Beitrag · Beiträge in zeitlicher Reihenfolge"
        in page
    )
    assert "Betrieben von der eigenen Community." in page
    assert "Run by its own community." in client.get("/").content.decode()


def test_a_visitor_sees_public_posts_only(client, alice, bob):
    write_post(by=alice, text="not reviewed yet")
    remove_post(post=make_post(bob, "removed"), reason="rule 1")
    assert shown(client.get("/")) == []


def test_the_welcome_page_takes_few_queries(client, alice, django_assert_max_num_queries):
    for n in range(20):
        make_post(alice, f"post {n}")
    client.get("/")
    with django_assert_max_num_queries(3):
        client.get("/")


# --- Explore -----------------------------------------------------------------------------------------------


@pytest.fixture
def lively(alice, bob, carol):
    posts = [make_post(member, f"{member.name} at the #Market") for member in (alice, bob, carol)]
    for fan in (bob, carol, make_member("dave")):
        like_post(post=posts[0], by=fan)
    follow_member(member=bob, by=alice)
    follow_member(member=bob, by=carol)
    compute_trends()
    return posts


@pytest.mark.parametrize("signed_in", [False, True])
def test_explore_starts_with_trends(client, carol, lively, signed_in):
    if signed_in:
        client.force_login(carol)
    assert cards(client.get("/explore")) == [str(lively[0].id)]


def test_explore_lists_hashtags(client, lively):
    page = client.get("/explore?tab=tags").content.decode()
    assert "#Market" in page
    assert "3 people" in page
    assert "/tags/market" in page


def test_explore_lists_people_by_followers_or_newest_first(client, lively):
    people = client.get("/explore?tab=people").context["page"].items
    assert people[0].username == "bob"
    newest = client.get("/explore?tab=people&order=new").context["page"].items
    assert newest[0].username == "dave"


def test_members_are_paged_in_one_order(client, alice):
    for n in range(30):
        make_member(f"m{n:02}", followers_count=n % 3)
    first = client.get("/explore?tab=people")
    second = client.get(f"/explore?tab=people&cursor={first.context['page'].next_cursor}")
    people = [*first.context["page"].items, *second.context["page"].items]
    assert len({member.id for member in people}) == 31
    assert people == sorted(people, key=lambda m: (-m.followers_count, -m.id))


def test_a_closed_account_is_not_listed(client, alice, bob):
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    assert client.get("/explore?tab=people").context["page"].items == [alice]


def test_explore_shows_the_latest_without_replies(client, alice, bob):
    post = make_post(alice, "question")
    make_post(bob, "answer", in_reply_to=post)
    write_post(by=bob, text="not reviewed yet")
    client.force_login(bob)
    assert shown(client.get("/explore?tab=latest")) == ["question"]


@pytest.mark.parametrize("tab", ["", "trending", "tags", "people", "latest", "no such tab"])
def test_every_tab_of_an_empty_site_has_a_message(client, db, tab):
    answer = client.get("/explore", {"tab": tab})
    assert answer.status_code == 200
    assert 'class="empty"' in answer.content.decode()


@pytest.mark.parametrize("tab", ["trending", "tags", "people", "latest"])
def test_explore_takes_few_queries(client, carol, lively, tab, django_assert_max_num_queries):
    client.force_login(carol)
    client.get(f"/explore?tab={tab}")
    with django_assert_max_num_queries(6):
        client.get(f"/explore?tab={tab}")


# --- Hashtags ----------------------------------------------------------------------------------------------


def test_a_hashtag_page_has_every_spelling_newest_first(client, alice, bob):
    for author, text in ((alice, "the #Märkte"), (bob, "#MÄRKTE!"), (bob, "no tag")):
        make_post(author, text)
    answer = client.get("/tags/MÄRKTE")
    assert shown(answer) == ["#MÄRKTE!", "the #Märkte"]
    assert "#Märkte" in answer.content.decode()


def test_a_hashtag_page_is_paged(client, alice):
    for n in range(25):
        make_post(alice, f"{n} #long")
    first = client.get("/tags/long")
    second = client.get(f"/tags/long?cursor={first.context['page'].next_cursor}", headers=HTMX)
    assert shown(first) + shown(second) == [f"{n} #long" for n in range(24, -1, -1)]


def test_a_hashtag_page_shows_public_posts_only(client, alice):
    make_post(alice, "#open")
    write_post(by=alice, text="#open waiting")
    remove_post(post=make_post(alice, "#open removed"), reason="rule 1")
    client.force_login(alice)
    assert shown(client.get("/tags/open")) == ["#open"]


def test_an_unused_hashtag_is_not_found(client, db):
    assert client.get("/tags/nothing").status_code == 404


def test_a_hashtag_of_hidden_posts_takes_the_same_queries_as_an_unused_one(client, alice, bob):
    make_post(alice, "#diary")
    set_private(by=alice, private=True)
    client.force_login(bob)
    for address in ("/tags/{}", "/api/tags/{}/posts"):
        answers, steps = [], []
        for name in ("never", "diary", "never"):
            with CaptureQueriesContext(connection) as queries:
                answers.append(client.get(address.format(name)).status_code)
            steps.append(len(queries))
        assert answers == [404, 404, 404]
        assert steps[1] == steps[2]


def test_a_private_accounts_spelling_of_a_hashtag_shows_on_no_public_page(client, alice, bob, carol):
    set_private(by=alice, private=True)
    make_post(alice, "#DiagNosis")
    make_post(bob, "#diagnosis")
    make_post(carol, "#DIAGNOSIS")
    page = client.get("/tags/diagnosis").content.decode()
    assert '<h1 class="truncate grow" dir="auto">#diagnosis</h1>' in page
    assert "DiagNosis" not in page


def test_a_hashtag_page_takes_few_queries(client, alice, django_assert_max_num_queries):
    for n in range(20):
        make_post(alice, f"{n} #cheap")
    client.force_login(alice)
    client.get("/tags/cheap")
    # The viewer, the hashtag and whether it is followed, muted words, its posts, the viewer’s marks on them, and the
    # two unread counts.
    with django_assert_max_num_queries(8):
        client.get("/tags/cheap")


# --- Profiles ----------------------------------------------------------------------------------------------


def test_a_profile_shows_all_its_fields(client, db):
    ana = make_member(
        "ana",
        display_name="Ana Silva",
        bio="Bread & maps, with @bob. https://example.org/ana <b>",
        pronouns="she/her",
        location="Porto",
        website="https://ana.example",
        is_verified=True,
        followers_count=1234,
        following_count=7,
        posts_count=3,
    )
    make_member("bob")
    page = client.get("/@ana").content.decode()
    assert "Ana Silva" in page
    assert "she/her" in page
    assert "Porto" in page
    assert "Bread &amp; maps" in page
    assert '<a class="mention" href="/@bob">@bob</a>' in page
    assert 'href="https://example.org/ana"' in page
    assert "&lt;b&gt;" in page
    website = re.search(r'<a[^>]*href="https://ana.example"[^>]*>', page)
    assert website
    assert "nofollow" in website[0]
    assert "ugc" in website[0]
    assert "Verified" in page
    assert "1.2K" in page
    assert reverse("social:followers", args=["ana"]) in page
    assert reverse("social:following", args=["ana"]) in page
    assert "Joined" in page
    assert '<meta property="og:title" content="Ana Silva (@ana)">' in page
    assert '<meta property="og:type" content="profile">' in page
    assert ana.get_absolute_url() == "/@ana"


def test_posts_and_replies_have_tabs(client, alice, bob):
    post = make_post(alice, "original")
    make_post(alice, "answer", in_reply_to=make_post(bob, "question"))
    assert shown(client.get("/@alice")) == ["original"]
    assert shown(client.get("/@alice/replies")) == ["answer"]
    assert cards(client.get("/@alice")) == [str(post.id)]


def test_a_username_matches_in_any_case(client, alice):
    assert client.get("/@ALICE").status_code == 200


def test_likes_are_visible_to_their_owner_only(client, alice, bob):
    first, second = make_post(bob, "first"), make_post(bob, "second")
    like_post(post=second, by=alice)
    like_post(post=first, by=alice)
    assert client.get("/@alice/likes").status_code == 404
    client.force_login(bob)
    assert client.get("/@alice/likes").status_code == 404
    assert "/@alice/likes" not in client.get("/@alice").content.decode()
    client.force_login(alice)
    assert shown(client.get("/@alice/likes")) == ["first", "second"]
    remove_post(post=first, reason="rule 1")
    assert shown(client.get("/@alice/likes")) == ["second"]


def test_a_profile_shows_the_relation_to_the_viewer(client, alice, bob):
    client.force_login(alice)
    assert "Follows you" not in client.get("/@bob").content.decode()
    follow_member(member=alice, by=bob)
    assert "Follows you" in client.get("/@bob").content.decode()
    follow_member(member=bob, by=alice)
    page = client.get("/@bob").content.decode()
    assert "Mutual" in page
    assert reverse("social:unfollow", args=["bob"]) in page


def test_your_own_profile_has_an_edit_button_instead_of_follow(client, alice):
    client.force_login(alice)
    page = client.get("/@alice").content.decode()
    assert reverse("media:profile") in page
    assert 'id="follow-button-' not in page


def test_held_and_removed_posts_are_on_the_profile_for_their_author_only(client, alice, bob):
    write_post(by=alice, text="waiting")
    remove_post(post=make_post(alice, "removed"), reason="Rule 1: spam.")
    client.force_login(bob)
    assert shown(client.get("/@alice")) == []
    client.force_login(alice)
    answer = client.get("/@alice")
    assert shown(answer) == ["removed", "waiting"]
    assert "Rule 1: spam." in answer.content.decode()


def test_unknown_and_hidden_members_have_no_profile(client, alice):
    assert client.get("/@nobody").status_code == 404
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    for page in ("", "/replies", "/likes"):
        assert client.get(f"/@alice{page}").status_code == 404


@pytest.mark.parametrize("posts", [2, 25])
def test_a_profile_takes_the_same_queries_for_few_and_many_posts(
    client, alice, bob, posts, django_assert_max_num_queries
):
    for n in range(posts):
        make_post(bob, f"post {n}")
    client.force_login(alice)
    client.get("/@bob")
    # The viewer, bob, his posts, the viewer’s marks on them and muted words, their relations, the known followers, and
    # the two unread counts.
    with django_assert_max_num_queries(10):
        client.get("/@bob")


# --- About -------------------------------------------------------------------------------------------------


def test_about_shows_who_runs_the_site_its_rules_and_contact(client, alice, moderator, settings):
    settings.SITE_OPERATOR, settings.CONTACT_EMAIL = "The Agora Society, Porto", "post@agora.example"
    page = client.get("/about").content.decode()
    assert "The Agora Society, Porto" in page
    assert "mailto:post@agora.example" in page
    assert f'id="person-{moderator.id}"' in page
    assert f'id="person-{alice.id}"' not in page
    for rule in settings.COMMUNITY_RULES:
        assert f'id="rule-{rule["id"]}"' in page


def test_about_names_and_counts_in_each_language(client, alice, settings):
    settings.SITE_NAME = "Ana & Bo"
    for n in range(2):
        make_post(alice, f"post {n}")
    page = client.get("/about").content.decode()
    assert '<meta property="og:title" content="About Ana &amp; Bo">' in page
    assert "<p>1 member and 2 posts.</p>" in page
    page = client.get("/about", headers={"accept-language": "de"}).content.decode()
    assert '<meta property="og:title" content="Über Ana &amp; Bo">' in page
    assert "<p>1 Mitglied und 2 Beiträge.</p>" in page
