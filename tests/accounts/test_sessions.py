from datetime import timedelta

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.devices import device_name
from core.refusals import Forbidden, Invalid
from tests.accounts.conftest import sign_in
from tests.accounts.test_second_factor import code_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, ("Firefox on Linux", "computer")),
        (IPHONE, ("Safari on iPhone", "phone")),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140", ("Edge on Windows", "computer")),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537", ("Chrome on Android", "phone")),
        ("", ("An app", "app")),
    ],
)
def test_devices_have_readable_names(user_agent, name):
    assert device_name(user_agent) == name


@pytest.fixture
def laptop(alice):
    client = Client(headers={"User-Agent": FIREFOX})
    sign_in(client)
    return client


@pytest.fixture
def phone(alice):
    client = Client(headers={"User-Agent": IPHONE}, REMOTE_ADDR="203.0.113.7")
    sign_in(client)
    return client


def test_the_list_shows_each_session_and_marks_this_one(laptop, phone):
    page = laptop.get("/settings/sessions")
    names = [(d.name, d.session.ip, d.is_current) for d in page.context["devices"]]
    assert names == [("Firefox on Linux", "127.0.0.1", True), ("Safari on iPhone", "203.0.113.7", False)]
    assert "This session" in page.content.decode()
    assert laptop.get("/accounts/sessions/").url == "/settings/sessions"


def test_one_other_session_is_signed_out(laptop, phone, heard):
    other = UserSession.objects.get(ip="203.0.113.7")
    laptop.post("/settings/sessions/end", {"session": other.pk})
    assert phone.get("/settings").status_code == 302
    assert laptop.get("/settings").status_code == 200
    assert [e.session_key for e in heard("accounts.SessionEnded")] == [other.session_key]
    again = laptop.post("/settings/sessions/end", {"session": other.pk})
    assert again.status_code == 404


def test_all_other_sessions_are_signed_out(laptop, phone, heard):
    laptop.post("/settings/sessions/end")
    assert phone.get("/settings").status_code == 302
    assert laptop.get("/settings").status_code == 200
    assert len(heard("accounts.SessionEnded")) == 1
    laptop.post("/settings/sessions/end")
    assert len(heard("accounts.SessionEnded")) == 1


def test_members_cannot_end_sessions_of_others(laptop, bob):
    stranger = Client()
    sign_in(stranger, "bob")
    session = UserSession.objects.get(user__username="alice")
    assert stranger.post("/settings/sessions/end", {"session": session.pk}).status_code == 404
    assert laptop.get("/settings").status_code == 200
    with pytest.raises(Forbidden):
        actions.end_sessions(member=session.user, by=bob)


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete"])
def test_another_members_session_is_404_with_every_method(laptop, bob, verb):
    stranger = Client()
    sign_in(stranger, "bob")
    session = UserSession.objects.get(user__username="alice")
    for path, fields in (
        ("/settings/sessions/end", {"session": session.pk}),
        ("/settings/sessions/end", {"session": session.session_key}),
        (f"/settings/sessions/{session.pk}/name", {"name": "Mine"}),
    ):
        answer = getattr(stranger, verb)(path, fields)
        assert answer.status_code == (404 if verb == "post" else 405)
    session.refresh_from_db()
    assert session.data == {}
    assert laptop.get("/settings").status_code == 200


def test_a_session_can_be_named(laptop, phone):
    session = UserSession.objects.get(ip="203.0.113.7")
    path = f"/settings/sessions/{session.pk}/name"
    laptop.post(path, {"name": "  Grandma’s\nphone " + "x" * 60})
    device = laptop.get("/settings/sessions").context["devices"][1]
    assert device.name.startswith("Grandma’s phone x")
    assert (len(device.name), device.browser) == (40, "Safari on iPhone")
    laptop.post(path, {"name": " "})
    device = laptop.get("/settings/sessions").context["devices"][1]
    assert (device.name, device.browser) == ("Safari on iPhone", "")
    actions.end_sessions(member=session.user, by=session.user, keys=[session.session_key])
    assert laptop.post(path, {"name": "Gone"}).status_code == 404


def test_the_place_of_an_ipv6_address_is_its_network(laptop):
    UserSession.objects.update(ip="2001:db8:1:2:3:4:5:6")
    assert "2001:db8:1:2::/64" in laptop.get("/settings/sessions").content.decode()


def test_the_current_session_is_ended_by_signing_out(laptop):
    session = UserSession.objects.get()
    laptop.post("/settings/sessions/end", {"session": session.pk})
    assert laptop.get("/settings").status_code == 200


def test_the_last_use_is_stored_once_in_five_minutes(laptop, django_assert_num_queries):
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(days=1))
    cache.delete(f"seen:{laptop.session.session_key}")
    laptop.get("/settings/appearance", REMOTE_ADDR="198.51.100.9")
    seen = UserSession.objects.get()
    assert seen.last_seen_at > timezone.now() - timedelta(minutes=1)
    assert seen.ip == "198.51.100.9"
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(days=1))
    laptop.get("/settings/appearance")
    assert UserSession.objects.get().last_seen_at < timezone.now() - timedelta(hours=23)


def test_closing_an_account_ends_its_sessions(laptop, alice, heard):
    admin = type(alice).objects.create_superuser("boss", "boss@example.com", "correct horse")
    assert actions.deactivate_member(member=alice, by=admin)
    assert laptop.get("/settings").status_code == 302
    assert len(heard("accounts.SessionEnded")) == 1
    assert not actions.deactivate_member(member=alice, by=admin)
    assert actions.reactivate_member(member=alice, by=admin)
    assert not actions.reactivate_member(member=alice, by=admin)
    assert laptop.get("/settings").status_code == 302


def test_only_staff_can_suspend_an_account_and_not_their_own(alice, bob):
    admin = type(alice).objects.create_superuser("boss", "boss@example.com", "correct horse")
    with pytest.raises(Forbidden):
        actions.deactivate_member(member=alice, by=bob)
    with pytest.raises(Invalid):
        actions.deactivate_member(member=admin, by=admin)


def test_only_staff_grant_the_badge_and_only_once(alice, bob, heard):
    admin = type(alice).objects.create_superuser("boss", "boss@example.com", "correct horse")
    with pytest.raises(Forbidden):
        actions.grant_badge(member=alice, by=bob)
    assert actions.grant_badge(member=alice, by=admin)
    assert not actions.grant_badge(member=alice, by=admin)
    alice.refresh_from_db()
    assert alice.is_verified
    assert len(heard("accounts.ProfileEdited")) == 1
    assert actions.revoke_badge(member=alice, by=admin)


def test_an_app_that_ends_all_other_sessions_invalidates_what_is_pending(laptop, phone, alice):
    meta = (
        Client()
        .post(
            "/_allauth/app/v1/auth/login",
            {"username": "alice", "password": "correct horse"},
            content_type="application/json",
        )
        .json()["meta"]
    )
    headers = {"Authorization": f"Bearer {meta['access_token']}"}

    def end(*sessions):
        data = {"sessions": [session.pk for session in sessions]}
        Client().delete(
            "/_allauth/app/v1/auth/sessions", data, content_type="application/json", headers=headers
        )
        alice.refresh_from_db()
        return alice.security_epoch

    one, other, own = UserSession.objects.order_by("pk")
    assert end(one) == 0
    assert end(other) == 1
    assert end(own) == 1
    assert not UserSession.objects.exists()


def test_every_step_of_signing_in_changes_the_session_key(confirmed):
    """A session key that was planted or read from a log is useless."""
    client = Client()
    client.get("/invite/x")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    keys = [str(session.session_key)]
    sign_in(client)
    keys.append(str(client.session.session_key))
    data = {"oldpassword": "correct horse", "password1": "another sentence", "password2": "another sentence"}
    client.post("/accounts/password/change/", data)
    keys.append(str(client.session.session_key))
    assert len(set(keys)) == 3
    for key in keys[:2]:
        planted = Client()
        planted.cookies["sessionid"] = key
        assert planted.get("/settings").status_code == 302
    assert client.get("/settings").status_code == 200


def test_signing_in_by_app_changes_the_session_key(confirmed):
    Authenticator.objects.create(user=confirmed, type="totp", data={"secret": get_adapter().encrypt(SECRET)})
    data = {"username": "alice", "password": "correct horse"}
    begun = Client().post("/_allauth/app/v1/auth/login", data, content_type="application/json").json()["meta"]
    token = {"X-Session-Token": begun["session_token"]}
    done = Client().post(
        "/_allauth/app/v1/auth/2fa/authenticate",
        {"code": code_of(SECRET)},
        content_type="application/json",
        headers=token,
    )
    assert done.json()["meta"]["session_token"] != begun["session_token"]
    assert Client().get("/_allauth/app/v1/auth/session", headers=token).status_code == 410
