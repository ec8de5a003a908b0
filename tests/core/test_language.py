"""German refusals, errors, times, counts, page layout and script texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from core.refusals import Forbidden, TooMany
from core.templatetags.kith import compact
from core.times import short_ago
from tests.core import test_refusals

GERMAN = {"accept-language": "de"}
urlpatterns, handler404, handler500 = (
    test_refusals.urlpatterns,
    test_refusals.handler404,
    test_refusals.handler500,
)


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def test_a_refusal_keeps_the_language_of_its_request() -> None:
    with translation.override("de"):
        refused, hurried = Forbidden(), TooMany(retry_after=5)
    assert (refused.message, str(refused)) == (
        "Dazu fehlt dir die Berechtigung.",
        "Dazu fehlt dir die Berechtigung.",
    )
    assert hurried.message == "Zu viele Anfragen. Bitte warte einen Moment."
    assert type(refused.message) is str
    assert Forbidden().message == "You don’t have permission to do that."


@pytest.mark.parametrize(
    ("number", "english", "german"),
    [
        (0, "", ""),
        (999, "999", "999"),
        (1000, "1K", "1 Tsd."),
        (1234, "1.2K", "1,2 Tsd."),
        (123_456, "123K", "123 Tsd."),
        (1_500_000, "1.5M", "1,5 Mio."),
    ],
)
def test_counts_are_abbreviated_in_both_languages(number: int, english: str, german: str) -> None:
    assert compact(number) == english
    with translation.override("de"):
        assert compact(number) == german


def test_times_are_abbreviated_in_both_languages() -> None:
    now = timezone.now()
    ages = [timedelta(), timedelta(minutes=5), timedelta(hours=3), timedelta(days=2)]
    assert [short_ago(now - age) for age in ages] == ["now", "5m", "3h", "2d"]
    long_ago = datetime(2024, 11, 3, 12, tzinfo=UTC)
    assert short_ago(long_ago) == "Nov 3, 2024"
    with translation.override("de"):
        assert [short_ago(now - age) for age in ages] == ["jetzt", "5 Min.", "3 Std.", "2 T."]
        assert short_ago(long_ago) == "3. Nov. 2024"
        assert short_ago(datetime(2024, 5, 3, tzinfo=UTC)) == "3. Mai 2024"


@pytest.mark.django_db
@pytest.mark.urls("tests.core.test_language")
def test_not_found_pages_use_the_language_of_the_browser(visitor: Client) -> None:
    page = visitor.get("/nowhere", headers=GERMAN).content.decode()
    assert '<html lang="de"' in page
    assert "<h1>Seite nicht gefunden</h1>" in page
    assert "Zum Inhalt springen" in page
    toast = visitor.get("/nowhere", headers={**GERMAN, "hx-request": "true"})
    assert json.loads(toast["HX-Trigger"])["toast"]["text"] == "Nicht gefunden."
    body = visitor.get("/api/nowhere", headers=GERMAN).json()
    assert (body["error"], body["message"]) == ("not_found", "Nicht gefunden.")


@pytest.mark.urls("tests.core.test_language")
def test_an_error_page_is_german_without_a_database(visitor: Client, settings: Any) -> None:
    """The session cookie can’t be looked up because the database is unavailable in this test."""
    visitor.cookies[settings.SESSION_COOKIE_NAME] = "somebody"
    with translation.override("en"):
        answer = visitor.get("/break", headers=GERMAN)
    assert answer.status_code == 500
    page = answer.content.decode()
    assert '<html lang="de"' in page
    assert "Bei uns ist etwas schiefgegangen" in page


@pytest.mark.django_db
def test_only_german_pages_load_translations_for_scripts(client: Client) -> None:
    assert "/words/" not in client.get("/explore", headers={"accept-language": "en"}).content.decode()
    page = client.get("/explore", headers=GERMAN).content.decode()
    address = page.partition('<script src="/words/de.js')[2].partition('"')[0]
    assert address.startswith("?v=")
    # The translations come first, because the modules use them.
    assert page.index("/words/de.js") < page.index("js/main.js")

    # Neither the request’s language nor the member matters: the cached response is the same for everyone.
    answer = client.get(f"/words/de.js{address}", headers={"accept-language": "en"})
    assert answer["Content-Type"].startswith("text/javascript")
    assert (answer["Cache-Control"], answer["Content-Language"]) == (
        "public, max-age=31536000, immutable",
        "de",
    )
    assert "Cookie" not in answer["Vary"]
    assert "Bitte melde dich zuerst an." in answer.content.decode()


@pytest.mark.django_db
def test_unsupported_languages_have_no_translations_for_scripts(client: Client) -> None:
    assert client.get("/words/fr.js").status_code == 404
    assert client.post("/words/de.js").status_code == 405


@pytest.mark.django_db
def test_the_style_page_is_always_english(client: Client, settings: Any) -> None:
    settings.SHOW_STYLE_PAGE = True
    page = client.get("/style", headers=GERMAN).content.decode()
    assert '<html lang="en"' in page
    assert "Zum Inhalt springen" not in page
