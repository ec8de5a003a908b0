"""Signing in with an account elsewhere, against a real OpenID provider."""

import subprocess
import sys
import urllib.request
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from accounts.models import Member
from tests.accounts.conftest import show_it_is_me, sign_in
from tests.services.oidc import CLIENT_ID, CLIENT_SECRET, running_provider

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
    """Where the provider sends the browser."""
    with pytest.raises(HTTPError) as back:
        urllib.request.build_opener(_Stay).open(url)
    with back.value as answer:
        return urlsplit(answer.headers["Location"])


def go(client, path="/accounts/oidc/sso/login/?process=login"):
    """From the button through the provider and back: the answer to the callback."""
    there = client.post(path)
    assert there.status_code == 302
    location = location_of(there.url)
    assert location.path == "/accounts/oidc/sso/login/callback/"
    return client.get(f"{location.path}?{location.query}")


def test_the_button_is_there_when_it_is_configured(client, provider):
    assert "Continue with Our school" in client.get("/accounts/login/").content.decode()
    assert "Continue with Our school" in client.get("/accounts/signup/").content.decode()


def test_no_button_is_there_when_nothing_is_configured(client, db):
    assert "Continue with" not in client.get("/accounts/login/").content.decode()
    assert client.post("/accounts/oidc/sso/login/").status_code == 404


def test_a_newcomer_gets_an_account(client, provider, heard):
    assert go(client).url == "/start"
    dora = Member.objects.get()
    assert (dora.username, dora.name, dora.email) == ("dora", "Dora Mae", "dora@example.com")
    assert not dora.has_usable_password()
    assert EmailAddress.objects.get().verified
    assert [event.member_id for event in heard("accounts.MemberJoined")] == [dora.id]
    assert client.get("/settings/account").status_code == 200


def test_who_comes_back_finds_the_same_account(provider, heard):
    go(Client())
    provider.person = DORA | {"email": "moved@example.com"}
    again = Client()
    assert go(again).url == "/start"
    assert Member.objects.count() == 1
    assert len(heard("accounts.MemberJoined")) == 1
    assert again.get("/settings").status_code == 200


def test_a_taken_username_gives_way(client, provider, alice):
    provider.person = DORA | {"preferred_username": "alice"}
    go(client)
    assert Member.objects.exclude(pk=alice.pk).get().username.startswith("dora")


@pytest.mark.parametrize("verified", [False, True, "false", "true"])
def test_the_address_of_a_member_opens_no_door_to_their_account(client, provider, confirmed, verified):
    provider.person = {
        "sub": "evil",
        "email": "alice@example.com",
        "email_verified": verified,
        "name": "Alice",
    }
    response = go(client)
    assert response.url == "/accounts/3rdparty/signup/"
    assert client.get("/settings").status_code == 302
    assert not SocialAccount.objects.exists()
    page = client.get("/accounts/3rdparty/signup/").content.decode()
    assert page.count("optional") == 1, "the username may be left out, and the page says so once"
    # Nor does insisting on the address.
    refused = client.post("/accounts/3rdparty/signup/", {"email": "alice@example.com", "username": "evil"})
    assert (
        "Sign in to it, then connect" in refused.content.decode() or refused.context["form"].errors["email"]
    )
    assert Member.objects.count() == 1


def test_an_address_that_nobody_has_verified_is_not_taken_for_verified(client, provider):
    provider.person = DORA | {"email_verified": "false"}
    go(client)
    assert not EmailAddress.objects.get().verified


def test_a_member_connects_the_two_and_signs_in_with_either(provider, confirmed):
    provider.person = DORA | {"email": "alice@example.com"}
    owner = Client()
    sign_in(owner)
    show_it_is_me(owner)
    assert "Connect Our school" in owner.get("/accounts/3rdparty/").content.decode()
    assert go(owner, "/accounts/oidc/sso/login/?process=connect").url == "/accounts/3rdparty/"
    assert SocialAccount.objects.get().user == confirmed
    later = Client()
    assert go(later).url == "/"
    assert "@alice" in later.get("/settings/account").content.decode()


def test_who_turns_back_over_there_is_not_signed_in(client, provider):
    provider.person = None
    response = go(client)
    page = client.get(response.url) if response.status_code == 302 else response
    assert "Nothing has happened" in page.content.decode()
    assert not Member.objects.exists()


def test_an_answer_to_nobodys_question_is_refused(client, provider):
    response = client.get("/accounts/oidc/sso/login/callback/?code=x&state=made-up")
    assert "That did not work" in response.content.decode()
    assert not Member.objects.exists()


def test_the_answer_to_another_browsers_question_is_refused(provider):
    """Nobody can be lured into the account of somebody else."""
    mine, theirs = Client(), Client()
    there = mine.post("/accounts/oidc/sso/login/?process=login")
    location = location_of(there["Location"])
    theirs.get(f"{location.path}?{location.query}")
    assert theirs.get("/settings").status_code == 302


def test_settings_configure_each_provider_from_the_environment():
    code = (
        "from config.settings import base as s; "
        "print(sorted(s.SOCIALACCOUNT_PROVIDERS), sorted(s.SIGN_IN_ORIGINS))"
    )
    environment = {
        "PATH": "/usr/bin",
        "GOOGLE_CLIENT_ID": "a",
        "GOOGLE_CLIENT_SECRET": "b",
        "GITHUB_CLIENT_ID": "only half",
        "OIDC_ISSUER": "https://id.example.org/realms/x",
        "OIDC_CLIENT_ID": "c",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert (
        done.stdout.strip()
        == "['google', 'openid_connect'] ['https://accounts.google.com', 'https://id.example.org']"
    )


def test_a_form_may_lead_to_where_one_signs_in(client, db, settings):
    settings.SIGN_IN_ORIGINS = ["https://id.example.org"]
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "form-action 'self' https://id.example.org;" in policy
