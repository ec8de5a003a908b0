"""Preferences: which kinds notify a member, and from whom."""

import threading

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from core.events import deliver_pending
from notifications.actions import notify, set_preference, withdraw
from notifications.models import FromWhom, Notification, NotificationKind, Preference
from notifications.queries import preferences_of, unseen_count
from posts.actions import like_post
from social.actions import follow_member
from tests.factories import make_member, make_post


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def page(alice):
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(**changes):
    fields = {}
    for kind in NotificationKind:
        fields[f"{kind}_in_page"] = "on"
        fields[f"{kind}_from"] = "anyone"
    fields |= changes
    return {name: value for name, value in fields.items() if value}


def test_without_a_preference_everything_notifies(alice, bob):
    assert {(each.in_page, each.from_whom) for each in preferences_of(alice)} == {(True, "anyone")}
    assert notify(member=alice, kind=NotificationKind.FOLLOW, by=bob)


@pytest.mark.parametrize("kind", list(NotificationKind))
def test_a_kind_that_is_off_does_not_notify(alice, bob, kind):
    set_preference(by=alice, kind=kind, in_page=False)
    post = (
        make_post(alice)
        if kind in (NotificationKind.LIKE, NotificationKind.REPLY, NotificationKind.MENTION)
        else None
    )
    assert notify(member=alice, kind=kind, by=bob, post=post) is None
    assert unseen_count(alice) == 0
    others = [
        each
        for each in NotificationKind
        if each != kind
        and each not in (NotificationKind.LIKE, NotificationKind.REPLY, NotificationKind.MENTION)
    ]
    assert all(notify(member=alice, kind=each, by=bob) for each in others)


def test_from_followed_people_means_only_them(alice, bob, carol):
    set_preference(by=alice, kind=NotificationKind.LIKE, from_whom=FromWhom.FOLLOWED)
    follow_member(member=bob, by=alice)
    follow_member(member=alice, by=carol)
    post = make_post(alice)
    assert notify(member=alice, kind=NotificationKind.LIKE, by=bob, post=post)
    assert notify(member=alice, kind=NotificationKind.LIKE, by=carol, post=post) is None


def test_preferences_are_separate_for_each_member(alice, bob, carol):
    set_preference(by=alice, kind=NotificationKind.FOLLOW, in_page=False)
    assert notify(member=carol, kind=NotificationKind.FOLLOW, by=bob)


def test_turning_a_kind_off_keeps_old_notifications_and_restores_none(alice, bob):
    told = notify(member=alice, kind=NotificationKind.FOLLOW, by=bob)
    assert told is not None
    set_preference(by=alice, kind=NotificationKind.FOLLOW, in_page=False)
    assert unseen_count(alice) == 1
    withdraw(notification=told)
    assert notify(member=alice, kind=NotificationKind.FOLLOW, by=bob) is None
    assert unseen_count(alice) == 0
    set_preference(by=alice, kind=NotificationKind.FOLLOW, in_page=True)
    notify(member=alice, kind=NotificationKind.FOLLOW, by=bob)
    assert unseen_count(alice) == 1


def test_missing_fields_stay_as_they_are(alice):
    set_preference(by=alice, kind=NotificationKind.LIKE, in_page=False)
    set_preference(by=alice, kind=NotificationKind.LIKE, from_whom=FromWhom.FOLLOWED)
    row = Preference.objects.get()
    assert (row.in_page, row.from_whom) == (False, "followed")


def test_a_preference_applies_to_a_like_at_once(alice, bob, deliver):
    set_preference(by=alice, kind=NotificationKind.LIKE, in_page=False)
    post = make_post(alice)
    like_post(post=post, by=bob)
    deliver()
    assert not Notification.objects.filter(kind=NotificationKind.LIKE).exists()
    assert not deliver_pending()


def test_the_page_shows_every_kind_and_saves_the_choice(page, alice):
    shown = page.get("/settings/notifications").content.decode()
    assert all(f'name="{kind}_in_page" checked' in shown for kind in NotificationKind)
    answer = page.post("/settings/notifications", form(like_in_page="", reply_from="followed"))
    assert answer.url == "/settings/notifications"
    chosen = {each.kind: (each.in_page, each.from_whom) for each in preferences_of(alice)}
    assert chosen["like"] == (False, "anyone")
    assert chosen["reply"] == (True, "followed")
    assert chosen["mention"] == (True, "anyone")
    again = page.get("/settings/notifications").content.decode()
    assert 'name="like_in_page" checked' not in again
    assert 'name="like_in_page"' in again


def test_the_page_offers_the_same_choices_in_german(page):
    shown = page.get("/settings/notifications", headers={"accept-language": "de"}).content.decode()
    assert "Jemandem gefällt dein Beitrag" in shown
    assert '<option value="followed">Leute, denen ich folge</option>' in shown


def test_values_that_the_form_does_not_offer_are_refused(page, alice):
    assert page.post("/settings/notifications", form(like_from="mum")).status_code in (302, 422)
    assert not Preference.objects.exists()


def test_neither_push_nor_email_is_offered(page):
    shown = page.get("/settings/notifications").content.decode().split("<main")[1].split("</main>")[0].lower()
    assert "push" not in shown
    assert "mail" not in shown


@pytest.mark.django_db(transaction=True)
def test_saving_two_pages_at_once_leaves_one_row():
    alice = make_member("alice")
    start = threading.Barrier(4)

    def save(number: int) -> None:
        try:
            start.wait()
            set_preference(by=alice, kind=NotificationKind.LIKE, in_page=bool(number % 2))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Preference.objects.count() == 1
