import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from tests.accounts.conftest import show_it_is_me, sign_in


def code_of(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def guarded(confirmed):
    """Alice with an authenticator app: her client and the app's secret."""
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
    assert "not right" in page.content.decode()
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


def test_the_secrets_of_the_second_factor_are_not_readable_in_the_database(guarded):
    owner, secret = guarded
    codes = re.findall(r"<li>(\d{8})</li>", owner.get("/accounts/2fa/recovery-codes/").content.decode())
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in codes)


def test_an_unconfirmed_address_comes_first(client, alice):
    sign_in(client)
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    page = client.get("/accounts/2fa/totp/activate/", follow=True).content.decode()
    assert "confirm your e-mail address first" in page
    assert not Authenticator.objects.exists()


def test_the_app_is_switched_off_again(guarded):
    owner, _ = guarded
    assert owner.get("/accounts/2fa/totp/deactivate/").status_code == 200
    owner.post("/accounts/2fa/totp/deactivate/")
    assert sign_in(Client()).url == "/"


def test_who_one_is_is_asked_again_after_a_while(guarded):
    owner, _ = guarded
    session = owner.session
    for method in session["account_authentication_methods"]:
        method["at"] -= 3600
    session.save()
    response = owner.get("/accounts/2fa/totp/deactivate/")
    assert response.status_code == 302
    assert "reauthenticate" in response.url
    assert "Is it you?" in owner.get(response.url).content.decode()


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
def test_the_pages_of_the_second_factor_stand(guarded, path):
    owner, _ = guarded
    assert owner.get(f"/accounts/2fa/{path}", follow=True).status_code == 200


def test_the_pages_run_no_script_of_their_own(guarded):
    """The Content-Security-Policy forbids inline scripts: blocks of data are all there is."""
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


def test_a_code_shows_who_one_is_as_well_as_the_password(guarded):
    owner, secret = guarded
    session = owner.session
    for method in session["account_authentication_methods"]:
        method["at"] -= 3600
    session.save()
    assert owner.get("/accounts/2fa/reauthenticate/").status_code == 200
    owner.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)})
    assert owner.get("/accounts/2fa/totp/deactivate/").status_code == 200


def test_too_many_requests_are_answered_in_our_look(alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    sign_in(Client())
    refused = sign_in(Client())
    assert refused.status_code == 429
    assert "That was too often" in refused.content.decode()
