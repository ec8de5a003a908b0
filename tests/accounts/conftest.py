import re
import urllib.request
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache

from core.tasks import send_due_mails
from tests.factories import make_member
from tests.services.oidc import CLIENT_ID, CLIENT_SECRET, running_provider

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def fresh_limits():
    """Clear the cache, which counts rate limits across tests."""
    cache.clear()


class _Outbox:
    """The emails sent so far; reading it sends queued emails first."""

    def _sent(self):
        send_due_mails()
        return mail.outbox

    def __getitem__(self, which):
        return self._sent()[which]

    def __len__(self):
        return len(self._sent())

    def __iter__(self):
        return iter(self._sent())

    def to(self, address):
        """Return the emails to this address, oldest first."""
        return [each for each in self if each.to == [address]]

    def clear(self):
        self._sent().clear()


@pytest.fixture
def mailoutbox(db, mailoutbox):
    return _Outbox()


@pytest.fixture
def heard(db, monkeypatch):
    """Return a function that returns the events with this name emitted so far, with or without subscribers."""
    from core import events

    told = []

    def emit(event):
        told.append((event.name, event))
        events.emit(event)

    for module in ("signup", "members"):
        monkeypatch.setattr(f"accounts.actions.{module}.emit", emit)
    return lambda name: [event for each, event in told if each == name]


@pytest.fixture
def confirmed(db):
    """Create Alice with a confirmed address."""
    alice = make_member("alice", display_name="Alice")
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    return alice


def sign_in(client, login="alice", password=PASSWORD, **extra):
    return client.post("/accounts/login/", {"login": login, "password": password}, **extra)


def show_it_is_me(client, password=PASSWORD):
    """Reauthenticate, as the security pages of an account require."""
    return client.post("/accounts/reauthenticate/", {"password": password})


def link_in(mail) -> str:
    """Return the path of the first link in an email."""
    return re.findall(r"https?://[^/\s]+(/\S*)", mail.body)[0]


# --- Social sign-in --------------------------------------------------------------------------------------------

DORA: dict[str, Any] = {
    "sub": "d-1",
    "email": "dora@example.com",
    "email_verified": True,
    "name": "Dora Mae",
    "preferred_username": "Dora",
}


@pytest.fixture(scope="module")
def started():
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(started, settings, db):
    started.person = DORA
    app = {
        "provider_id": "sso",
        "name": "Our school",
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "settings": {"server_url": started.url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    return started


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def location_of(url):
    """Return where the provider redirects the browser."""
    with pytest.raises(HTTPError) as back:
        urllib.request.build_opener(_Stay).open(url)
    with back.value as answer:
        return urlsplit(answer.headers["Location"])
