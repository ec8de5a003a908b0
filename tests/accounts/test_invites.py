"""Invite links: ownership, validity and secrecy."""

import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import Invite, Member
from core.logs import SecretPathFilter
from core.refusals import Forbidden, Invalid
from tests.factories import make_member

GONE = "This invite isn’t valid"


@pytest.fixture
def owner(alice):
    client = Client()
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def stranger(bob):
    client = Client()
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_member_creates_an_invite_and_sees_its_uses(owner, alice):
    made = owner.post("/settings/invites", {"note": "The robotics club", "days": "7", "uses_at_most": "5"})
    assert made.url == "/settings/invites"
    invite = Invite.objects.get()
    assert invite.by == alice
    assert invite.uses_at_most == 5
    assert invite.expires_at is not None
    assert abs(invite.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=5)
    page = owner.get("/settings/invites").content.decode()
    assert f"/invite/{invite.code}" in page
    assert "The robotics club" in page
    assert "0 of 5 joined" in page


def test_an_invite_can_be_unlimited(owner):
    owner.post("/settings/invites", {"note": "", "days": "0", "uses_at_most": "0"})
    invite = Invite.objects.get()
    assert (invite.uses_at_most, invite.expires_at) == (None, None)
    assert "no end date" in owner.get("/settings/invites").content.decode()


@pytest.mark.parametrize("fields", [{"note": "x" * 101}, {"days": "8"}, {"uses_at_most": "-1"}, {"days": ""}])
def test_values_that_the_form_does_not_offer_are_refused(owner, fields):
    form = {"note": "", "days": "7", "uses_at_most": "1"} | fields
    assert owner.post("/settings/invites", form).status_code == 422
    assert not Invite.objects.exists()


@pytest.mark.parametrize("fields", [{"days": 0}, {"days": 366}, {"uses_at_most": 0}, {"uses_at_most": 1001}])
def test_the_action_refuses_invalid_numbers(alice, fields):
    with pytest.raises(Invalid):
        actions.make_invite(by=alice, **fields)


def test_codes_are_long_and_unique(alice):
    codes = {actions.make_invite(by=alice).code for _ in range(20)}
    assert len(codes) == 20
    assert min(map(len, codes)) >= 32


def test_a_member_can_have_a_hundred_valid_invites(alice, monkeypatch):
    monkeypatch.setattr("accounts.actions.signup.INVITES_MAX", 2)
    first = actions.make_invite(by=alice)
    actions.make_invite(by=alice)
    with pytest.raises(Invalid, match="Revoke one"):
        actions.make_invite(by=alice)
    actions.revoke_invite(invite=first, by=alice)
    actions.make_invite(by=alice)


def test_a_revoked_invite_is_invalid_and_revoking_is_idempotent(owner, alice):
    invite = actions.make_invite(by=alice)
    assert owner.post(f"/settings/invites/{invite.pk}/revoke").url == "/settings/invites"
    assert Client().get(invite.path).status_code == 404
    assert not actions.revoke_invite(invite=invite, by=alice)
    assert "Revoked" in owner.get("/settings/invites").content.decode()


def test_another_members_invites_are_404(stranger, alice, bob):
    invite = actions.make_invite(by=alice, note="Alices own")
    for verb in ("get", "post", "put", "patch", "delete"):
        answer = getattr(stranger, verb)(f"/settings/invites/{invite.pk}/revoke")
        assert answer.status_code in (404, 405)
        assert getattr(stranger, verb)(f"/api/invites/{invite.pk}").status_code in (404, 405)
    assert "Alices own" not in stranger.get("/settings/invites").content.decode()
    assert stranger.get("/api/invites").json()["items"] == []
    with pytest.raises(Forbidden):
        actions.revoke_invite(invite=invite, by=bob)
    invite.refresh_from_db()
    assert invite.revoked_at is None


def test_visitors_cannot_create_invites(client, db):
    assert "/accounts/login/" in client.get("/settings/invites").url
    assert client.post("/api/invites", {}).status_code in (401, 403)


def test_all_invalid_invites_look_the_same(alice):
    gone = [
        "/invite/" + "x" * 32,
        "/invite/" + "x" * 3000,
        "/invite/%00",
        "/invite/é",
    ]
    revoked = actions.make_invite(by=alice)
    actions.revoke_invite(invite=revoked, by=alice)
    past = actions.make_invite(by=alice, days=1)
    Invite.objects.filter(pk=past.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    used = actions.make_invite(by=alice, uses_at_most=1)
    Invite.objects.filter(pk=used.pk).update(uses=1)
    left = actions.make_invite(by=make_member("left"))
    Member.objects.filter(username="left").update(is_active=False)
    gone += [revoked.path, past.path, used.path, left.path]
    pages = {path: Client().get(path) for path in gone}
    assert {page.status_code for page in pages.values()} == {404}

    def body(page):
        # The trace id and the nonce outside of main differ for each response.
        return page.content.decode().split("<main")[1].split("</main>")[0]

    assert len({body(page) for page in pages.values()}) == 1
    assert all(GONE in page.content.decode() for page in pages.values())


def test_guessing_is_limited(client, alice):
    invite = actions.make_invite(by=alice)
    answers = [client.get("/invite/" + "x" * 32).status_code for _ in range(20)]
    assert set(answers) == {404}
    assert client.get(invite.path).status_code == 429, "a right guess is not told from a wrong one any more"
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.get(invite.path).status_code == 200


def test_codes_are_not_logged(client, alice, caplog):
    invite = actions.make_invite(by=alice)
    bad = "Zz9" * 10
    with caplog.at_level(logging.DEBUG):
        client.get(invite.path)
        client.get(f"/invite/{bad}")
        client.get(f"/invite/{bad}/more")
    # As the logging handler does (settings.LOGGING).
    masks = SecretPathFilter()
    for record in caplog.records:
        masks.filter(record)
    said = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "/invite/" in said
    assert invite.code not in said
    assert bad not in said


def test_the_invite_page_is_not_stored_and_sends_no_referrer(client, alice):
    page = client.get(actions.make_invite(by=alice).path)
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex">' in page.content.decode()


def test_a_member_who_opens_an_invite_sees_that_they_have_an_account(stranger, owner, alice):
    invite = actions.make_invite(by=alice)
    assert "You already have an account here." in stranger.get(invite.path).content.decode()
    assert "your own link" in owner.get(invite.path).content.decode()
    assert "invite" not in stranger.session


def test_the_api_creates_lists_and_revokes_invites(owner, alice):
    made = owner.post(
        "/api/invites", {"note": "Club", "days": 30, "uses_at_most": 25}, content_type="application/json"
    )
    assert made.status_code == 201, made.content
    invite = Invite.objects.get()
    assert made.json()["url"].endswith(f"/invite/{invite.code}")
    assert [row["id"] for row in owner.get("/api/invites").json()["items"]] == [str(invite.pk)]
    assert owner.delete(f"/api/invites/{invite.pk}").status_code == 204
    assert owner.delete(f"/api/invites/{invite.pk}").status_code == 204
    invite.refresh_from_db()
    assert invite.revoked_at
    assert owner.get("/api/invites").json()["items"][0]["works"] is False
    bad = owner.post("/api/invites", {"days": 0}, content_type="application/json")
    assert (bad.status_code, list(bad.json()["fields"])) == (422, ["days"])


def test_the_list_of_invites_has_a_constant_number_of_queries(owner, alice, django_assert_max_num_queries):
    for _ in range(30):
        actions.make_invite(by=alice)
    with django_assert_max_num_queries(9):
        owner.get("/settings/invites")
