import re
import threading
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.db import connections
from django.test import Client

from accounts.second_factor import use_totp_code
from core.encryption import seal
from tests.accounts.conftest import PASSWORD, show_it_is_me, sign_in
from tests.factories import make_member

APP = "/_allauth/app/v1"


@pytest.fixture(autouse=True)
def one_half_minute(monkeypatch):
    """Freeze the clock, so that no half minute ends during a test; `one_half_minute(30)` advances it."""
    now = [time.time()]
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: now[0])

    def later(seconds):
        now[0] += seconds

    return later


def code_of(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def guarded(confirmed):
    """Give Alice an authenticator app, and return her client and the app’s secret."""
    client = Client()
    sign_in(client)
    assert "reauthenticate" in client.get("/accounts/2fa/totp/activate/")["Location"]
    show_it_is_me(client)
    page = client.get("/accounts/2fa/totp/activate/")
    html = page.content.decode()
    secret = re.findall(r'id="authenticator_secret" type="text" value="([A-Z2-7]+)"', html)[0]
    assert '<img src="data:image/svg+xml;base64,' in page.content.decode()
    response = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret, -1)})
    assert response.status_code == 302, response.context["form"].errors
    return client, secret


def test_with_an_app_the_password_alone_does_not_sign_in(guarded):
    _, secret = guarded
    client = Client()
    assert sign_in(client).url == "/accounts/2fa/authenticate/"
    assert client.get("/settings").status_code == 302
    page = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "Wrong code." in page.content.decode()
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})["Location"] == "/"
    assert client.get("/settings").status_code == 200


def test_a_code_works_once(guarded):
    _, secret = guarded
    code = code_of(secret)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client)
    assert first.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert second.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200


@pytest.mark.parametrize("later", [0, 2, 29, 31, 45, 59])
def test_no_code_works_twice_while_it_is_valid(guarded, one_half_minute, later):
    """A code is valid for 90 seconds: the half minutes before and after count."""
    _, secret = guarded
    code = code_of(secret, 1)
    first, second, app = Client(), Client(), Client()
    sign_in(first)
    assert first.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    one_half_minute(later)
    sign_in(second)
    assert second.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200
    assert second.get("/settings").status_code == 302
    begun = app.post(
        f"{APP}/auth/login", {"username": "alice", "password": PASSWORD}, content_type="application/json"
    )
    token = {"X-Session-Token": begun.json()["meta"]["session_token"]}
    refused = app.post(
        f"{APP}/auth/2fa/authenticate", {"code": code}, content_type="application/json", headers=token
    )
    assert refused.status_code == 400


def test_an_older_code_does_not_work_after_a_newer(guarded, one_half_minute):
    _, secret = guarded
    old, new, next_one = code_of(secret), code_of(secret, 1), code_of(secret, 2)
    for code, way_on in ((new, 302), (old, 200), (new, 200)):
        client = Client()
        sign_in(client)
        assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == way_on
    one_half_minute(30)
    client = Client()
    sign_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": next_one}).status_code == 302


def test_a_used_code_does_not_work_for_reauthentication(guarded):
    owner, secret = guarded
    code = code_of(secret)
    client = Client()
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.post("/accounts/2fa/reauthenticate/", {"code": code}).status_code == 200
    assert owner.post("/accounts/2fa/reauthenticate/", {"code": code}).status_code == 200


def test_the_setup_code_is_used_up(confirmed):
    client = Client()
    sign_in(client)
    show_it_is_me(client)
    html = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.findall(r'value="([A-Z2-7]{32})"', html)[0]
    code = code_of(secret)
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    again = Client()
    sign_in(again)
    assert again.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200
    assert again.post("/accounts/2fa/authenticate/", {"code": code_of(secret, 1)}).status_code == 302


def test_the_setup_code_is_used_up_by_apps_too(confirmed):
    meta = (
        Client()
        .post(
            f"{APP}/auth/login", {"username": "alice", "password": PASSWORD}, content_type="application/json"
        )
        .json()["meta"]
    )
    headers = {"Authorization": f"Bearer {meta['access_token']}"}
    Client().post(
        f"{APP}/auth/reauthenticate", {"password": PASSWORD}, content_type="application/json", headers=headers
    )
    secret = Client().get(f"{APP}/account/authenticators/totp", headers=headers).json()["meta"]["secret"]
    code = code_of(secret)
    done = Client().post(
        f"{APP}/account/authenticators/totp", {"code": code}, content_type="application/json", headers=headers
    )
    assert done.status_code == 200
    again = Client()
    sign_in(again)
    assert again.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_one_of_several_concurrent_uses_of_a_code_succeeds():
    alice = make_member("alice")
    secret = generate_totp_secret()
    totp = TOTP.activate(alice, secret).instance
    code, right = code_of(secret), []

    def one():
        try:
            right.append(use_totp_code(totp, code))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(right) == [False] * 11 + [True]


def test_with_another_secret_key_no_code_works(guarded, settings):
    """Not even the code of an empty secret, which anyone can compute."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "another key, fifty characters long or longer" * 2,
        [],
    )
    client = Client()
    sign_in(client)
    for secret in ("", "A" * 8):
        assert client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}).status_code == 200
    seedless = RecoveryCodes(
        Authenticator(type="recovery_codes", data={"seed": seal("", purpose="mfa"), "used_mask": 0})
    )
    codes = seedless.generate_codes()
    assert client.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200
    assert client.get("/settings").status_code == 302


def test_a_recovery_code_signs_in_once(guarded):
    owner, _ = guarded
    page = owner.get("/accounts/2fa/recovery-codes/").content.decode()
    codes = re.findall(r"<li>(\d{8})</li>", page)
    assert len(codes) == 10
    first, second = Client(), Client()
    sign_in(first)
    assert first.post("/accounts/2fa/authenticate/", {"code": codes[0]})["Location"] == "/"
    sign_in(second)
    assert second.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200


def test_secrets_of_second_factors_are_encrypted_in_the_database(guarded):
    owner, secret = guarded
    codes = re.findall(r"<li>(\d{8})</li>", owner.get("/accounts/2fa/recovery-codes/").content.decode())
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in codes)


def test_two_factor_authentication_requires_a_confirmed_address(client, alice):
    sign_in(client)
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    page = client.get("/accounts/2fa/totp/activate/", follow=True).content.decode()
    assert "Confirm your email address first" in page
    assert not Authenticator.objects.exists()


def test_the_authenticator_app_can_be_removed(guarded):
    owner, _ = guarded
    assert owner.get("/accounts/2fa/totp/deactivate/").status_code == 200
    owner.post("/accounts/2fa/totp/deactivate/")
    assert sign_in(Client()).url == "/"


def test_reauthentication_is_required_after_a_while(guarded):
    owner, _ = guarded
    session = owner.session
    for method in session["account_authentication_methods"]:
        method["at"] -= 3600
    session.save()
    response = owner.get("/accounts/2fa/totp/deactivate/")
    assert response.status_code == 302
    assert "reauthenticate" in response.url
    assert "Confirm it’s you" in owner.get(response.url).content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "totp/activate/",
        "totp/deactivate/",
        "recovery-codes/",
        "recovery-codes/generate/",
        "recovery-codes/download/",
        "webauthn/",
        "webauthn/add/",
    ],
)
def test_two_factor_pages_work(guarded, path):
    owner, _ = guarded
    assert owner.get(f"/accounts/2fa/{path}", follow=True).status_code == 200


def test_two_factor_pages_have_no_inline_scripts(guarded):
    """The Content-Security-Policy forbids inline scripts, but not data blocks."""
    owner, _ = guarded
    pages = [owner.get("/accounts/2fa/webauthn/add/"), Client().get("/accounts/login/")]
    stepping = Client()
    sign_in(stepping)
    pages.append(stepping.get("/accounts/2fa/authenticate/"))
    for page in pages:
        html = page.content.decode()
        assert "webauthn.js" in html
        for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL):
            assert not body.strip() or "application/json" in attributes or "importmap" in attributes
        assert not re.search(r'\son[a-z]+="|\sstyle="', html)


def test_a_code_works_for_reauthentication(guarded):
    owner, secret = guarded
    session = owner.session
    for method in session["account_authentication_methods"]:
        method["at"] -= 3600
    session.save()
    assert owner.get("/accounts/2fa/reauthenticate/").status_code == 200
    owner.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)})
    assert owner.get("/accounts/2fa/totp/deactivate/").status_code == 200


def test_too_many_requests_get_our_error_page(alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    sign_in(Client())
    refused = sign_in(Client())
    assert refused.status_code == 429
    assert "Too many attempts" in refused.content.decode()
