import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Member
from core.models import QueuedMail
from tests.accounts.conftest import link_in, sign_in


@pytest.mark.parametrize("login", ["alice", "Alice", "alice@example.com", "ALICE@Example.com", " alice "])
def test_members_sign_in_by_username_or_address(client, alice, login):
    assert sign_in(client, login).url == "/"
    assert client.get("/settings").status_code == 200


def test_a_wrong_password_and_an_unknown_name_get_the_same_response(client, alice):
    wrong = sign_in(client, "alice", "not it")
    unknown = sign_in(client, "nobody", "not it")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert "Wrong username or password." in wrong.content.decode()


def test_sign_in_redirects_to_next_but_never_to_another_site(alice):
    data = {"login": "alice", "password": "correct horse"}
    assert (
        Client().post("/accounts/login/", data | {"next": "/settings/profile"})["Location"]
        == "/settings/profile"
    )
    assert Client().post("/accounts/login/", data | {"next": "https://evil.example/"})["Location"] == "/"


def test_a_page_that_needs_a_member_asks_to_sign_in_first(client, db):
    response = client.get("/settings/profile")
    assert response.status_code == 302
    assert response.url == "/accounts/login/?next=/settings/profile"


def test_a_closed_account_cannot_sign_in(client, alice):
    Member.objects.update(is_active=False)
    assert (
        "Wrong username or password." in sign_in(client).content.decode()
        or client.get("/settings").status_code == 302
    )
    assert client.get("/settings").status_code == 302


def test_signing_out_requires_post_and_ends_the_session(client, alice, heard):
    sign_in(client)
    key = client.session.session_key
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/settings").status_code == 200
    assert client.post("/accounts/logout/").url == "/"
    assert client.get("/settings").status_code == 302
    assert [event.session_key for event in heard("accounts.SessionEnded")] == [key]


def test_signing_out_is_idempotent(client, alice, heard):
    sign_in(client)
    client.post("/accounts/logout/")
    assert client.post("/accounts/logout/").status_code == 302
    assert len(heard("accounts.SessionEnded")) == 1


def test_five_wrong_passwords_for_one_name_lock_it_for_a_while(client, alice):
    for _ in range(5):
        sign_in(client, "alice", "not it")
    assert "Too many attempts" in sign_in(client, "alice").content.decode()
    cache.clear()
    assert sign_in(client, "alice").url == "/"


def test_limits_count_an_ipv6_household_as_one(alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    answers = [sign_in(Client(REMOTE_ADDR=f"2001:db8:1:2::{n}"), "nobody").status_code for n in range(1, 4)]
    assert answers == [200, 200, 429]
    assert sign_in(Client(REMOTE_ADDR="2001:db8:1:3::1"), "nobody").status_code == 200


def test_a_forged_forwarding_header_does_not_evade_limits(alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    answers = [
        sign_in(Client(), "nobody", headers={"X-Forwarded-For": f"9.9.9.{n}"}).status_code for n in range(3)
    ]
    assert answers == [200, 200, 429]


# --- Forgotten password ------------------------------------------------------------------------------------


def ask(address):
    return Client().post("/accounts/password/reset/", {"email": address}, follow=True)


def test_a_reset_never_reveals_whether_an_address_has_an_account(alice, mailoutbox):
    known, unknown = ask("alice@example.com"), ask("nobody@example.com")
    assert known.redirect_chain == unknown.redirect_chain
    assert [t.name for t in known.templates] == [t.name for t in unknown.templates]

    def lasting(response):
        """Return the page without what differs for each request."""
        text = response.content.decode()
        for value in (
            response.context["csrf_token"],
            response.context["csp_nonce"],
            response.context["trace_id"],
        ):
            text = text.replace(str(value), "")
        return text

    assert lasting(known) == lasting(unknown)
    # Both get an email with the same subject, so the time it takes to send one reveals nothing either.
    assert [mail.to for mail in mailoutbox] == [["alice@example.com"], ["nobody@example.com"]]
    assert mailoutbox[0].subject == mailoutbox[1].subject
    assert "There’s no account" in mailoutbox[1].body
    assert "/password/reset/key/" not in mailoutbox[1].body


def test_an_unavailable_mail_server_does_not_change_the_response(alice, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert ask("alice@example.com").redirect_chain == ask("nobody@example.com").redirect_chain
    assert QueuedMail.objects.count() == 2


def test_a_password_is_reset_with_the_link_in_the_email(client, alice, mailoutbox, heard):
    elsewhere = Client()
    sign_in(elsewhere)
    ask("Alice@example.com")
    page = client.get(link_in(mailoutbox[0]), follow=True)
    assert "Choose a new password" in page.content.decode()
    path = page.redirect_chain[-1][0]
    response = client.post(
        path, {"password1": "another sentence", "password2": "another sentence"}, follow=True
    )
    assert "Password changed" in response.content.decode()
    assert sign_in(Client(), "alice", "correct horse").status_code == 200
    assert sign_in(Client(), "alice", "another sentence").url == "/"
    assert elsewhere.get("/settings").status_code == 302
    assert len(heard("accounts.SessionEnded")) == 1


def test_the_link_works_once(client, alice, mailoutbox):
    ask("alice@example.com")
    path = client.get(link_in(mailoutbox[0]), follow=True).redirect_chain[-1][0]
    client.post(path, {"password1": "another sentence", "password2": "another sentence"})
    assert "no longer works" in Client().get(link_in(mailoutbox[0]), follow=True).content.decode()


def test_an_invalid_link_does_not_work(client, alice):
    page = client.get("/accounts/password/reset/key/abc-c0ffee-1234567890/", follow=True)
    assert "no longer works" in page.content.decode()


def test_changing_the_password_signs_out_everywhere_else(client, confirmed, heard):
    elsewhere = Client()
    sign_in(client)
    sign_in(elsewhere)
    gone = elsewhere.session.session_key
    response = client.post(
        "/accounts/password/change/",
        {"oldpassword": "correct horse", "password1": "another sentence", "password2": "another sentence"},
    )
    assert response.status_code == 302
    assert client.get("/settings").status_code == 200
    assert elsewhere.get("/settings").status_code == 302
    assert [event.session_key for event in heard("accounts.SessionEnded")] == [gone]


def test_sign_in_and_limits_work_without_redis(alice, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "core.caches.ForgivingRedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 1},
        }
    }
    assert sign_in(Client()).url == "/"
    for _ in range(5):
        sign_in(Client(), "alice", "not it")
    assert "Too many attempts" in sign_in(Client(), "alice").content.decode()
