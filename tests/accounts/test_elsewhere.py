"""Signing in through another site, with a real OpenID provider."""

import os
import subprocess
import sys

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from allauth.socialaccount.models import SocialAccount
from django.http import HttpRequest
from django.test import Client

from accounts.adapters import SocialAccountAdapter
from accounts.models import Member
from core.secret_key import new_rsa_key
from tests.accounts.conftest import DORA, location_of, show_it_is_me, sign_in
from tests.services.oidc import CLIENT_ID


def go(client, path="/accounts/oidc/sso/login/?process=login"):
    """Follow the button to the provider and back, and return the response to the callback."""
    there = client.post(path)
    assert there.status_code == 302
    location = location_of(there.url)
    assert location.path == "/accounts/oidc/sso/login/callback/"
    return client.get(f"{location.path}?{location.query}")


def test_a_configured_provider_has_a_button(client, provider):
    assert "Continue with Our school" in client.get("/accounts/login/").content.decode()
    assert "Continue with Our school" in client.get("/accounts/signup/").content.decode()


def test_there_is_no_button_without_a_provider(client, db):
    assert "Continue with" not in client.get("/accounts/login/").content.decode()
    assert client.post("/accounts/oidc/sso/login/").status_code == 404


def test_social_sign_up_creates_an_account(client, provider, heard):
    assert go(client).url == "/start/profile"
    dora = Member.objects.get()
    assert (dora.username, dora.name, dora.email) == ("dora", "Dora Mae", "dora@example.com")
    assert not dora.has_usable_password()
    assert EmailAddress.objects.get().verified
    assert [event.member_id for event in heard("accounts.MemberJoined")] == [dora.id]
    assert client.get("/settings/account").status_code == 200


@pytest.mark.parametrize("given", ["x@münchen.example", "X@XN--MNCHEN-3YA.example"])
def test_a_providers_address_is_normalized(client, provider, given):
    provider.person = DORA | {"email": given}
    go(client)
    assert Member.objects.get().email == EmailAddress.objects.get().email == "x@xn--mnchen-3ya.example"


def test_social_sign_in_finds_the_same_account_again(provider, heard):
    go(Client())
    provider.person = DORA | {"email": "moved@example.com"}
    again = Client()
    assert go(again).url == "/start/profile"
    assert Member.objects.count() == 1
    assert len(heard("accounts.MemberJoined")) == 1
    assert again.get("/settings").status_code == 200


def test_a_taken_username_is_varied(client, provider, alice):
    provider.person = DORA | {"preferred_username": "alice"}
    assert go(client).url == "/accounts/3rdparty/signup/"
    assert client.get("/accounts/3rdparty/signup/").context["form"]["username"].value() == "alice2"
    assert Member.objects.count() == 1
    client.post("/accounts/3rdparty/signup/", {"email": "dora@example.com", "username": "alice2"})
    assert Member.objects.exclude(pk=alice.pk).get().username == "alice2"


@pytest.mark.parametrize("verified", [True, "true"])
def test_a_verified_address_does_not_open_its_owners_account(client, provider, confirmed, verified):
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
    assert "optional" not in page, "the username is suggested, to be kept or changed"
    # Submitting the address doesn’t either.
    refused = client.post("/accounts/3rdparty/signup/", {"email": "alice@example.com", "username": "evil"})
    assert (
        "Sign in to it, then connect" in refused.content.decode() or refused.context["form"].errors["email"]
    )
    assert Member.objects.count() == 1


@pytest.mark.parametrize("verified", [False, "false"])
def test_an_unverified_address_opens_and_reveals_no_account(provider, confirmed, verified, mailoutbox):
    for sub, email in (("1", "alice@example.com"), ("2", "nobody@example.com")):
        provider.person = {"sub": sub, "email": email, "email_verified": verified, "name": "Eve"}
        stranger = Client()
        assert go(stranger).url == "/accounts/3rdparty/signup/"
        joined = stranger.post("/accounts/3rdparty/signup/", {"email": email, "username": f"eve_{sub}"})
        assert joined["Location"] == "/start/profile"
    thief = SocialAccount.objects.get(uid="1").user
    assert thief != confirmed
    assert thief.email_state == Member.EmailState.TAKEN
    assert not EmailAddress.objects.filter(user=thief, verified=True).exists()
    assert "already belongs to your account @alice" in mailoutbox.to("alice@example.com")[0].body
    assert "/confirm-email/" in mailoutbox.to("nobody@example.com")[0].body


@pytest.mark.parametrize("typed", ["alice@example.com", "nobody@example.com"])
def test_entering_a_members_address_opens_no_account(client, provider, confirmed, typed, mailoutbox):
    provider.person = {"sub": "1", "email": "", "name": "Eve"}
    assert go(client).url == "/accounts/3rdparty/signup/"
    assert (
        client.post("/accounts/3rdparty/signup/", {"email": typed, "username": "eve"}).url == "/start/profile"
    )
    assert len(mailoutbox.to(typed)) == 1


def test_a_second_address_of_another_member_is_left_out(client, provider, alice):
    """Verified by the provider, but not here: its email would go to the newcomer."""
    from allauth.socialaccount.models import SocialLogin

    login = SocialLogin(
        user=Member(username="eve", email="eve@example.com"),
        account=SocialAccount(provider="sso", uid="1"),
        email_addresses=[
            EmailAddress(email="eve@example.com", verified=True, primary=True),
            EmailAddress(email=alice.email, verified=True),
        ],
    )
    request = client.get("/accounts/login/").wsgi_request
    with request_context(request):
        SocialAccountAdapter(request).save_user(request, login)
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["eve@example.com"]


def test_an_unverified_address_is_not_treated_as_verified(client, provider):
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


def test_canceling_at_the_provider_signs_nobody_in(client, provider):
    provider.person = None
    response = go(client)
    page = client.get(response.url) if response.status_code == 302 else response
    assert "Sign-in canceled" in page.content.decode()
    assert not Member.objects.exists()


def test_an_unsolicited_response_is_refused(client, provider):
    response = client.get("/accounts/oidc/sso/login/callback/?code=x&state=made-up")
    assert "That didn’t work" in response.content.decode()
    assert not Member.objects.exists()


def test_a_response_to_another_browser_is_refused(provider):
    """Nobody can be tricked into signing in to another account."""
    mine, theirs = Client(), Client()
    there = mine.post("/accounts/oidc/sso/login/?process=login")
    location = location_of(there["Location"])
    theirs.get(f"{location.path}?{location.query}")
    assert theirs.get("/settings").status_code == 302


def test_settings_configure_each_provider_from_the_environment():
    code = (
        "from config.settings import base as s; "
        "print(sorted(s.SOCIALACCOUNT_PROVIDERS), sorted(s.SIGN_IN_ORIGINS), "
        "s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
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
        == "['google', 'openid_connect'] ['https://accounts.google.com', 'https://id.example.org'] "
        "[\"'self'\", 'https://accounts.google.com', 'https://id.example.org']"
    )


def test_forms_may_redirect_to_the_providers_origin(client, db, settings):
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": directives | {"form-action": [*directives["form-action"], "https://id.example.org"]}
    }
    policy = client.get("/accounts/login/")["Content-Security-Policy"].split("; ")
    assert "form-action 'self' https://id.example.org" in policy


# --- Providers that are not set up, and invalid claims ---------------------------------------------------------------

DOORS = [
    "/accounts/google/login/", "/accounts/google/login/callback/", "/accounts/google/login/token/",
    "/accounts/github/login/", "/accounts/github/login/callback/", "/accounts/oidc/sso/login/",
    "/accounts/oidc/sso/login/callback/", "/accounts/oidc/nobody/login/",
]  # fmt: skip
APP_DOORS = ["token", "redirect", "signup"]
QUERY = "?code=x&state=y&error=z"


@pytest.mark.parametrize("verb", ["get", "post", "put", "delete", "options"])
@pytest.mark.parametrize("path", DOORS)
def test_a_provider_that_is_not_set_up_has_no_routes(client, db, settings, path, verb):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    client.raise_request_exception = False
    nowhere = getattr(client, verb)("/accounts/nowhere/")
    answer = getattr(client, verb)(path + QUERY)
    assert answer.status_code == nowhere.status_code == 404
    assert answer["Content-Type"] == nowhere["Content-Type"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"provider": "google"},
        {"provider": "google", "process": "login", "token": {"client_id": "x", "id_token": "y"}},
    ],
)
@pytest.mark.parametrize("door", APP_DOORS)
def test_a_provider_that_is_not_set_up_has_no_routes_for_apps(client, db, settings, door, data):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    client.raise_request_exception = False
    answer = client.post(f"/_allauth/app/v1/auth/provider/{door}", data, content_type="application/json")
    nowhere = client.post("/_allauth/app/v1/auth/provider/nowhere", data, content_type="application/json")
    assert answer.status_code == nowhere.status_code == 404
    assert answer.json().keys() == nowhere.json().keys()
    assert answer.json()["error"] == "not_found"


def test_another_provider_does_not_add_its_routes(client, provider):
    for path in (
        "/accounts/google/login/",
        "/accounts/github/login/callback/",
        "/accounts/oidc/nobody/login/",
    ):
        assert client.post(path).status_code == 404
    data = {"provider": "google", "process": "login", "token": {"client_id": "x", "id_token": "y"}}
    answer = client.post("/_allauth/app/v1/auth/provider/token", data, content_type="application/json")
    assert answer.status_code == 400


def test_a_running_site_has_only_routes_of_configured_providers():
    """Tests install all providers, to configure them as needed; a running site has only its own routes."""
    code = (
        "import django; django.setup(); from django.urls import resolve, Resolver404\n"
        "for path in ('/accounts/google/login/', '/accounts/github/login/', '/accounts/oidc/sso/login/'):\n"
        "    try: resolve(path); print(path)\n"
        "    except Resolver404: pass"
    )
    environment = {
        "PATH": "/usr/bin",
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DATA_DIR": os.environ["DATA_DIR"],
        "GITHUB_CLIENT_ID": "a",
        "GITHUB_CLIENT_SECRET": "b",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["/accounts/github/login/"]


def test_settings_work_with_a_connected_account_of_a_removed_provider(confirmed, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    SocialAccount.objects.create(user=confirmed, provider="github", uid="octo-1")
    owner = Client()
    sign_in(owner)
    page = owner.get("/accounts/3rdparty/")
    assert page.status_code == 200
    assert "octo-1" in page.content.decode()
    assert owner.get("/settings/account").status_code == 200


ODD = [
    {"sub": 12}, {"sub": ["a"]}, {"sub": {"a": 1}}, {"sub": ""}, {"sub": "x" * 300}, {"sub": "a\0b"},
    {"email": ["a@example.com"]}, {"email": {"a": 1}}, {"email": 7}, {"email": "a\0b@example.com"},
    {"name": ["Eve"]}, {"name": 7}, {"preferred_username": {"a": 1}}, {"given_name": 5}, {"email_verified": [1]},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:24])
def test_invalid_claims_are_refused_with_a_message_or_ignored(client, provider, odd):
    client.raise_request_exception = False
    provider.person = DORA | odd
    answer = go(client)
    if answer.status_code == 302:
        assert answer.url in ("/start/profile", "/accounts/3rdparty/signup/")
    else:
        assert answer.status_code == 401
        assert "That didn’t work" in answer.content.decode()
        assert not Member.objects.exists()


@pytest.mark.parametrize("person", [[], "text", None, 7, {}, {"email": "a@example.com"}], ids=str)
def test_claims_that_are_not_an_object_are_refused(provider, person):
    from allauth.socialaccount.providers.base import ProviderException

    there = SocialAccountAdapter().get_provider(HttpRequest(), "sso")
    for given in (person, {"userinfo": person}, {"id_token": person}):
        with pytest.raises(ProviderException):
            there.sociallogin_from_response(None, given)


def tokens_of(provider):
    """Yield invalid tokens that an app might send, with their names."""
    key = new_rsa_key()
    claims = {
        "iss": provider.url,
        "aud": CLIENT_ID,
        "sub": "1",
        "exp": 4_000_000_000,
        "iat": 1,
        "email": "a@example.com",
    }
    yield "no kid", jwt.encode(claims, key, algorithm="RS256")
    yield "unknown kid", jwt.encode(claims, key, algorithm="RS256", headers={"kid": "nobody"})
    yield "no signature", jwt.encode(claims, "", algorithm="none")
    yield "no signature, a kid", jwt.encode(claims, "", algorithm="none", headers={"kid": "1"})
    yield "symmetric", jwt.encode(claims, "x" * 40, algorithm="HS256", headers={"kid": "1"})
    yield "no token", "x"
    yield "three parts", "a.b.c"
    yield "nothing in it", "e30.e30."
    yield "not ASCII", "ä.ö.ü"
    yield "a header that is a list", "W10.e30.x"
    yield "long", "a" * 100_000


@pytest.mark.parametrize("named", ["sso", "google"])
def test_an_invalid_token_is_refused_with_a_message(client, provider, settings, named, monkeypatch):
    monkeypatch.setattr("allauth.socialaccount.providers.google.views.CERTS_URL", f"{provider.url}/keys")
    app = {"client_id": CLIENT_ID, "secret": "s"}
    settings.SOCIALACCOUNT_PROVIDERS = settings.SOCIALACCOUNT_PROVIDERS | {"google": {"APPS": [app]}}
    client.raise_request_exception = False
    for why, token in tokens_of(provider):
        for given in ({"id_token": token}, {"access_token": token}, {"id_token": token, "client_id": 7}):
            data = {"provider": named, "process": "login", "token": {"client_id": CLIENT_ID} | given}
            answer = client.post(
                "/_allauth/app/v1/auth/provider/token", data, content_type="application/json"
            )
            assert 400 <= answer.status_code < 500, (why, given)
    for data in (
        {"provider": [named]},
        {"provider": named, "token": "x"},
        {"provider": named, "token": {"client_id": {}}},
    ):
        answer = client.post("/_allauth/app/v1/auth/provider/token", data, content_type="application/json")
        assert answer.status_code == 400
    assert not Member.objects.exists()
