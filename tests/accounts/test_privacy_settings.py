"""Privacy settings: who can see posts, send messages and find a member."""

import json

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.actions import choose_privacy
from accounts.models import Member
from core.refusals import Forbidden, Invalid
from messaging.actions import delete_message, send_message
from messaging.models import Conversation, Message
from social.actions import follow_member, set_private
from social.models import Follow, FollowRequest
from tests.factories import make_post

FORM = {"may_write": "everyone", "discoverable": "on"}


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def as_(member):
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- The page ----------------------------------------------------------------------------------------------


def test_the_index_lists_every_page_of_the_settings(alice):
    page = as_(alice).get("/settings").content.decode()
    for path in (
        "profile", "account", "privacy", "notifications", "blocked", "muted", "words", "interests", "posting",
        "appearance", "language", "sessions", "invites", "data",
    ):  # fmt: skip
        assert f'href="/settings/{path}"' in page, path
    assert 'href="/reports"' in page
    assert 'href="/accounts/2fa/"' in page
    assert 'href=""' not in page


def test_every_settings_page_has_the_list_of_pages(alice):
    page = as_(alice).get("/settings/privacy").content.decode()
    assert '<a class="side-link" href="/settings/privacy" aria-current="page">' in page
    assert page.count('aria-current="page">') >= 1
    assert "side-link" in as_(alice).get("/settings/appearance").content.decode()
    assert "side-link" not in Client().get("/settings/appearance").content.decode()


def test_a_visitor_signs_in_first(client, db):
    for path in ("privacy", "notifications", "invites"):
        assert "/accounts/login/" in client.get(f"/settings/{path}").url


def test_choices_are_stored_and_shown(alice):
    client = as_(alice)
    answer = client.post("/settings/privacy", {"private": "on", "may_write": "followed"})
    assert answer.url == "/settings/privacy"
    alice.refresh_from_db()
    assert (alice.is_private, alice.may_write, alice.is_discoverable) == (True, "followed", False)
    page = client.get("/settings/privacy")
    assert page.context["form"].initial == {"private": True, "may_write": "followed", "discoverable": False}
    assert "is now private" in page.content.decode()


def test_an_unknown_choice_changes_nothing(alice):
    assert as_(alice).post("/settings/privacy", {"private": "on", "may_write": "friends"}).status_code == 422
    alice.refresh_from_db()
    assert not alice.is_private
    with pytest.raises(Invalid):
        choose_privacy(by=alice, may_write="friends")


def test_the_page_explains_the_effect_on_existing_posts(alice, bob, carol):
    follow_member(member=alice, by=bob)
    assert "you keep your 1 follower" in as_(alice).get("/settings/privacy").content.decode()
    set_private(by=alice, private=True)
    follow_member(member=alice, by=carol)
    assert "1 pending request will be approved" in as_(alice).get("/settings/privacy").content.decode()
    as_(alice).post("/settings/privacy", FORM)
    assert not FollowRequest.objects.exists()
    assert Follow.objects.by(carol).of(alice).exists()


# --- Starting conversations --------------------------------------------------------------------------------


def test_a_followed_member_can_start_a_conversation(alice, bob, carol):
    choose_privacy(by=alice, may_write="followed")
    follow_member(member=bob, by=alice)
    follow_member(member=alice, by=carol)
    send_message(by=bob, to=alice, text="Hello")
    with pytest.raises(Forbidden, match="Only people Alice follows can message them first"):
        send_message(by=carol, to=alice, text="Hello")
    assert Conversation.objects.count() == 1


def test_nobody_can_start_a_conversation_with_a_member_who_allows_none(alice, bob):
    choose_privacy(by=alice, may_write="nobody")
    follow_member(member=bob, by=alice)
    with pytest.raises(Forbidden, match="isn’t accepting new messages"):
        send_message(by=bob, to=alice, text="Hello")
    assert not Conversation.objects.exists()
    send_message(by=alice, to=bob, text="But I may write to you")


def test_a_conversation_with_a_reply_can_continue(alice, bob):
    send_message(by=bob, to=alice, text="Hello")
    send_message(by=alice, to=bob, text="Hello yourself")
    choose_privacy(by=alice, may_write="nobody")
    assert send_message(by=bob, to=alice, text="And on it goes").pk


def test_a_conversation_without_a_reply_cannot_continue(alice, bob):
    send_message(by=bob, to=alice, text="Hello")
    choose_privacy(by=alice, may_write="nobody")
    with pytest.raises(Forbidden):
        send_message(by=bob, to=alice, text="Hello?")
    answer = send_message(by=alice, to=bob, text="What is it")
    assert send_message(by=bob, to=alice, text="Thank you for asking").pk
    delete_message(message=answer, by=alice)
    with pytest.raises(Forbidden):
        send_message(by=bob, to=alice, text="Are you there?")


def test_a_repeated_message_gets_the_same_response(alice, bob):
    first = send_message(by=bob, to=alice, text="Hello", idempotency_key="k")
    choose_privacy(by=alice, may_write="nobody")
    assert send_message(by=bob, to=alice, text="Hello", idempotency_key="k").pk == first.pk


def test_the_setting_at_the_time_of_sending_counts(alice, bob):
    stale = Member.objects.get(pk=alice.pk)
    choose_privacy(by=alice, may_write="nobody")
    with pytest.raises(Forbidden):
        send_message(by=bob, to=stale, text="Hello")


def test_every_entry_point_has_the_same_message(alice, bob):
    choose_privacy(by=alice, may_write="nobody")
    client = as_(bob)
    sentence = "Alice isn’t accepting new messages."
    room = client.get("/messages/with/alice").content.decode()
    assert sentence in room
    assert "<textarea" not in room.split("<main")[1].split("</main>")[0]
    posted = client.post("/messages/with/alice", {"text": "Hello"})
    assert posted.status_code == 403
    assert sentence in posted.content.decode()
    fragment = client.post("/messages/with/alice", {"text": "Hello"}, headers={"HX-Request": "true"})
    assert (fragment.status_code, sentence in json.loads(fragment["HX-Trigger"])["toast"]["text"]) == (
        403,
        True,
    )
    api = client.post(f"/api/users/{alice.pk}/messages", {"text": "Hello"}, content_type="application/json")
    assert (api.status_code, api.json()["error"], api.json()["message"]) == (403, "may_not_write", sentence)
    assert not Message.objects.exists()


# --- Discovery ---------------------------------------------------------------------------------------------

NOINDEX = '<meta name="robots" content="noindex">'


def test_pages_of_members_who_are_not_discoverable_are_noindex(alice, bob):
    post, reply = make_post(alice, "Mine"), make_post(bob, "Bobs")
    for path in ("/@alice", "/@alice/replies", f"/@alice/{post.pk}"):
        assert NOINDEX not in Client().get(path).content.decode(), path
    choose_privacy(by=alice, discoverable=False)
    for path in ("/@alice", "/@alice/replies", f"/@alice/{post.pk}"):
        assert NOINDEX in Client().get(path).content.decode(), path
    assert NOINDEX not in Client().get(f"/@bob/{reply.pk}").content.decode()


def test_members_who_are_not_discoverable_are_found_by_name(alice, bob, deliver):
    choose_privacy(by=alice, discoverable=False)
    assert Client().get("/@alice").status_code == 200


# --- The API -----------------------------------------------------------------------------------------------


def test_the_api_shows_and_changes_the_settings(alice, bob):
    client = as_(alice)
    shown = client.get("/api/settings").json()
    assert (shown["private"], shown["may_write"], shown["discoverable"]) == (False, "everyone", True)
    assert shown["notifications"]["like"] == {"in_page": True, "from_whom": "anyone"}
    changed = client.patch(
        "/api/settings",
        {"private": True, "notifications": {"like": {"from_whom": "followed"}, "follow": {"in_page": False}}},
        content_type="application/json",
    )
    assert changed.status_code == 200, changed.content
    now = client.get("/api/settings").json()
    assert now == changed.json()
    assert (now["private"], now["may_write"]) == (True, "everyone")
    assert now["notifications"]["like"] == {"in_page": True, "from_whom": "followed"}
    assert now["notifications"]["follow"] == {"in_page": False, "from_whom": "anyone"}


@pytest.mark.parametrize(
    "bad",
    [
        {"may_write": "friends"},
        {"private": "perhaps"},
        {"notifications": {"sneeze": {"in_page": True}}},
        {"notifications": {"like": {"from_whom": "mum"}}},
        {"notifications": {"like": 3}},
        {"notifications": []},
    ],
)
def test_the_api_refuses_unknown_values(alice, bad):
    answer = as_(alice).patch("/api/settings", bad | {"discoverable": False}, content_type="application/json")
    assert answer.status_code == 422
    alice.refresh_from_db()
    assert alice.is_discoverable


def test_visitors_have_no_settings(client, db):
    assert client.get("/api/settings").status_code == 401
    assert client.patch("/api/settings", {}, content_type="application/json").status_code in (401, 403)


def test_the_reminder_of_descriptions_can_be_switched_off_on_the_page_and_by_the_api(alice):
    client = as_(alice)
    assert "data-alt-reminder" in client.get("/compose").content.decode()
    assert client.post("/settings/posting").url == "/settings/posting"
    assert "data-alt-reminder" not in client.get("/compose").content.decode()
    assert client.get("/api/settings").json()["alt_reminder"] is False
    client.patch("/api/settings", {"alt_reminder": True}, content_type="application/json")
    assert 'name="alt_reminder" checked' in client.get("/settings/posting").content.decode()
