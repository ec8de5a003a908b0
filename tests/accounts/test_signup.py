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


def test_one_joins_with_an_address_and_gets_a_username_from_it(client, heard, mailoutbox):
    response = join(client)
    assert response.status_code == 302
    dora = Member.objects.get()
    assert (dora.username, dora.email) == ("dora_mae_kith", "dora.mae+kith@example.com")
    assert [event.member_id for event in heard("accounts.MemberJoined")] == [dora.id]
    assert client.get("/settings/account").status_code == 200
    assert [mail.to for mail in mailoutbox] == [["dora.mae+kith@example.com"]]


def test_one_chooses_a_username_in_any_case(client, db):
    join(client, username="@DoraMae")
    assert Member.objects.get().username == "doramae"


@pytest.mark.parametrize("username", ["a", "dora mae", "dóra", "x" * 31, "admin", "dora-mae"])
def test_a_username_that_will_not_do_is_refused_in_a_sentence(client, db, username):
    response = join(client, username=username)
    assert response.status_code == 200
    assert response.context["form"].errors["username"]
    assert not Member.objects.exists()


def test_a_taken_username_is_refused(client, alice):
    response = join(client, username="Alice")
    assert "taken" in str(response.context["form"].errors["username"])
    assert Member.objects.count() == 1


def test_where_addresses_must_be_confirmed_nobody_signs_in_before(client, db, settings, mailoutbox):
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
    assert response.url == "/start"


@pytest.mark.parametrize("password", ["short", "12345678901", "password", "dora_mae"])
def test_an_easy_password_is_refused(client, db, password):
    assert join(client, username="dora_mae", password1=password).context["form"].errors["password1"]


def test_two_who_take_the_same_username_at_once_are_told_so(alice):
    with pytest.raises(Conflict):
        actions.join(member=Member(username="alice", email="other@example.com"))
    assert Member.objects.count() == 1


def test_a_suggested_username_that_is_taken_gives_way(alice):
    newcomer = actions.join(member=Member(username="alice", email="other@example.com"), suggested=True)
    assert newcomer.username == "alice2"


@pytest.mark.django_db(transaction=True)
def test_five_who_join_at_once_with_like_addresses_all_get_a_name():
    names: list[str] = []

    def one(number: int) -> None:
        try:
            member = Member(username=free_username("dora"), email=f"dora@{number}.example.com")
            names.append(actions.join(member=member, suggested=True).username)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 5
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
def test_a_username_is_suggested_from_what_there_is(db, hint, username):
    assert free_username(hint) == username


def test_suggestions_go_on_when_many_are_taken(db):
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
