"""Passwords are used as typed at every entry point, in any Unicode form."""

import unicodedata

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.test import Client

from accounts.models import Member
from core.passwords import password_forms
from tests.accounts.conftest import link_in, show_it_is_me, sign_in
from tests.factories import make_member

APP = "/_allauth/app/v1"
SPACED = "  rote Grütze 88 "
COMPOSED = unicodedata.normalize("NFC", SPACED)
DECOMPOSED = unicodedata.normalize("NFD", SPACED)


def post(path, data, **headers):
    return Client().post(f"{APP}/{path}", data, content_type="application/json", headers=headers)


def by_page(login, password):
    return sign_in(Client(), login, password).status_code == 302


def by_app(login, password):
    return post("auth/login", {"username": login, "password": password}).status_code == 200


def opens(login="alice"):
    """Check that exactly this password signs in, by page and by app."""
    for door in (by_page, by_app):
        assert door(login, SPACED), door
        assert not door(login, SPACED.strip()), door
        assert not door(login, SPACED.lower()), door
    return True


def signed_in(client=None, password="correct horse"):
    client = client or Client()
    sign_in(client, "alice", password)
    show_it_is_me(client, password)
    return client


def bearer(password="correct horse"):
    meta = post("auth/login", {"username": "alice", "password": password}).json()["meta"]
    return {"Authorization": f"Bearer {meta['access_token']}"}


# --- Setting a password ---------------------------------------------------------------------------------------------


def sign_up(mails):
    Client().post("/accounts/signup/", {"email": "a@example.com", "username": "alice", "password1": SPACED})


def sign_up_by_app(mails):
    post("auth/signup", {"email": "a@example.com", "username": "alice", "password": SPACED})


def a_member(**fields):
    alice = make_member("alice", **fields)
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    return alice


def change(mails):
    a_member()
    data = {"oldpassword": "correct horse", "password1": SPACED, "password2": SPACED}
    signed_in().post("/accounts/password/change/", data)


def change_by_app(mails):
    a_member()
    data = {"current_password": "correct horse", "new_password": SPACED}
    post("account/password/change", data, **bearer())


def set_first(mails):
    alice = a_member()
    client = signed_in()
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)
    client.post("/accounts/password/set/", {"password1": SPACED, "password2": SPACED})


def reset(mails):
    a_member()
    client = Client()
    client.post("/accounts/password/reset/", {"email": "alice@example.com"})
    page = client.get(link_in(mails[-1]), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": SPACED, "password2": SPACED})


def reset_by_app(mails):
    a_member()
    post("auth/password/request", {"email": "alice@example.com"})
    key = link_in(mails[-1]).split("/")[-2]
    post("auth/password/reset", {"key": key, "password": SPACED})


def the_administration(mails):
    alice = a_member()
    staff = Client()
    staff.force_login(Member.objects.create_superuser("boss", "boss@example.com", "correct horse"))
    data = {"usable_password": "true", "password1": SPACED, "password2": SPACED}
    assert staff.post(f"/admin/accounts/member/{alice.pk}/password/", data).status_code == 302


def a_command(mails):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_SUPERUSER_PASSWORD", SPACED)
        call_command("createsuperuser", "--noinput", username="alice", email="alice@example.com")


SETTERS = [
    sign_up, sign_up_by_app, change, change_by_app, set_first, reset, reset_by_app, the_administration, a_command,
]  # fmt: skip


@pytest.mark.parametrize("door", SETTERS)
def test_a_password_set_at_any_entry_point_works_at_all(db, mailoutbox, door):
    door(mailoutbox)
    assert opens()


# --- Entering a password --------------------------------------------------------------------------------------------


def reauthentication(password, headers):
    return show_it_is_me(signed_in(password=SPACED), password).status_code == 302


def reauthentication_by_app(password, headers):
    return post("auth/reauthenticate", {"password": password}, **headers).status_code == 200


def change_of_it(password, headers):
    data = {"oldpassword": password, "password1": "a long sentence", "password2": "a long sentence"}
    return signed_in(password=SPACED).post("/accounts/password/change/", data).status_code == 302


def change_of_it_by_app(password, headers):
    data = {"current_password": password, "new_password": "a long sentence"}
    return post("account/password/change", data, **headers).status_code == 200


def copy_by_app(password, headers):
    return Client().post(
        "/api/exports", {"password": password}, content_type="application/json", headers=headers
    ).status_code == 201  # fmt: skip


def deletion(password, headers):
    return (
        signed_in(password=SPACED)
        .post("/settings/delete", {"username": "alice", "password": password})
        .status_code
        == 302
    )


def deletion_by_app(password, headers):
    return Client().delete(
        "/api/account", {"password": password}, content_type="application/json", headers=headers
    ).status_code == 200  # fmt: skip


ASKERS = [
    reauthentication, reauthentication_by_app, change_of_it, change_of_it_by_app, copy_by_app, deletion,
    deletion_by_app,
]  # fmt: skip


@pytest.mark.parametrize("door", ASKERS)
@pytest.mark.parametrize("given", [SPACED, DECOMPOSED], ids=["composed", "decomposed"])
def test_every_prompt_accepts_exactly_the_password(db, door, given):
    alice = a_member()
    alice.set_password(SPACED)
    alice.save()
    headers = bearer(SPACED)
    assert not door(SPACED.strip(), headers)
    assert door(given, headers)


# --- Unicode --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kept", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_password_works_in_any_unicode_form(db, kept, typed):
    alice = make_member("alice")
    alice.set_password(kept)
    alice.save()
    assert by_page("alice", typed)
    assert by_app("alice", typed)


def test_a_password_hashed_without_normalization_still_works(db):
    from django.contrib.auth.hashers import make_password

    make_member("alice")
    Member.objects.update(password=make_password(DECOMPOSED))
    assert by_page("alice", DECOMPOSED)


def test_similar_looking_letters_are_different(db):
    alice = make_member("alice")
    alice.set_password("ﬁve apples")
    assert alice.check_password("ﬁve apples")
    assert not alice.check_password("five apples")


def test_validation_uses_the_normalized_password(client, db):
    """Four letters with combining accents are four characters."""
    short = unicodedata.normalize("NFD", "äöüß")
    refused = client.post(
        "/accounts/signup/", {"email": "a@x.org", "username": "ana", "password1": short + "a"}
    )
    assert refused.context["form"].errors["password1"]
    assert password_forms("plain") == ["plain"]


# --- Timing reveals nothing -----------------------------------------------------------------------------------------


@pytest.fixture
def hashes(monkeypatch):
    """Return a function that counts password hashes, which take most of the time of signing in."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    counted = []
    encode = MD5PasswordHasher.encode

    def counting(self, password, salt):
        counted.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)

    def count():
        n = len(counted)
        counted.clear()
        return n

    return count


@pytest.mark.parametrize("password", ["not it", DECOMPOSED], ids=["plain", "to be composed"])
def test_the_number_of_hashed_passwords_is_constant(db, hashes, password, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": ""}
    make_member("alice")
    make_member("closed", is_active=False)
    nobody = make_member("social")
    nobody.set_unusable_password()
    nobody.save()
    data = {"email": "given@example.com", "username": "given", "password1": "a long sentence"}
    Client().post("/accounts/signup/", data)
    hashes()
    by_name, by_address = set(), set()
    for login in ("alice", "closed", "social", "given", "nobody"):
        for name in (login, f"@{login}"):
            sign_in(Client(), name, password)
            by_name.add(hashes())
        post("auth/login", {"username": login, "password": password})
        by_name.add(hashes())
        sign_in(Client(), f"{login}@example.com", password)
        by_address.add(hashes())
        post("auth/login", {"email": f"{login}@example.com", "password": password})
        by_address.add(hashes())
    assert by_name == {len(password_forms(password))}
    assert by_address == {2 * len(password_forms(password))}


@pytest.mark.parametrize("password", ["not it", "a long sentence"], ids=["wrong", "right"])
def test_signing_in_after_sign_up_takes_the_same_time_with_a_taken_address(db, hashes, password):
    make_member("alice")
    counts = []
    for n, email in enumerate(("alice@example.com", "new@example.com")):
        browser = Client()
        data = {"email": email, "username": f"dora{n}", "password1": "a long sentence"}
        browser.post("/accounts/signup/", data)
        browser.post("/accounts/logout/")
        hashes()
        sign_in(browser, email, password)
        counts.append(hashes())
    assert counts == ([2, 2] if password == "not it" else [1, 1])


def test_signing_up_takes_the_same_time_with_a_taken_address(db, hashes):
    make_member("alice")
    counts = []
    for n, email in enumerate(("alice@example.com", "new@example.com")):
        hashes()
        data = {"email": email, "username": f"dora{n}", "password1": "a long sentence"}
        Client().post("/accounts/signup/", data)
        counts.append(hashes())
        post("auth/signup", {"email": email, "username": f"dan{n}", "password": "a long sentence"})
        counts.append(hashes())
    assert counts == [1, 1, 1, 1]
