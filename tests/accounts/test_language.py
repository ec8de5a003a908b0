"""The language of pages and emails: the member’s choice, otherwise from the cookie, the browser or the site."""

import pytest
from django.test import Client
from django.utils import translation

from accounts.actions import choose_language, request_deletion
from accounts.languages import in_language_of
from accounts.models import Member
from core.refusals import Invalid
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db

PAGE = "/settings/language"
GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture(autouse=True)
def nothing_active():
    yield
    translation.deactivate()


def spoken(client, **headers):
    answer = client.get(PAGE, headers=headers)
    language = answer.headers["Content-Language"]
    text = answer.content.decode()
    assert f'<html lang="{language}"' in text
    assert {"en": "<h1>Language</h1>", "de": "<h1>Sprache</h1>"}[language] in text
    return language


def test_visitors_get_the_browsers_language():
    assert spoken(Client()) == "en"
    assert spoken(Client(), **GERMAN) == "de"
    assert spoken(Client(), **{"accept-language": "fr, tlh"}) == "en", "what there is not is as if not asked"
    answer = Client().get(PAGE, headers=GERMAN)
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_visitor_chooses_a_language_and_resets_it():
    client = Client(headers=GERMAN)
    answer = client.post(PAGE, {"language": "en"}, follow=True)
    assert "Language updated." in answer.content.decode()
    assert spoken(client) == "en"
    client.post(PAGE, {"language": ""})
    assert spoken(client) == "de"


def test_a_member_chooses_a_language_for_every_browser(alice):
    here, there = Client(), Client()
    for client in (here, there):
        client.force_login(alice)
    answer = here.post(PAGE, {"language": "de"}, follow=True)
    assert "Sprache geändert." in answer.content.decode()
    assert 'value="de" checked' in answer.content.decode()
    assert spoken(there, **{"accept-language": "en"}) == "de"
    here.post(PAGE, {"language": "de"})
    assert Member.objects.get(pk=alice.pk).language == "de"
    here.post(PAGE, {"language": ""})
    assert spoken(there) == "en"


def test_an_unknown_language_is_refused(alice):
    client = Client()
    client.force_login(alice)
    for wrong in ("tlh", "../en", "de\0", "d" * 300):
        answer = client.post(PAGE, {"language": wrong}, follow=True)
        assert "Choose one of the available languages." in answer.content.decode()
        with pytest.raises(Invalid):
            choose_language(by=alice, language=wrong)
    assert Member.objects.get(pk=alice.pk).language == ""


def test_a_language_that_is_no_longer_offered_is_ignored(alice):
    Member.objects.filter(pk=alice.pk).update(language="tlh")
    client = Client()
    client.force_login(alice)
    assert spoken(client, **GERMAN) == "de"
    alice.refresh_from_db()
    with in_language_of(alice):
        assert translation.get_language() == "en"


def test_emails_use_the_language_of_sign_up(deliver, mailoutbox):
    client = Client(headers=GERMAN)
    client.post(
        "/accounts/signup/", {"email": "dora@example.com", "username": "dora", "password1": PASSWORD + "x"}
    )
    dora = Member.objects.get(username="dora")
    assert dora.language == "de"
    mailoutbox.clear()
    # In a process with another active language.
    translation.activate("en")
    request_deletion(member=dora, by=dora)
    deliver()
    assert mailoutbox[0].subject == "[Kith] Dein Konto ist geschlossen"
    assert "Hallo dora" in mailoutbox[0].body


def test_refusals_for_apps_are_in_the_requested_language(client):
    assert client.get("/api/posts/1", headers=GERMAN).json()["error"] == "not_found"
    english = client.get("/api/posts/1").json()["message"]
    german = client.get("/api/posts/1", headers=GERMAN).json()["message"]
    assert english == "Not found."
    assert german != english
