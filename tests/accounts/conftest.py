import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from tests.factories import make_member

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def fresh_limits():
    """Rate limits count in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def heard(db, monkeypatch):
    """`heard()`: the events told so far, as (name, payload), whether anybody subscribes to them or not."""
    from core import events

    told = []

    def emit(event):
        told.append((event.name, event))
        events.emit(event)

    for module in ("joining", "members"):
        monkeypatch.setattr(f"accounts.actions.{module}.emit", emit)
    return lambda name: [event for each, event in told if each == name]


@pytest.fixture
def confirmed(db):
    """Alice, with a confirmed address."""
    alice = make_member("alice", display_name="Alice")
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    return alice


def sign_in(client, login="alice", password=PASSWORD, **extra):
    return client.post("/accounts/login/", {"login": login, "password": password}, **extra)


def show_it_is_me(client, password=PASSWORD):
    """What the site asks before anything about the safety of an account."""
    return client.post("/accounts/reauthenticate/", {"password": password})


def link_in(mail) -> str:
    """The path of the first link in a mail."""
    return re.findall(r"https?://[^/\s]+(/\S*)", mail.body)[0]
