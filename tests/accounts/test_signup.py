import threading

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, connections
from django.test import Client

from accounts import actions
from accounts.models import Member
from accounts.queries import free_username
from core.refusals import Conflict
from tests.accounts.conftest import link_in
from tests.factories import make_member

FORM = {"email": "Dora.Mae+kith@Example.com", "username": "", "password1": "a long sentence"}


def join(client, **fields):
    return client.post("/accounts/signup/", FORM | fields)


def test_a_username_is_suggested_from_the_address_and_used_once_submitted(client, heard, mailoutbox):
    asked = join(client)
    assert "We suggest “dora_mae_kith”. Keep it or choose another" in asked.content.decode()
    assert asked.context["form"]["username"].value() == "dora_mae_kith"
    assert not Member.objects.exists()
    response = join(client, username=asked.context["form"]["username"].value())
    assert response.status_code == 302
    dora = Member.objects.get()
    assert (dora.username, dora.email) == ("dora_mae_kith", "dora.mae+kith@example.com")
    assert [event.member_id for event in heard("accounts.MemberJoined")] == [dora.id]
    assert client.get("/settings/account").status_code == 200
    assert [mail.to for mail in mailoutbox] == [["dora.mae+kith@example.com"]]


def test_a_chosen_username_is_lowercased(client, db):
    join(client, username="@DoraMae")
    assert Member.objects.get().username == "doramae"


@pytest.mark.parametrize("username", ["a", "dora mae", "dóra", "x" * 31, "admin", "dora-mae"])
def test_an_invalid_username_is_refused_with_a_message(client, db, username):
    response = join(client, username=username)
    assert response.status_code == 200
    assert response.context["form"].errors["username"]
    assert not Member.objects.exists()


def test_a_taken_username_is_refused(client, alice):
    response = join(client, username="Alice")
    assert "taken" in str(response.context["form"].errors["username"])
    assert Member.objects.count() == 1


def test_mandatory_confirmation_comes_before_sign_in(client, db, settings, mailoutbox):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert join(client, username="dora").url == "/accounts/confirm-email/"
    assert client.get("/settings").status_code == 302
    path = link_in(mailoutbox[0])
    assert "Confirm your email address" in client.get(path).content.decode()
    assert not EmailAddress.objects.get().verified, (
        "looking at the page confirms nothing: mail scanners look too"
    )
    client.post(path)
    assert EmailAddress.objects.get().verified
    response = client.post("/accounts/login/", {"login": "dora", "password": FORM["password1"]})
    assert response.url == "/start/profile"


@pytest.mark.parametrize("password", ["short", "12345678901", "password", "dora_mae"])
def test_an_easy_password_is_refused(client, db, password):
    assert join(client, username="dora_mae", password1=password).context["form"].errors["password1"]


def test_a_concurrent_sign_up_with_a_taken_username_is_a_conflict(alice):
    with pytest.raises(Conflict):
        actions.join(member=Member(username="alice", email="other@example.com"))
    assert Member.objects.count() == 1


def test_a_suggestion_is_free_and_valid(client, alice):
    def suggested(email: str) -> str:
        response = client.get("/accounts/signup/username", {"email": email})
        assert "no-store" in response["Cache-Control"]
        return str(response.json()["username"])

    assert suggested("alice@example.com") == "alice2"
    assert suggested("Dora.Mae+kith@Example.com") == "dora_mae_kith"
    assert suggested("admin@example.com") == "member_admin"
    assert suggested("@example.com") == suggested("") == ""
    assert join(client, username=suggested("x" * 200 + "@example.com")).status_code == 302
    for _ in range(30):
        last = client.get("/accounts/signup/username", {"email": "a@example.com"})
    assert last.status_code == 429
    assert client.post("/accounts/signup/username").status_code in (403, 405)


def test_an_app_must_send_a_username_and_gets_a_suggestion(client, alice):
    sent = {"email": "alice@example.net", "password": "a long sentence"}
    asked = client.post("/_allauth/app/v1/auth/signup", sent, content_type="application/json")
    assert asked.status_code == 400
    assert "We suggest “alice2”" in asked.json()["message"]
    assert Member.objects.count() == 1
    joined = client.post(
        "/_allauth/app/v1/auth/signup", sent | {"username": "alice2"}, content_type="application/json"
    )
    assert joined.status_code == 200
    assert Member.objects.filter(username="alice2").exists()


@pytest.mark.django_db(transaction=True)
def test_one_of_five_concurrent_sign_ups_gets_the_suggested_username():
    names: list[str] = []
    refused: list[str] = []
    suggestion = free_username("dora")

    def one(number: int) -> None:
        try:
            member = Member(username=suggestion, email=f"dora@{number}.example.com")
            names.append(actions.join(member=member).username)
        except Conflict as refusal:
            refused.append(refusal.message)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (names, len(refused)) == (["dora"], 4)
    assert connection.vendor in ("sqlite", "postgresql")


@pytest.mark.parametrize(
    ("hint", "username"),
    [
        ("mary.jane+spam@x.org", "mary_jane_spam"),
        ("José Ñandú", "jose_nandu"),
        ("日本語@x.org", "member"),
        ("a@x.org", "member_a"),
        ("admin@x.org", "member_admin"),
        ("..", "member"),
        ("x" * 60, "x" * 30),
    ],
)
def test_usernames_are_suggested_from_a_name_or_address(db, hint, username):
    assert free_username(hint) == username


def test_there_are_suggestions_when_many_are_taken(db):
    for name in ("dora", *(f"dora{n}" for n in range(2, 10))):
        make_member(name)
    assert free_username("dora@x.org").startswith("dora_")


def test_a_signed_in_member_does_not_sign_up_again(client, alice):
    client.force_login(alice)
    assert client.get("/accounts/signup/").status_code == 302


def test_sign_ups_from_one_address_are_limited(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/m/ip"}
    answers = [Client().post("/accounts/signup/", FORM | {"username": "x"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
