"""Limits on guessing passwords and codes, counted per member and not per name typed."""

import threading
import time

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connections
from django.test import Client

from accounts import actions
from accounts.limits import ELSEWHERE, GUESSES, count_guess
from accounts.models import SignInPlace
from core.refusals import TooMany
from tests.accounts.conftest import PASSWORD, show_it_is_me, sign_in
from tests.accounts.test_second_factor import code_of
from tests.factories import make_member

APP = "/_allauth/app/v1"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WRONG = "not it"
ATTACKER = "198.51.100.7"


def app_sign_in(password, client=None, **login):
    login = login or {"username": "alice"}
    client = client or Client()
    return client.post(f"{APP}/auth/login", login | {"password": password}, content_type="application/json")


def too_often(answer):
    return answer.status_code == 429 or "too many attempts" in answer.content.decode().lower()


@pytest.fixture
def no_limit_by_network(settings):
    """Turn off the limits by network, so that only those per member apply."""
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(("login", "login_failed", "signup", "reauthenticate"), "")


def attack(times, password=WRONG, **extra):
    """Guess from a different address each time, and return how many guesses were checked."""
    answers = [
        sign_in(Client(REMOTE_ADDR=f"203.0.113.{n}"), "alice", password, **extra) for n in range(times)
    ]
    return sum(not too_often(answer) for answer in answers)


def test_another_port_does_not_reset_the_limit(alice, no_limit_by_network):
    tried = 0
    for n, host in enumerate(["127.0.0.1", "localhost", "testserver", "LOCALHOST"] * 10):
        answer = sign_in(Client(), "alice", WRONG, headers={"Host": f"{host}:{9000 + n}"})
        tried += not too_often(answer)
    assert tried == GUESSES.limit
    assert too_often(sign_in(Client(), "alice", PASSWORD)), "nor is the right one looked at"


def test_another_spelling_does_not_reset_the_limit(alice, no_limit_by_network):
    spellings = [
        "alice",
        "@alice",
        "ALICE",
        " alice ",
        "alice@example.com",
        "ALICE@Example.COM",
        "alice@example.com ",
    ]
    answers = [sign_in(Client(), spelling, WRONG) for spelling in spellings]
    answers += [
        app_sign_in(WRONG),
        app_sign_in(WRONG, email="alice@example.com"),
        app_sign_in(WRONG, username="ALICE"),
    ]
    assert [too_often(answer) for answer in answers] == [False] * 5 + [True] * 5


def test_unknown_names_are_limited_like_known_ones(alice, no_limit_by_network):
    for login in ("nobody", "nobody@example.com"):
        answers = [sign_in(Client(), spelling, WRONG) for spelling in [login, login.upper()] * 3]
        assert [too_often(answer) for answer in answers] == [False] * 5 + [True]


def test_signing_in_does_not_reset_earlier_mistakes(alice, no_limit_by_network):
    for _ in range(4):
        sign_in(Client(), "alice", WRONG)
    assert sign_in(Client()).url == "/"
    attacker = Client(REMOTE_ADDR=ATTACKER)
    assert not too_often(sign_in(attacker, "alice", WRONG))
    assert too_often(sign_in(attacker, "alice", WRONG))


# --- Known places --------------------------------------------------------------------------------------------------


def test_others_mistakes_do_not_lock_the_owner_out_of_a_known_browser(alice, no_limit_by_network):
    laptop = Client(REMOTE_ADDR="192.0.2.1")
    sign_in(laptop)
    laptop.post("/accounts/logout/")
    assert attack(8) == 5
    # The browser is known on another network too.
    assert sign_in(laptop, REMOTE_ADDR="192.0.2.99").url == "/"
    assert attack(1) == 0, "and that frees nobody else"


def test_others_mistakes_do_not_lock_an_app_out_of_a_known_network(alice, no_limit_by_network):
    sign_in(Client(REMOTE_ADDR="2001:db8:1:2::1"))
    assert attack(8) == 5
    at_home = Client(REMOTE_ADDR="2001:db8:1:2::abcd")
    assert app_sign_in(PASSWORD, at_home).status_code == 200
    assert too_often(app_sign_in(PASSWORD, Client(REMOTE_ADDR="2001:db8:1:3::1")))


def test_others_mistakes_do_not_lock_the_owner_out_of_a_network_with_a_session(alice, no_limit_by_network):
    """A session that signed in at home and is used at work makes the network at work known."""
    laptop = Client(REMOTE_ADDR="192.0.2.1")
    sign_in(laptop)
    cache.clear()
    laptop.get("/settings", REMOTE_ADDR="192.0.2.50")
    assert attack(8) == 5
    assert app_sign_in(PASSWORD, Client(REMOTE_ADDR="192.0.2.50")).status_code == 200


def test_a_known_browser_has_five_guesses_of_its_own(alice, no_limit_by_network):
    laptop = Client(REMOTE_ADDR="192.0.2.1")
    sign_in(laptop)
    laptop.post("/accounts/logout/")
    assert [too_often(sign_in(laptop, "alice", WRONG)) for _ in range(7)] == [False] * 5 + [True] * 2


def test_another_members_browser_is_not_known(alice, bob, no_limit_by_network):
    theirs = Client(REMOTE_ADDR=ATTACKER)
    sign_in(theirs, "bob")
    theirs.post("/accounts/logout/")
    attack(5)
    assert too_often(sign_in(theirs, "alice", WRONG))


def test_a_forged_cookie_makes_no_browser_known(alice, no_limit_by_network):
    attack(5)
    for value in ("x", "", "a" * 4000):
        client = Client(REMOTE_ADDR=ATTACKER)
        client.cookies["device"] = value
        assert too_often(sign_in(client))


def test_places_are_stored_as_hashes(alice):
    laptop = Client(REMOTE_ADDR="192.0.2.1")
    sign_in(laptop)
    kept = str(list(SignInPlace.objects.values()))
    assert SignInPlace.objects.count() == 2
    assert "192.0.2" not in kept
    assert laptop.cookies["device"].value not in kept
    assert laptop.cookies["device"]["httponly"]


def test_the_number_of_stored_places_is_limited(alice):
    for n in range(52):
        actions.remember_places(member=alice, digests=[f"{n:064}"])
    assert SignInPlace.objects.filter(member=alice).count() == 50
    assert SignInPlace.objects.filter(digest=f"{51:064}").exists()


# --- Password prompts ----------------------------------------------------------------------------------------------


def reauthentication(client, bearer):
    return client.post("/accounts/reauthenticate/", {"password": WRONG})


def change(client, bearer):
    return client.post(
        "/accounts/password/change/",
        {"oldpassword": WRONG, "password1": "a long one", "password2": "a long one"},
    )


def deletion(client, bearer):
    return client.post("/settings/delete", {"username": "alice", "password": WRONG})


def app_reauthentication(client, bearer):
    return Client().post(
        f"{APP}/auth/reauthenticate", {"password": WRONG}, content_type="application/json", headers=bearer
    )


def app_change(client, bearer):
    data = {"current_password": WRONG, "new_password": "a long one"}
    return Client().post(
        f"{APP}/account/password/change", data, content_type="application/json", headers=bearer
    )


def app_deletion(client, bearer):
    return Client().delete(
        "/api/account", {"password": WRONG}, content_type="application/json", headers=bearer
    )


def app_export(client, bearer):
    return Client().post("/api/exports", {"password": WRONG}, content_type="application/json", headers=bearer)


DOORS = [
    reauthentication, change, deletion, app_reauthentication, app_change, app_deletion, app_export,
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_all_password_prompts_share_one_count(confirmed, door, settings):
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(
        ("login", "login_failed", "change_password", "reauthenticate"), ""
    )
    client = Client()
    sign_in(client)
    bearer = {"Authorization": f"Bearer {app_sign_in(PASSWORD).json()['meta']['access_token']}"}
    # Apps have no cookie and browsers have one, so they are counted separately, with the same limit.
    answers = [door(client, bearer) for _ in range(6)]
    assert [too_often(answer) for answer in answers] == [False] * 5 + [True]
    same_place = [
        each for each in DOORS if each.__name__.startswith("app_") == door.__name__.startswith("app_")
    ]
    assert all(too_often(each(client, bearer)) for each in same_place)
    attacker = Client(REMOTE_ADDR=ATTACKER)
    assert not too_often(sign_in(attacker, "alice", WRONG)), "who is signed in takes nothing from others"


def test_the_right_password_is_not_counted(confirmed, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "", "reauthenticate": ""}
    client = Client()
    sign_in(client)
    for _ in range(8):
        assert show_it_is_me(client).status_code == 302
    for _ in range(8):
        actions.check_password(member=confirmed, password=PASSWORD, place=ELSEWHERE)


def test_the_action_refuses_after_five_guesses(alice):
    for _ in range(5):
        count_guess("password", whose=f"m{alice.pk}", place=ELSEWHERE)
    with pytest.raises(TooMany):
        actions.check_password(member=alice, password=PASSWORD, place=ELSEWHERE)


# --- Codes ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(confirmed):
    Authenticator.objects.create(user=confirmed, type="totp", data={"secret": get_adapter().encrypt(SECRET)})
    return confirmed


def half_in(**extra):
    client = Client(**extra)
    assert sign_in(client).url == "/accounts/2fa/authenticate/"
    return client


def test_codes_are_limited_per_member_at_every_entry_point(guarded, no_limit_by_network):
    page = half_in(REMOTE_ADDR=ATTACKER)
    app = app_sign_in(PASSWORD, Client(REMOTE_ADDR=ATTACKER)).json()["meta"]["session_token"]

    def by_page():
        return page.post("/accounts/2fa/authenticate/", {"code": "000000"})

    def by_app():
        return Client(REMOTE_ADDR=ATTACKER).post(
            f"{APP}/auth/2fa/authenticate",
            {"code": "000000"},
            content_type="application/json",
            headers={"X-Session-Token": app},
        )

    answers = [by_page(), by_app(), by_page(), by_app(), by_page(), by_app(), by_page()]
    assert [too_often(answer) for answer in answers] == [False] * 5 + [True] * 2


def test_others_wrong_codes_do_not_lock_the_owner_out(guarded, no_limit_by_network):
    laptop = half_in(REMOTE_ADDR="192.0.2.1")
    assert laptop.post("/accounts/2fa/authenticate/", {"code": code_of(SECRET, -1)}).status_code == 302
    laptop.post("/accounts/logout/")
    thief = half_in(REMOTE_ADDR=ATTACKER)
    answers = [thief.post("/accounts/2fa/authenticate/", {"code": "000000"}) for _ in range(6)]
    assert too_often(answers[-1])
    sign_in(laptop)
    assert laptop.post("/accounts/2fa/authenticate/", {"code": code_of(SECRET)}).status_code == 302


# --- Concurrency and time windows ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_concurrent_guesses_are_limited_too(no_limit_by_network):
    make_member("alice")
    cache.clear()
    answers = []

    def one(number):
        try:
            answers.append(sign_in(Client(REMOTE_ADDR=f"203.0.113.{number}"), "alice", WRONG))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not too_often(answer) for answer in answers) == 5


def test_the_time_window_starts_with_the_first_mistake(alice, no_limit_by_network, monkeypatch):
    """Fixed intervals would allow twice as many guesses around a boundary."""
    at = (int(time.time()) // GUESSES.period + 1) * GUESSES.period - 1
    monkeypatch.setattr("time.time", lambda: at)
    assert attack(5) == 5
    at += 2
    assert attack(5) == 0
    at += GUESSES.period
    assert attack(5) == 5
