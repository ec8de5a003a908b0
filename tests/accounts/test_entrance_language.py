"""The pages and emails around signing in, in German: mostly our texts, and some of allauth's."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import translation
from django.utils.translation import gettext

from tests.accounts.conftest import link_in, show_it_is_me, sign_in

GERMAN = {"accept-language": "de"}


def test_the_sign_in_page_is_in_the_browsers_language(client, db):
    page = client.get("/accounts/login/", headers=GERMAN).content.decode()
    assert "Willkommen zurück" in page
    assert "Melde dich bei Kith an." in page
    assert "Welcome back" not in page


def test_our_translations_override_those_of_django_and_allauth():
    with translation.override("de"):
        assert gettext("Save") == "Speichern", "Django's admin says Sichern"
        assert gettext("Recovery codes") == "Wiederherstellungscodes", "allauth puts a hyphen into it"


def test_a_password_reset_email_is_in_the_language_of_the_page(client, alice, mailoutbox):
    client.post("/accounts/password/reset/", {"email": "alice@example.com"}, headers=GERMAN)
    asked = mailoutbox[0]
    assert asked.subject == "[Kith] Wähle ein neues Passwort"
    assert "möchte das Passwort deines Kontos @alice zurücksetzen" in asked.body
    path = client.get(link_in(asked), follow=True, headers=GERMAN).redirect_chain[-1][0]
    client.post(path, {"password1": "another sentence", "password2": "another sentence"}, headers=GERMAN)
    done = mailoutbox[1]
    assert done.subject == "[Kith] Passwort zurückgesetzt"
    assert "du erhältst diese E-Mail" in done.body, "allauth's own German would say Sie"
    assert "Dein Passwort wurde zurückgesetzt." in done.body


@pytest.mark.parametrize(
    ("used", "english", "german"),
    [
        (0, "10 codes left.", "Noch 10 Codes übrig."),
        (9, "1 code left.", "Noch 1 Code übrig."),
        (10, "0 codes left.", "Noch 0 Codes übrig."),
    ],
)
def test_recovery_codes_are_counted_in_both_languages(client, confirmed, used, english, german):
    codes = RecoveryCodes.activate(confirmed)
    for code in codes.generate_codes()[:used]:
        assert codes.validate_code(code)
    client.force_login(confirmed)
    assert english in client.get("/accounts/2fa/").content.decode()
    assert german in client.get("/accounts/2fa/", headers=GERMAN).content.decode()


def test_alternative_reauthentication_is_offered_in_german(client, confirmed):
    TOTP.activate(confirmed, generate_totp_secret())
    client.force_login(confirmed)
    page = client.get("/accounts/reauthenticate/", headers=GERMAN).content.decode()
    assert "Authenticator-App oder Code verwenden" in page
    assert "Verwenden Sie" not in page


def test_refusals_of_allauth_have_our_wording(client, confirmed):
    sign_in(client)
    show_it_is_me(client)
    page = client.post("/accounts/2fa/recovery-codes/generate/", headers=GERMAN).content.decode()
    assert "Richte zuerst die Zwei-Faktor-Authentifizierung ein" in page
