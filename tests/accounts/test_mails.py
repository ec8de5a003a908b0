"""Emails of allauth and the site: links, limits, and sending in the background."""

import re
import socket
import threading
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as site
from django.test import Client

from accounts import actions
from accounts.limits import MAILS
from accounts.models import Member
from core.events import deliver_pending
from core.models import QueuedMail
from core.tasks import send_due_mails
from tests.accounts.conftest import PASSWORD, link_in, show_it_is_me, sign_in
from tests.accounts.test_second_factor import code_of
from tests.factories import make_member
from tests.services.smtp import Smtp

APP = "/_allauth/app/v1"
STRANGE = "localhost:6666"
NEW = "another sentence"


def strange(**extra):
    return Client(headers={"Host": STRANGE}, **extra)


def app(path, data, method="post", **headers):
    send = getattr(strange(), method)
    return send(f"{APP}/{path}", data, content_type="application/json", headers=headers)


def owner():
    client = strange()
    sign_in(client)
    show_it_is_me(client)
    return client


# --- Every email, requested with a foreign Host header ---------------------------------------------------------------


def reset(alice):
    strange().post("/accounts/password/reset/", {"email": alice.email})


def reset_by_app(alice):
    app("auth/password/request", {"email": alice.email})


def reset_of_nobody(alice):
    strange().post("/accounts/password/reset/", {"email": "nobody@example.com"})


def reset_of_nobody_by_app(alice):
    app("auth/password/request", {"email": "nobody@example.com"})


def sign_up(alice):
    strange().post("/accounts/signup/", {"email": "dora@example.com", "username": "dora", "password1": NEW})


def sign_up_by_app(alice):
    app("auth/signup", {"email": "dora@example.com", "username": "dora", "password": NEW})


def sign_up_with_a_taken_address(alice):
    strange().post("/accounts/signup/", {"email": alice.email, "username": "dora", "password1": NEW})


def confirm_again(alice):
    EmailAddress.objects.update(verified=False)
    owner().post("/accounts/email/", {"email": alice.email, "action_send": ""})


def other_address(alice):
    owner().post("/accounts/email/", {"email": "new@example.net", "action_add": ""})


def other_address_confirmed(alice):
    other_address(alice)
    send_due_mails()
    from django.core import mail

    strange().post(link_in(mail.outbox[-1]))


def password_changed(alice):
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    owner().post("/accounts/password/change/", data)


def password_set(alice):
    client = owner()
    Member.objects.filter(pk=alice.pk).update(password="!")
    client.force_login(Member.objects.get(pk=alice.pk))
    client.post("/accounts/password/set/", {"password1": NEW, "password2": NEW})


def password_reset(alice):
    reset(alice)
    send_due_mails()
    from django.core import mail

    client = strange()
    page = client.get(link_in(mail.outbox[-1]), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})


def app_set_up_and_removed(alice):
    client = owner()
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.findall(r'value="([A-Z2-7]{32})"', page)[0]
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    client.post("/accounts/2fa/recovery-codes/generate/")
    client.post("/accounts/2fa/totp/deactivate/")


def passkey_removed(alice):
    key = Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Key", "credential": {}})
    client = strange()
    client.force_login(alice)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(alice.pk)
    session.save()
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")


def account_elsewhere_disconnected(alice):
    site.SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [{"client_id": "a", "secret": "b"}]}}
    connected = SocialAccount.objects.create(user=alice, provider="github", uid="1")
    owner().post("/accounts/3rdparty/", {"account": connected.pk})


def copy_ready(alice):
    actions.request_export(member=alice, by=alice)
    deliver_pending()


def goodbye(alice):
    owner().post("/settings/delete", {"username": "alice", "password": PASSWORD})
    deliver_pending()


CAUSES = {
    reset: ["password_reset_key"],
    reset_by_app: ["password_reset_key"],
    reset_of_nobody: ["unknown_account"],
    reset_of_nobody_by_app: ["unknown_account"],
    sign_up: ["email_confirmation_signup"],
    sign_up_by_app: ["email_confirmation_signup"],
    sign_up_with_a_taken_address: ["account_already_exists"],
    confirm_again: ["email_confirmation"],
    other_address: ["address_change", "email_confirmation"],
    other_address_confirmed: ["address_change", "email_confirmation", "email_changed"],
    password_changed: ["password_changed"],
    password_set: ["password_set"],
    password_reset: ["password_reset_key", "password_reset"],
    app_set_up_and_removed: ["totp_activated", "recovery_codes_generated", "totp_deactivated"],
    passkey_removed: ["webauthn_removed"],
    account_elsewhere_disconnected: ["account_disconnected"],
    copy_ready: ["export"],
    goodbye: ["goodbye"],
}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
def test_every_link_in_every_email_leads_to_this_site(
    confirmed, mailoutbox, settings, monkeypatch, cause, django_capture_on_commit_callbacks
):
    settings.SITE_URL = "https://kith.example"
    settings.SOCIALACCOUNT_PROVIDERS = {}
    written = []
    from core import mail as core_mail

    def queue_mail_from_template(*, to, template, context):
        written.append(template.split("/")[-1])
        return core_mail.queue_mail_from_template(to=to, template=template, context=context)

    for module in ("accounts.adapters.account", "accounts.mails"):
        monkeypatch.setattr(f"{module}.queue_mail_from_template", queue_mail_from_template)
    with django_capture_on_commit_callbacks(execute=True):
        cause(confirmed)
    assert sorted(written) == sorted(CAUSES[cause])
    assert len(mailoutbox) == len(written)
    for mail in mailoutbox:
        links = re.findall(r"https?://[^\s]+", mail.body)
        assert links, "at least the place itself is named"
        assert {link.split("/")[2] for link in links} == {"kith.example"}
        assert all(link.startswith("https://kith.example") for link in links)
        assert "6666" not in mail.body + mail.subject
        assert mail.subject.startswith("[Kith] ")
        assert not re.search(" [A-Z]", mail.subject.removeprefix("[Kith] ")), "sentence case"
        # An address without an account has no name to greet.
        assert re.match(r"Hello \w+,\n", mail.body) or written == ["unknown_account"], mail.body
        assert mail.body.count("https://kith.example\n") + mail.body.endswith("https://kith.example") == 1


def test_every_email_template_is_tested():
    """Every email template, ours and allauth’s, is sent by one of these tests or unused."""
    from pathlib import Path

    import allauth

    unused = {
        "login_code", "password_reset_code", "email_confirm", "email_deleted", "webauthn_added", "account_connected",
        "approved", "declined",
    }  # fmt: skip
    roots = [Path(allauth.__file__).parent / "templates", Path(site.BASE_DIR) / "accounts/templates"]
    there = {
        path.name.removesuffix("_subject.txt")
        for root in roots
        for path in root.rglob("email/*_subject.txt")
        if "idp" not in path.parts
    }
    assert there - unused == {name for names in CAUSES.values() for name in names}


# --- Limits -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def unlimited(settings):
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(
        ("signup", "reset_password", "confirm_email", "manage_email", "login", "reauthenticate"), ""
    )


def test_emails_to_one_mailbox_are_limited_per_hour(alice, mailoutbox, unlimited):
    """A stranger's inbox is protected, and no response says that an email wasn't sent."""
    strangers = "stranger@example.net"
    client = owner()
    answers = []
    for n in range(4):
        answers.append(client.post("/accounts/password/reset/", {"email": strangers}).status_code)
        answers.append(app("auth/password/request", {"email": f"stranger+{n}@example.net"}).status_code)
        data = {"email": strangers.upper(), "username": f"dora{n}", "password1": NEW}
        answers.append(Client().post("/accounts/signup/", data).status_code)
        answers.append(client.post("/accounts/email/", {"email": strangers, "action_add": ""}).status_code)
        answers.append(client.post("/accounts/email/", {"email": strangers, "action_send": ""}).status_code)
    assert set(answers) == {302, 200}
    assert len([mail for mail in mailoutbox if mail.to[0].startswith("stranger")]) == MAILS[0].limit


def test_emails_to_one_mailbox_are_limited_per_day(alice, mailoutbox, unlimited, monkeypatch):
    now = time.time()
    for hour in range(24):
        monkeypatch.setattr("time.time", lambda: now + hour * 3601)  # noqa: B023
        for _ in range(6):
            Client().post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert len(mailoutbox) == MAILS[1].limit


def test_notices_about_an_account_are_sent_despite_the_limit(confirmed, mailoutbox, unlimited):
    for _ in range(20):
        Client().post("/accounts/password/reset/", {"email": confirmed.email})
    password_changed(confirmed)
    assert "password has been changed" in mailoutbox[-1].body
    sign_in(client := Client(), password=NEW)
    show_it_is_me(client, NEW)
    client.post("/accounts/email/", {"email": "thief@example.net", "action_add": ""})
    assert "/accounts/email/stop/" in mailoutbox.to(confirmed.email)[-1].body


def test_notices_to_an_unconfirmed_address_are_limited(db, mailoutbox, unlimited, settings):
    """Otherwise someone who signed up with a stranger’s address could send them notices by changing the password."""
    settings.ACCOUNT_RATE_LIMITS |= {"change_password": ""}
    client = Client()
    client.post("/accounts/signup/", {"email": "stranger@example.net", "username": "dora", "password1": NEW})
    for n in range(10):
        old, new = (NEW, "yet another one") if n % 2 == 0 else ("yet another one", NEW)
        client.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new})
    assert len(mailoutbox.to("stranger@example.net")) == MAILS[0].limit


# --- A mail server that hangs -----------------------------------------------------------------------------------------


@pytest.fixture
def hanging(settings):
    """Configure a mail server that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        met = []
        stop = threading.Event()

        def meet():
            server.settimeout(0.1)
            while not stop.is_set():
                try:
                    met.append(server.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=meet, daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        yield met
        stop.set()
        thread.join()


WAITING = {
    "reset": lambda client: client.post("/accounts/password/reset/", {"email": "alice@example.com"}),
    "reset of nobody": lambda client: client.post(
        "/accounts/password/reset/", {"email": "nobody@example.com"}
    ),
    "sign-up": lambda client: Client().post(
        "/accounts/signup/", {"email": "dora@example.com", "username": "dora", "password1": NEW}
    ),
    "password change": lambda client: client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    ),
    "another address": lambda client: client.post(
        "/accounts/email/", {"email": "a@example.net", "action_add": ""}
    ),
}


@pytest.mark.parametrize("door", WAITING)
def test_requests_do_not_wait_for_the_mail_server(confirmed, hanging, door):
    client = owner()
    before = QueuedMail.objects.count()
    assert WAITING[door](client).status_code == 302
    assert not hanging, "the request has not spoken to it"
    assert QueuedMail.objects.count() > before


def test_queued_emails_are_sent_when_the_server_is_back(confirmed, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    Client().post("/accounts/password/reset/", {"email": confirmed.email})
    with Smtp() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        send_due_mails()
    assert "/password/reset/key/" in server.mails[0]


def test_created_members_have_reachable_addresses(mailoutbox, db):
    """Emails to an internationalized domain use its ASCII form, as in DNS."""
    make_member("dora")
    Client().post("/accounts/signup/", {"email": "x@münchen.example", "username": "udo", "password1": NEW})
    assert mailoutbox[0].to == ["x@xn--mnchen-3ya.example"]
