"""Interests, the first steps after signing up, and hovercards."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.actions import choose_interests, finish_onboarding
from accounts.models import Interest, Member
from accounts.queries import interests_of, topics
from core.refusals import Invalid
from core.text import fold_tag
from feed.queries.for_you import for_you, ranked_ids
from posts.actions import like_post
from posts.models import Post
from social.actions import follow_member
from tests.factories import make_member, make_post
from tests.media.conftest import picture

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def newcomer(db):
    return make_member("newcomer", joined_at=timezone.now())


# --- Interests ---------------------------------------------------------------------------------------------


def test_topics_have_short_keys_and_folded_hashtags():
    keys = [topic.key for topic in topics()]
    assert len(keys) == len(set(keys))
    for topic in topics():
        assert len(topic.key) <= 30
        assert topic.tags
        assert all(tag == fold_tag(tag) for tag in topic.tags)
    tags = [tag for topic in topics() for tag in topic.tags]
    assert len(tags) == len(set(tags)), "a tag belongs to one topic"


def test_a_new_choice_of_interests_replaces_the_earlier_one(alice):
    choose_interests(by=alice, topics=["tech", "food", "food"])
    choose_interests(by=alice, topics=["food", "music"])
    assert [topic.key for topic in interests_of(alice)] == ["food", "music"]
    choose_interests(by=alice, topics=[])
    assert interests_of(alice) == []


def test_an_unknown_topic_is_refused_and_nothing_changes(alice):
    choose_interests(by=alice, topics=["tech"])
    with pytest.raises(Invalid):
        choose_interests(by=alice, topics=["food", "astrology"])
    assert [topic.key for topic in interests_of(alice)] == ["tech"]


def test_a_topic_that_was_removed_from_the_settings_is_ignored(alice):
    Interest.objects.create(member=alice, topic="gone")
    assert interests_of(alice) == []


def test_the_page_saves_the_checked_topics(client, alice):
    client.force_login(alice)
    answer = client.post("/settings/interests", {"topics": ["tech", "cars"]}, follow=True)
    page = answer.content.decode()
    assert "Interests saved." in page
    assert page.count("checked") == 2
    assert "/settings/interests" in client.get("/settings").content.decode()


def test_the_api_returns_and_saves_interests(client, alice):
    assert {"key": "anime", "label": "Anime and comics"}.items() <= next(
        topic for topic in client.get("/api/topics").json() if topic["key"] == "anime"
    ).items()
    client.force_login(alice)
    answer = client.put("/api/interests", {"topics": ["anime"]}, content_type="application/json")
    assert [topic["key"] for topic in answer.json()] == ["anime"]
    assert [topic["key"] for topic in client.get("/api/interests").json()] == ["anime"]
    answer = client.put("/api/interests", {"topics": ["x"]}, content_type="application/json")
    assert answer.status_code == 422
    assert "topics" in answer.json()["fields"]


# --- For you -----------------------------------------------------------------------------------------------


def test_for_you_starts_with_a_new_members_interests(newcomer, bob, carol):
    fans = [make_member() for _ in range(4)]
    loud = [make_post(bob, f"Everybody talks about this, {n}") for n in range(3)]
    for post in loud:
        for fan in fans:
            like_post(post=post, by=fan)
    wanted = make_post(carol, "A quiet word about #Vinyl")
    choose_interests(by=newcomer, topics=["music"])
    assert ranked_ids(newcomer)[0] == wanted.id
    other = make_member("other", joined_at=timezone.now())
    assert ranked_ids(other)[0] != wanted.id


def test_for_you_also_shows_a_new_member_other_posts(newcomer, bob, carol):
    posts = [make_post(bob, "Something else"), make_post(carol, "#vinyl")]
    choose_interests(by=newcomer, topics=["music"])
    assert {post.id for post in for_you(newcomer).items} == {post.id for post in posts}


def test_interests_show_no_hidden_posts(newcomer, bob):
    make_post(bob, "#vinyl not reviewed", published=False)
    Member.objects.filter(pk=bob.pk).update(is_private=True)
    make_post(bob, "#vinyl for followers")
    choose_interests(by=newcomer, topics=["music"])
    assert ranked_ids(newcomer) == []


# --- The first steps ---------------------------------------------------------------------------------------

FORM = {"email": "new@example.com", "username": "newbie", "password1": "correct horse battery"}


def test_signing_up_leads_to_the_first_steps(client):
    assert client.post("/accounts/signup/", FORM)["Location"] == "/start/profile"


def test_signing_up_with_next_leads_there(client, alice):
    answer = client.post("/accounts/signup/?next=/@alice", FORM | {"next": "/@alice"})
    assert answer["Location"] == "/@alice"
    assert "/start/profile" in client.get("/").content.decode()


@pytest.mark.parametrize("who", ["old", "done", "simulated"])
def test_others_are_not_sent_to_the_first_steps(client, who):
    made: dict[str, dict[str, Any]] = {
        "old": {"joined_at": timezone.now() - timedelta(days=15)},
        "done": {"joined_at": timezone.now(), "onboarded_at": timezone.now()},
        "simulated": {"joined_at": timezone.now(), "is_simulated": True},
    }
    make_member("somebody", **made[who])
    answer = client.post("/accounts/login/", {"login": "somebody", "password": "correct horse"})
    assert answer["Location"] == "/"
    assert 'href="/start/profile"' not in client.get("/").content.decode()


def test_signing_in_before_the_first_steps_are_done_leads_there(client, newcomer):
    answer = client.post("/accounts/login/", {"login": "newcomer", "password": "correct horse"})
    assert answer["Location"] == "/start/profile"


def test_the_steps_are_interests_people_and_a_post(client, newcomer, bob):
    make_post(bob, "#vinyl again")
    client.force_login(newcomer)
    assert 'aria-current="step"><span>Interests' in client.get("/start").content.decode()
    answer = client.post("/start", {"topics": ["music"]})
    assert answer["Location"] == "/start/people"
    page = client.get("/start/people").content.decode()
    assert "Also interested in music" in page
    assert 'formaction="/@bob/follow"' in page
    client.post("/@bob/follow", {"next": "/start/people"})
    assert "You already follow 1 person." in client.get("/start/people").content.decode()
    assert 'action="/start/post"' in client.get("/start/post").content.decode()
    answer = client.post("/start/post", {"text": "Hello, I am new"}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Your first post is live. Welcome!" in answer.content.decode()
    newcomer.refresh_from_db()
    assert newcomer.onboarded_at is not None
    assert 'href="/start/profile"' not in client.get("/").content.decode()


def test_the_steps_are_in_the_members_language(client, newcomer):
    Member.objects.filter(pk=newcomer.pk).update(language="de")
    client.force_login(newcomer)
    page = client.get("/start").content.decode()
    assert 'aria-current="step"><span>Interessen' in page
    assert "Nachrichten und Politik" in page
    assert "Schritt 2 von 4" in page
    assert [topic["label"] for topic in client.get("/api/topics").json()][:2] == [
        "Nachbarschaft",
        "Nachrichten und Politik",
    ]


def test_the_same_form_sent_twice_creates_one_post(client, newcomer):
    client.force_login(newcomer)
    for _ in range(2):
        client.post("/start/post", {"text": "Hello", "idempotency_key": "k" * 20})
    assert Post.objects.filter(author=newcomer).count() == 1


def test_an_empty_first_post_is_refused_with_a_message(client, newcomer):
    client.force_login(newcomer)
    answer = client.post("/start/post", {"text": "  "})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    newcomer.refresh_from_db()
    assert newcomer.onboarded_at is None


@pytest.mark.parametrize("step", ["/start", "/start/people", "/start/post"])
def test_each_step_can_be_skipped_and_is_not_shown_again(client, newcomer, step):
    client.force_login(newcomer)
    assert 'action="/start/leave"' in client.get(step).content.decode()
    assert client.post("/start/leave")["Location"] == "/"
    assert finish_onboarding(by=newcomer) is False
    assert 'href="/start/profile"' not in client.get("/").content.decode()


def test_other_pages_work_during_the_first_steps(client, newcomer):
    client.force_login(newcomer)
    for path in ("/", "/explore", "/@newcomer", "/settings"):
        assert client.get(path).status_code == 200


def test_a_first_member_without_suggestions_can_continue(client, newcomer):
    client.force_login(newcomer)
    page = client.get("/start/people").content.decode()
    assert "No suggestions yet" in page
    assert 'href="/start/post"' in page


@pytest.mark.parametrize("step", ["/start", "/start/people", "/start/post"])
def test_a_visitor_signs_in_first(client, step):
    assert client.get(step)["Location"].startswith("/accounts/login/")


# --- Hovercards --------------------------------------------------------------------------------------------


def test_the_hovercard_shows_a_member(client, alice, bob, carol):
    Member.objects.filter(pk=bob.pk).update(bio="Bread & <b>butter</b>", is_private=True, is_verified=True)
    follow_member(member=carol, by=alice)
    Member.objects.filter(pk=bob.pk).update(is_private=False)
    follow_member(member=bob, by=carol)
    follow_member(member=alice, by=bob)
    Member.objects.filter(pk=bob.pk).update(is_private=True)
    client.force_login(alice)
    answer = client.get("/@bob/card", headers=HTMX)
    page = answer.content.decode()
    for words in (
        "@bob",
        "Bread &amp; &lt;b&gt;",
        "Private account",
        "Verified",
        "Follows you",
        "Followed by Carol",
    ):
        assert words in page
    assert "/@bob/follow" in page
    assert "<html" not in page
    assert "no-store" in answer["Cache-Control"]


def test_the_hovercard_has_no_follow_button_for_yourself_and_a_sign_in_link_for_visitors(client, alice):
    page = client.get("/@alice/card", headers=HTMX).content.decode()
    assert "/accounts/login/?next=/%40alice" in page or "/accounts/login/?next=/@alice" in page
    client.force_login(alice)
    assert "btn-follow" not in client.get("/@alice/card", headers=HTMX).content.decode()


def test_the_hovercard_redirects_to_the_profile_without_htmx(client, alice):
    assert client.get("/@alice/card")["Location"] == "/@alice"


@pytest.mark.parametrize("by", ["viewer", "owner"])
def test_a_blocked_member_has_no_hovercard(client, alice, bob, by):
    from social.actions import block_member

    one, other = (alice, bob) if by == "viewer" else (bob, alice)
    block_member(member=other, by=one)
    client.force_login(alice)
    never = client.get("/@nobody/card", headers=HTMX)
    answer = client.get("/@bob/card", headers=HTMX)
    assert answer.status_code == never.status_code == 404


def test_the_hovercard_takes_few_queries(client, alice, bob, django_assert_max_num_queries):
    client.force_login(alice)
    client.get("/@bob/card", headers=HTMX)
    # The session, the viewer, bob, their relations, and the known followers.
    with django_assert_max_num_queries(6):
        client.get("/@bob/card", headers=HTMX)


def test_the_first_step_asks_for_a_name_and_a_picture(client, newcomer):
    client.force_login(newcomer)
    page = client.get("/start/profile").content.decode()
    assert f"@{newcomer.username}" in page
    assert 'href="/start"' in page, "it may be skipped"
    answer = client.post("/start/profile", {"display_name": "Nora", "avatar": picture()})
    assert answer["Location"] == "/start"
    member = Member.objects.get(pk=newcomer.pk)
    assert (member.display_name, bool(member.avatar)) == ("Nora", True)
    bad = SimpleUploadedFile("a.png", b"<svg/>")
    refused = client.post("/start/profile", {"display_name": "Other", "avatar": bad})
    assert refused.status_code == 422
    assert 'value="Other"' in refused.content.decode()
    assert Member.objects.get(pk=newcomer.pk).display_name == "Nora"
