"""Home reminds members to confirm their email address."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.http import CONFIRM_LATER
from accounts.models import Member

pytestmark = pytest.mark.django_db
REMINDER = 'id="confirm-card"'
STATE = Member.EmailState


def home(client: Client) -> str:
    return client.get("/").content.decode()


@pytest.mark.parametrize(
    ("state", "reminds"), [(STATE.GIVEN, True), (STATE.TAKEN, True), (STATE.TRUSTED, False)]
)
def test_home_reminds_until_the_address_is_confirmed(
    client: Client, alice: Member, state: str, reminds: bool
) -> None:
    Member.objects.filter(pk=alice.pk).update(email_state=state)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = home(client)
    assert (REMINDER in page) is reminds
    if reminds:
        assert f"Open the link we sent to {alice.email}." in page
    assert REMINDER not in home(Client())


def test_not_now_lasts_for_the_day(client: Client, alice: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(email_state=STATE.GIVEN)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/settings/confirm-later", headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (200, b"")
    assert REMINDER not in home(client)
    assert client.post("/settings/confirm-later")["Location"] == "/"
    session = client.session
    session[CONFIRM_LATER] = (timezone.now().date() - timedelta(days=1)).isoformat()
    session.save()
    assert REMINDER in home(client)
    assert client.get("/settings/confirm-later").status_code == 405
    assert "/accounts/login/" in Client().post("/settings/confirm-later")["Location"]


def test_the_email_is_sent_again(client: Client, alice: Member, mailoutbox: list, settings) -> None:
    from core.tasks import send_due_mails

    Member.objects.filter(pk=alice.pk).update(email_state=STATE.GIVEN)
    EmailAddress.objects.update_or_create(
        user=alice, email=alice.email, defaults={"verified": False, "primary": True}
    )
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/accounts/email/", {"email": alice.email, "action_send": ""})
    send_due_mails()
    [mail] = mailoutbox
    assert mail.subject == "[Kith] Confirm your email address"
    assert mail.body.startswith("Hello alice,")
    assert "the email address of your account @alice at Kith:" in mail.body


def test_the_signup_page_links_to_the_rules_and_the_privacy_policy(client: Client, settings) -> None:
    page = client.get("/accounts/signup/").content.decode()
    assert 'href="/about#rules-title">community rules' in page
    assert 'href="/about#privacy">how your data is handled' in page
    about = client.get("/about").content.decode()
    assert 'id="rules-title"' in about
    assert 'id="privacy"' in about
    settings.PRIVACY_URL = "https://example.org/privacy?a=1&b=2"
    page = client.get("/accounts/signup/").content.decode()
    assert 'href="https://example.org/privacy?a=1&amp;b=2">how your data is handled' in page
    assert 'id="privacy"' not in client.get("/about").content.decode()
