"""Theme and language in /api/settings; the privacy settings are in test_privacy_settings.py."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Member


def app_of(member: Member) -> APIClient:
    app = APIClient()
    app.force_authenticate(member)
    return app


def kept(member: Member) -> tuple[str, str]:
    member.refresh_from_db()
    return member.theme, member.language


def test_the_api_shows_and_changes_theme_and_language_idempotently(alice: Member, bob: Member) -> None:
    app = app_of(alice)
    shown: dict[str, Any] = app.get("/api/settings").json()
    assert (shown["theme"], shown["language"]) == ("system", "")
    for _ in range(2):
        changed = app.patch("/api/settings", {"theme": "dark", "language": "de"}, format="json")
        assert changed.status_code == 200, changed.content
        assert changed.json() == shown | {"theme": "dark", "language": "de"}
        assert kept(alice) == ("dark", "de")
    assert app.get("/api/settings").json() == changed.json()
    assert kept(bob) == ("system", "")


def test_omitted_settings_stay_and_an_empty_language_is_the_browsers(alice: Member) -> None:
    app = app_of(alice)
    app.patch("/api/settings", {"theme": "light", "language": "de"}, format="json")
    app.patch("/api/settings", {"discoverable": False}, format="json")
    assert kept(alice) == ("light", "de")
    app.patch("/api/settings", {"language": ""}, format="json")
    assert kept(alice) == ("light", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("theme", "pink"),
        ("theme", ""),
        ("theme", None),
        ("language", "tlh"),
        ("language", "DE"),
        ("language", None),
        ("language", ["de"]),
    ],
)
def test_an_unknown_value_is_refused_at_its_field_and_nothing_changes(
    alice: Member, field: str, value: object
) -> None:
    answer = app_of(alice).patch("/api/settings", {"discoverable": False, field: value}, format="json")
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {field}
    assert kept(alice) == ("system", "")
    assert alice.is_discoverable


def test_a_language_that_is_no_longer_offered_is_shown_as_none(alice: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(language="tlh")
    alice.refresh_from_db()
    assert app_of(alice).get("/api/settings").json()["language"] == ""


def test_visitors_cannot_change_settings(db: None) -> None:
    assert APIClient().patch("/api/settings", {"theme": "dark"}, format="json").status_code == 401


def test_refusals_are_in_the_requested_language(alice: Member) -> None:
    app = app_of(alice)
    sneeze = {"notifications": {"sneeze": {"in_page": True}}}
    answer = app.patch("/api/settings", sneeze, format="json", headers={"accept-language": "de"})
    assert answer.json()["fields"] == {"notifications": ["Es gibt keine Mitteilungen namens 'sneeze'."]}
