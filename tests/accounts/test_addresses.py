"""Email addresses: spelling, ownership, changes, and what is revealed to whom."""

import difflib
import re
import unicodedata
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import STOPPABLE_FOR, AddressChange, Member
from accounts.queries import address_owner, sign_in_owner
from core.refusals import Conflict
from tests.accounts.conftest import PASSWORD, link_in, show_it_is_me, sign_in
from tests.factories import make_member

APP = "/_allauth/app/v1"
NEW = "another sentence"
STORED = "x@xn--mnchen-3ya.example"
SPELLINGS = [
    "x@münchen.example",
    unicodedata.normalize("NFD", "x@münchen.example"),
    "X@XN--MNCHEN-3YA.example",
    STORED,
]
UNSEEN = ["ana\u200b@example.org", "ana@exam\u200bple.org", "ana\u2060@example.org", "ana@example.org\u202e"]


def app(path, data, method="post", **headers):
    return getattr(Client(), method)(f"{APP}/{path}", data, content_type="application/json", headers=headers)


def bearer(login="alice", password=PASSWORD):
    meta = app("auth/login", {"username": login, "password": password}).json()["meta"]
    headers = {"Authorization": f"Bearer {meta['access_token']}"}
    app("auth/reauthenticate", {"password": password}, **headers)
    return headers


def owner(login="alice", password=PASSWORD):
    client = Client()
    sign_in(client, login, password)
    show_it_is_me(client, password)
    return client


@pytest.fixture(autouse=True)
def unlimited(settings):
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(
        (
            "signup",
            "login",
            "login_failed",
            "reset_password",
            "confirm_email",
            "manage_email",
            "reauthenticate",
        ),
        "",
    )


# --- One stored spelling --------------------------------------------------------------------------------------------


def sign_up(email, n, password=NEW):
    Client().post("/accounts/signup/", {"email": email, "username": f"udo{n}", "password1": password})


def sign_up_by_app(email, n):
    app("auth/signup", {"email": email, "username": f"udo{n}", "password": NEW})


def command(email, n):
    call_command("createsuperuser", "--noinput", username=f"udo{n}", email=email)


def by_code(email, n):
    Member.objects.create_user(f"udo{n}", email, NEW)


@pytest.mark.parametrize("email", SPELLINGS)
@pytest.mark.parametrize("door", [sign_up, sign_up_by_app, command, by_code])
def test_an_address_is_stored_in_one_spelling(db, door, email):
    door(email, 1)
    assert Member.objects.get().email == STORED
    assert {row.email for row in EmailAddress.objects.all()} <= {STORED}


@pytest.mark.parametrize("email", UNSEEN)
@pytest.mark.parametrize("door", [sign_up, sign_up_by_app])
def test_an_address_with_invisible_characters_is_refused(db, door, email):
    door(email, 1)
    assert not Member.objects.exists()


def test_a_command_refuses_an_invalid_address(db):
    with pytest.raises(CommandError, match="valid email"):
        command(UNSEEN[0], 1)


@pytest.mark.parametrize("email", SPELLINGS)
def test_sign_in_and_reset_accept_any_spelling(db, mailoutbox, email):
    by_code(STORED, 1)
    assert sign_in(Client(), email, NEW).status_code == 302
    assert app("auth/login", {"email": email, "password": NEW}).status_code == 200
    Client().post("/accounts/password/reset/", {"email": email})
    app("auth/password/request", {"email": email})
    assert [mail.to for mail in mailoutbox] == [[STORED], [STORED]]
    assert all("/password/reset/key/" in mail.body for mail in mailoutbox)
    assert not EmailAddress.objects.exclude(email=STORED).exists()


@pytest.mark.parametrize("email", SPELLINGS)
def test_a_change_of_address_accepts_any_spelling(confirmed, mailoutbox, email):
    owner().post("/accounts/email/", {"email": email, "action_add": ""})
    assert EmailAddress.objects.get(primary=False).email == STORED
    app("account/email", {"email": email}, **bearer())
    assert EmailAddress.objects.get(primary=False).email == STORED
    assert {mail.to[0] for mail in mailoutbox} == {confirmed.email, STORED}


def test_pages_and_emails_show_the_readable_address(client, db, mailoutbox):
    sign_up(STORED, 1)
    client = owner("udo1", NEW)
    for page in ("/settings/account", "/accounts/email/"):
        assert "x@münchen.example" in client.get(page).content.decode()
    assert "x@münchen.example" in Client().get(link_in(mailoutbox[0])).content.decode()


def test_the_database_allows_one_owner_of_an_address(db):
    by_code(STORED, 1)
    with pytest.raises(IntegrityError):
        by_code(SPELLINGS[0], 2)


def test_the_migration_rewrites_addresses_and_reports_collisions(db, caplog):
    ana, udo, eve, lea = (make_member(name) for name in ("ana", "udo", "eve", "lea"))
    old = {
        ana: "x@münchen.example",
        udo: "ana\u200b@example.org",
        eve: "y@bücher.example",
        lea: "y@xn--bcher-kva.example",
    }
    for member, email in old.items():
        Member.objects.filter(pk=member.pk).update(email=email)
        EmailAddress.objects.create(user=member, email=email, primary=True, verified=True)
    EmailAddress.objects.create(user=ana, email=STORED)
    migration = import_module("accounts.migrations.0009_one_spelling_for_addresses")
    for _ in range(2):
        migration.one_spelling(apps, connection.schema_editor())
    kept = {m.username: m.email for m in Member.objects.all()}
    assert kept == {
        "ana": STORED, "udo": old[udo], "eve": old[eve], "lea": old[lea],
    }  # fmt: skip
    assert list(EmailAddress.objects.filter(user=ana).values_list("email", "primary", "verified")) == [
        (STORED, True, True)
    ]
    assert f"member {udo.pk}:" in caplog.text
    assert f"members {eve.pk}, {lea.pk} have the same" in caplog.text
    assert "bücher" not in caplog.text, "ids are enough to look for"


# --- Signing up reveals nothing ---------------------------------------------------------------------------------------


OF_THE_MOMENT = re.compile(
    r"csrfmiddlewaretoken\" value=\"\w+|X-CSRFToken\": \"\w+|nonce=\"[\w+/=-]+"
    r"|[0-9a-f]{32}|\d{15,}|hue-\d+|T\d\d:[\d.:]+"
)
"""Tokens, ids, times, and colors derived from ids."""


def lasting(answer, *own):
    """Return a response without the newcomer’s own values and those that differ for each request."""
    text = answer.content.decode()
    for value in own:
        text = text.replace(value, "…")
    text = OF_THE_MOMENT.sub("…", text)
    cookies = sorted((name, bool(morsel.value)) for name, morsel in answer.cookies.items())
    return answer.status_code, answer.get("Location"), cookies, text


def newcomer(email, username, door):
    """Return every response to someone who signs up, looks around, and signs in elsewhere."""
    seen = []
    client = Client()
    own = (email, username)
    if door == "page":
        seen.append(
            client.post("/accounts/signup/", {"email": email, "username": username, "password1": NEW})
        )
        for path in ("/start", "/settings/account", "/accounts/email/", "/api/profile"):
            seen.append(client.get(path))
        seen.append(client.post("/accounts/email/", {"email": email, "action_send": ""}))
        seen.append(client.post("/accounts/logout/"))
        seen.append(sign_in(client, email, NEW))
    else:
        joined = app("auth/signup", {"email": email, "username": username, "password": NEW})
        seen.append(joined)
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    seen.append(sign_in(elsewhere, email, NEW))
    seen.append(sign_in(elsewhere, username, NEW))
    seen.append(elsewhere.get("/accounts/email/"))
    seen.append(Client().post("/accounts/password/reset/", {"email": email}, follow=True))
    seen.append(app("auth/login", {"email": email, "password": NEW}))
    answer = app("auth/login", {"username": username, "password": NEW})
    seen.append(answer)
    if "access_token" in answer.json().get("meta", {}):
        headers = {"Authorization": f"Bearer {answer.json()['meta']['access_token']}"}
        seen.append(app("account/email", None, "get", **headers))
        seen.append(app("account/email", {"email": email}, "put", **headers))
    stripped = [lasting(each, *own) for each in seen]
    # Tokens always differ.
    return [
        (
            *each[:3],
            re.sub(r'"(access_token|refresh_token|session_token|at)": ?("[^"]*"|[\d.]+)', "…", each[3]),
        )
        for each in stripped
    ]


@pytest.mark.parametrize("verification", ["optional", "mandatory"])
@pytest.mark.parametrize("door", ["page", "app"])
@pytest.mark.parametrize("known", [True, False], ids=["confirmed", "not confirmed"])
def test_signing_up_does_not_reveal_accounts(alice, mailoutbox, settings, door, verification, known):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    EmailAddress.objects.create(user=alice, email=alice.email, verified=known, primary=True)
    taken = newcomer("alice@example.com", "dora1", door)
    free = newcomer("nicht@example.com", "dora2", door)
    for n, (one, other) in enumerate(zip(taken, free, strict=True)):
        assert one == other, (n, list(difflib.unified_diff(one[3].split("\n"), other[3].split("\n"), n=0)))
    assert len(taken) == len(free)
    # Alice gets an email instead, and her account is unchanged.
    mails = mailoutbox.to("alice@example.com")
    assert "already belongs to your account @alice" in mails[0].body
    assert "/accounts/confirm-email/" not in "".join(mail.body for mail in mails)
    assert address_owner("alice@example.com") == alice
    assert sign_in(Client(), "alice").status_code == 302


def test_claiming_an_address_gives_no_access_to_its_account(confirmed, mailoutbox):
    sign_up("ALICE@example.com", 1)
    thief = Member.objects.get(username="udo1")
    assert thief.email_state == Member.EmailState.TAKEN
    mailoutbox.clear()
    client = owner("udo1", NEW)
    client.post(
        "/accounts/password/change/",
        {"oldpassword": NEW, "password1": "a long one", "password2": "a long one"},
    )
    assert not mailoutbox.to(confirmed.email), "what happens to the other account is none of her business"
    Client().post("/accounts/password/reset/", {"email": confirmed.email})
    page = Client().get(link_in(mailoutbox.to(confirmed.email)[-1]), follow=True)
    assert page.context["action_url"]
    assert "@alice" in mailoutbox.to(confirmed.email)[-1].body
    assert sign_in_owner(confirmed.email) == confirmed


def test_whoever_confirms_an_address_owns_it(db, mailoutbox):
    """Someone signs up with another person’s address, then that person signs up too and confirms it."""
    sign_up("ana@example.org", 1)
    squatter = Member.objects.get()
    Client().post("/accounts/password/reset/", {"email": "ana@example.org"})
    client = Client()
    page = client.get(link_in(mailoutbox[-1]), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "my own now", "password2": "my own now"})
    squatter.refresh_from_db()
    assert squatter.email_state == Member.EmailState.TRUSTED, "whoever reads its mails has the account"
    assert EmailAddress.objects.get().verified
    assert sign_in(Client(), "ana@example.org", "my own now").status_code == 302


def test_a_former_address_is_free(confirmed, mailoutbox):
    sign_up(confirmed.email, 1)
    claimant = Member.objects.get(username="udo1")
    owner().post("/accounts/email/", {"email": "new@example.net", "action_add": ""})
    Client().post(link_in(mailoutbox.to("new@example.net")[-1]))
    owner("udo1", NEW).post("/accounts/email/", {"email": "alice@example.com", "action_send": ""})
    Client().post(link_in(mailoutbox.to("alice@example.com")[-1]))
    claimant.refresh_from_db()
    assert (claimant.email, claimant.email_state) == ("alice@example.com", Member.EmailState.TRUSTED)
    assert sign_in_owner("alice@example.com") == claimant


@pytest.mark.parametrize("taken", [True, False])
def test_an_unconfirmed_address_signs_in_elsewhere_without_revealing_whether_it_was_taken(confirmed, taken):
    address = confirmed.email if taken else "ana@example.org"
    sign_up(address, 1)
    assert sign_in(Client(), address, NEW).status_code == 302
    assert sign_in(Client(), "udo1", NEW).status_code == 302
    # The address now signs in to the latest account; the earlier one signs in by username.
    sign_up(address, 2, password="another one 88")
    assert sign_in(Client(), address, "another one 88").status_code == 302
    assert sign_in(Client(), address, NEW).status_code == 200
    assert sign_in(Client(), "udo1", NEW).status_code == 302
    assert sign_in(Client(), confirmed.email).status_code == 302, "the owner is signed in as before"


def test_an_owner_with_a_second_account_can_sign_in_to_the_first(confirmed, mailoutbox):
    browser = Client()
    browser.post("/accounts/signup/", {"email": confirmed.email, "username": "alice2", "password1": NEW})
    for password, member in ((PASSWORD, "alice"), (NEW, "alice2"), (PASSWORD, "alice")):
        browser.post("/accounts/logout/")
        assert sign_in(browser, confirmed.email, password).status_code == 302
        assert f"@{member}<" in browser.get("/settings/account").content.decode()
    # Guesses are limited despite the second account.
    browser.post("/accounts/logout/")
    for _ in range(5):
        sign_in(browser, confirmed.email, "not it")
    assert "Too many attempts" in sign_in(browser, confirmed.email, PASSWORD).content.decode()


def test_without_emails_sign_up_says_that_an_address_is_taken(alice, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "none"
    refused = Client().post("/accounts/signup/", {"email": alice.email, "username": "dora", "password1": NEW})
    assert "already" in str(refused.context["form"].errors["email"])
    assert app("auth/signup", {"email": alice.email, "username": "dora", "password": NEW}).status_code == 400
    sign_up("ana@example.org", 1)
    assert sign_in(Client(), "ana@example.org", NEW).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_sign_ups_with_an_address_have_one_owner():
    import threading

    from django.db import connections

    def one(n):
        try:
            sign_up("ana@example.org", n)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = sorted(Member.objects.values_list("email_state", flat=True))
    assert states == ["given"] + ["taken"] * 5


# --- Changing it ------------------------------------------------------------------------------------------------------


def asks(email="thief@example.net", client=None):
    return (client or owner()).post("/accounts/email/", {"email": email, "action_add": ""})


def stop_change_url(mailoutbox, alice):
    return next(link_in(mail) for mail in reversed(mailoutbox.to(alice.email)) if "/email/stop/" in mail.body)


def test_requesting_a_change_emails_the_old_address_and_changes_nothing(confirmed, mailoutbox):
    asks()
    mail = mailoutbox.to(confirmed.email)[0]
    assert "thief@example.net" in mail.body
    assert "@alice" in mail.body
    assert Member.objects.get().email == confirmed.email
    assert sign_in(Client(), confirmed.email).status_code == 302
    page = owner().get("/accounts/email/").content.decode()
    assert "Not confirmed yet" in page
    assert confirmed.email in page


def test_requesting_a_change_by_app_emails_the_old_address(confirmed, mailoutbox):
    app("account/email", {"email": "thief@example.net"}, **bearer())
    assert "/accounts/email/stop/" in mailoutbox.to(confirmed.email)[0].body
    assert link_in(mailoutbox.to("thief@example.net")[0]).startswith("/accounts/confirm-email/")


def test_an_unconfirmed_old_address_gets_an_email_and_stays(alice, mailoutbox):
    """allauth would drop the old, unconfirmed address at once."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    asks()
    assert "/accounts/email/stop/" in mailoutbox.to(alice.email)[0].body
    assert EmailAddress.objects.filter(email=alice.email).exists()
    assert address_owner(alice.email) == alice


def test_opening_the_stop_link_stops_nothing(confirmed, mailoutbox):
    asks()
    link = stop_change_url(mailoutbox, confirmed)
    for _ in range(2):
        page = Client().get(link)
        assert page.status_code == 200
        assert "Stop this change?" in page.content.decode()
    assert AddressChange.objects.pending().exists()
    assert Client().head(link).status_code == 200


@pytest.mark.parametrize("confirmed_first", [False, True], ids=["pending", "confirmed already"])
def test_the_stop_link_undoes_the_change_and_what_followed(confirmed, mailoutbox, confirmed_first):
    thief, phone = owner(), bearer()
    asks(client=thief)
    confirmation = link_in(mailoutbox.to("thief@example.net")[-1])
    if confirmed_first:
        Client().post(confirmation)
        assert Member.objects.get().email == "thief@example.net"
        assert "/accounts/email/stop/" in mailoutbox.to(confirmed.email)[-1].body, (
            "told once more, with the way back"
        )
    Authenticator.objects.create(user=confirmed, type="webauthn", data={"name": "Thief", "credential": {}})
    SocialAccount.objects.create(user=confirmed, provider="google", uid="thief")
    browser = Client()
    link = stop_change_url(mailoutbox, confirmed)
    form = browser.post(link, follow=True)
    assert "Choose a new password" in form.content.decode()
    alice = Member.objects.get()
    assert (alice.email, alice.email_state) == (confirmed.email, Member.EmailState.TRUSTED)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        (confirmed.email, True, True)
    ]
    assert thief.get("/settings").status_code == 302
    assert Client().get("/api/profile", headers=phone).status_code == 401
    assert sign_in(Client()).status_code == 200, "the password they had is worth nothing"
    assert not Authenticator.objects.exists()
    assert not SocialAccount.objects.exists()
    assert "no longer works" in Client().get(confirmation).content.decode()
    # The owner can set a new password at once.
    browser.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert sign_in(Client(), confirmed.email, NEW).status_code == 302
    assert Client().get(link).status_code == 404, "once"


def test_a_change_is_stopped_only_once(confirmed, mailoutbox):
    asks()
    change = AddressChange.objects.select_related("member").get()
    actions.stop_address_change(change=change)
    confirmed.refresh_from_db()
    confirmed.set_password(NEW)
    confirmed.save()
    with pytest.raises(Conflict):
        actions.stop_address_change(change=change)
    assert sign_in(Client(), "alice", NEW).status_code == 302


def test_stopping_a_change_keeps_older_ways_to_sign_in(confirmed, mailoutbox):
    long_ago = timezone.now() - 10 * STOPPABLE_FOR
    Authenticator.objects.create(
        user=confirmed, type="webauthn", data={"name": "Mine", "credential": {}}, created_at=long_ago
    )
    connected = SocialAccount.objects.create(user=confirmed, provider="google", uid="mine")
    SocialAccount.objects.filter(pk=connected.pk).update(date_joined=long_ago)
    asked = AddressChange.objects.create(
        member=confirmed, old=confirmed.email, old_verified=True, new="thief@example.net"
    )
    from accounts.mails import stop_change_url as link_of

    Client().post(link_of(asked).partition("8000")[2])
    assert Authenticator.objects.exists()
    assert SocialAccount.objects.exists()


def test_the_first_stop_link_stops_later_changes_too(confirmed, mailoutbox):
    thief = owner()
    asks("thief@example.net", thief)
    first = stop_change_url(mailoutbox, confirmed)
    asks("thief2@example.net", thief)
    Client().post(link_in(mailoutbox.to("thief2@example.net")[-1]))
    Client().post(first)
    assert Member.objects.get().email == confirmed.email


def test_the_stop_link_expires_after_three_days(confirmed, mailoutbox):
    asks()
    Client().post(link_in(mailoutbox.to("thief@example.net")[-1]))
    link = stop_change_url(mailoutbox, confirmed)
    AddressChange.objects.update(confirmed_at=timezone.now() - STOPPABLE_FOR)
    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404
    assert Member.objects.get().email == "thief@example.net"


def test_an_invalid_stop_link_stops_nothing(confirmed):
    asks()
    for key in ("x", "MQ:1abc:def", "a" * 500):
        assert Client().post(f"/accounts/email/stop/{key}").status_code == 404
    assert AddressChange.objects.pending().exists()


def test_stopping_restores_an_address_that_another_account_has_claimed(confirmed, mailoutbox):
    asks()
    Client().post(link_in(mailoutbox.to("thief@example.net")[-1]))
    sign_up(confirmed.email, 1)
    Client().post(stop_change_url(mailoutbox, confirmed))
    assert address_owner(confirmed.email) == Member.objects.get(username="alice")


def test_a_new_password_ends_a_change_of_address(confirmed, mailoutbox):
    """A takeover: request a change, wait until the owner has ended all sessions, and confirm."""
    asks()
    confirmation = link_in(mailoutbox.to("thief@example.net")[-1])
    client = Client()
    Client().post("/accounts/password/reset/", {"email": confirmed.email})
    page = client.get(link_in(mailoutbox.to(confirmed.email)[-1]), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert "no longer works" in Client().get(confirmation).content.decode()
    assert Client().post(confirmation).status_code == 404
    assert app("auth/email/verify", {"key": confirmation.split("/")[-2]}).status_code == 400
    Client().post("/accounts/password/reset/", {"email": "thief@example.net"})
    assert "There’s no account" in mailoutbox.to("thief@example.net")[-1].body
    assert Member.objects.get().email == confirmed.email


def test_signing_in_with_the_old_password_does_not_block_a_reset(confirmed, mailoutbox):
    """Signing in and requesting changes used to end the link in the owner's email."""
    Client().post("/accounts/password/reset/", {"email": confirmed.email})
    link = link_in(mailoutbox[-1])
    sign_in(thief := Client())
    show_it_is_me(thief)
    asks(client=thief)
    assert "Choose a new password" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize("known", [True, False], ids=["taken", "free"])
def test_requesting_a_taken_address_looks_like_requesting_a_free_one(confirmed, bob, mailoutbox, known):
    EmailAddress.objects.create(user=bob, email=bob.email, primary=True, verified=known)
    taken = asks(bob.email, owner())
    free = asks("nobody@example.com", owner())
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])
    assert "already belongs to your account @bob" in mailoutbox.to(bob.email)[0].body
    assert "/confirm-email/" in mailoutbox.to("nobody@example.com")[0].body
    assert address_owner(bob.email) == bob


def test_changes_of_address_are_limited_to_five_a_day(confirmed):
    client = owner()
    answers = [asks(f"a{n}@example.net", client).status_code for n in range(7)]
    assert answers == [302] * 5 + [429] * 2


def test_canceling_a_change_keeps_the_old_address(confirmed, mailoutbox):
    client = owner()
    asks(client=client)
    client.post("/accounts/email/", {"email": "thief@example.net", "action_remove": ""})
    assert "no longer works" in Client().get(link_in(mailoutbox.to("thief@example.net")[-1])).content.decode()
    assert Member.objects.get().email == confirmed.email


def test_old_changes_are_deleted(confirmed):
    from accounts.tasks import erase_due_members

    asks()
    AddressChange.objects.update(asked_at=timezone.now() - 11 * STOPPABLE_FOR)
    erase_due_members()
    assert not AddressChange.objects.exists()


# --- Required address -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verified", [True, False], ids=["confirmed", "not confirmed"])
def test_the_only_address_cannot_be_removed(alice, mailoutbox, verified):
    """Otherwise an attacker with the password could replace it without an email to the owner."""
    EmailAddress.objects.create(user=alice, email=alice.email, verified=verified, primary=True)
    owner().post("/accounts/email/", {"email": alice.email, "action_remove": ""})
    assert app("account/email", {"email": alice.email}, "delete", **bearer()).status_code == 400
    assert Member.objects.get().email == alice.email
    assert EmailAddress.objects.exists()


@pytest.mark.parametrize("verified", [True, False], ids=["confirmed", "not confirmed"])
def test_the_address_cannot_be_replaced_without_a_confirmation(alice, mailoutbox, verified):
    """allauth lets an account without a confirmed address choose any of its addresses."""
    EmailAddress.objects.create(user=alice, email=alice.email, verified=verified, primary=True)
    client = owner()
    asks(client=client)
    client.post("/accounts/email/", {"email": "thief@example.net", "action_primary": ""})
    refused = app("account/email", {"email": "thief@example.net", "primary": True}, "patch", **bearer())
    assert refused.status_code == 400
    assert Member.objects.get().email == alice.email
    assert EmailAddress.objects.get(primary=True).email == alice.email


def test_a_link_confirms_once(confirmed, mailoutbox):
    asks()
    link = link_in(mailoutbox.to("thief@example.net")[-1])
    assert Client().post(link).status_code == 302
    assert "no longer works" in Client().get(link).content.decode()
    assert Client().post(link).status_code == 404
    assert app("auth/email/verify", {"key": link.split("/")[-2]}).status_code == 400


def test_a_closed_account_cannot_confirm_an_address(alice, mailoutbox):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    owner().post("/accounts/email/", {"email": alice.email, "action_send": ""})
    link = link_in(mailoutbox[-1])
    Member.objects.update(is_active=False)
    assert "no longer works" in Client().get(link).content.decode()
    assert Client().post(link).status_code == 404
    assert app("auth/email/verify", {"key": link.split("/")[-2]}).status_code == 400
    assert not EmailAddress.objects.get().verified
