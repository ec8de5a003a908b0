"""Emails: sent after the commit, retried until they are sent or given up."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from django.utils import timezone

from core.actions import retry_mails
from core.mail import MAX_REFUSALS, RETRY_FOR, due_mail_ids, queue_mail, queue_mail_from_template, send_mail
from core.models import QueuedMail
from core.tasks import delete_expired, send_due_mails
from tests.services.processes import free_port
from tests.services.smtp import Smtp

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_smtp(settings):
    """Send email to an SMTP port that nothing listens on yet, and return the port."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    return settings.EMAIL_PORT


def a_mail(to="bob@example.com", subject="Hello"):
    return EmailMessage(subject, "A line with a secret.", to=[to])


def older(by):
    """Make all queued emails older and due."""
    now = timezone.now()
    QueuedMail.objects.update(created_at=now - by, due_at=now - timedelta(seconds=1))


def test_a_queued_mail_is_sent_after_the_commit(mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        queue_mail_from_template(
            to="bob@example.com", template="accounts/email/approved", context={"name": "Bob"}
        )
        assert not mailoutbox
    assert [mail.subject for mail in mailoutbox] == ["[Kith] Your account is approved"]
    assert not QueuedMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_mail_is_not_sent(mailoutbox):
    with transaction.atomic():
        queue_mail(a_mail())
        transaction.set_rollback(True)
    assert not mailoutbox
    assert not QueuedMail.objects.exists()


def test_a_process_that_dies_after_the_commit_loses_no_mail(mailoutbox):
    queue_mail(a_mail())
    # The job for it died with the process, so the periodic job sends it.
    send_due_mails()
    send_due_mails()
    assert [mail.to for mail in mailoutbox] == [["bob@example.com"]]


def test_two_workers_send_the_same_mail_once(mailoutbox):
    queue_mail(a_mail())
    kept = QueuedMail.objects.get()
    QueuedMail.objects.update(due_at=timezone.now() + timedelta(seconds=30))
    assert send_mail(kept.pk)
    assert not mailoutbox, "somebody else is at it"


def test_mails_are_sent_when_the_server_is_back(by_smtp):
    for n in range(3):
        queue_mail(a_mail(f"bob{n}@example.com"))
    assert not send_mail(due_mail_ids()[0])
    with Smtp(by_smtp) as server:
        send_due_mails()
    assert sorted(line for mail in server.mails for line in mail.splitlines() if line.startswith("To:")) == [
        f"To: bob{n}@example.com" for n in range(3)
    ]
    assert not QueuedMail.objects.exists()


def test_while_the_server_is_down_one_mail_is_tried_and_the_rest_wait(by_smtp):
    for n in range(3):
        queue_mail(a_mail(f"bob{n}@example.com"))
    send_due_mails()
    assert QueuedMail.objects.exclude(error="").count() == 1
    assert len(due_mail_ids()) == 3


def test_a_refused_mail_does_not_delay_the_next_and_is_finally_given_up(by_smtp, caplog):
    queue_mail(a_mail("gone@example.com"))
    with Smtp(by_smtp) as server:
        server.refuses = True
        for n in range(1, MAX_REFUSALS):
            send_due_mails()
            waiting = QueuedMail.objects.get()
            assert (waiting.refusals, waiting.given_up_at) == (n, None)
            assert not due_mail_ids(), "not at once again"
            older(timedelta(hours=1))
        send_due_mails()
        assert QueuedMail.objects.get().given_up_at
        server.refuses = False
        queue_mail(a_mail())
        send_due_mails()
        assert len(server.mails) == 1
        assert retry_mails(ids=[waiting.pk]) == 1
        send_due_mails()
        assert len(server.mails) == 2
    assert "gone@example.com" not in caplog.text


def test_mails_are_given_up_when_the_server_is_down_for_days(by_smtp):
    queue_mail(a_mail())
    older(RETRY_FOR + timedelta(minutes=1))
    send_due_mails()
    assert QueuedMail.objects.get().given_up_at
    QueuedMail.objects.update(given_up_at=timezone.now() - timedelta(days=31))
    delete_expired()
    assert not QueuedMail.objects.exists()


def test_the_text_of_a_mail_is_encrypted_in_the_database(mailoutbox):
    queue_mail(a_mail())
    assert "secret" not in QueuedMail.objects.get().sealed_body
    send_due_mails()
    assert mailoutbox[0].body == "A line with a secret."


def test_a_password_reset_arrives_although_the_mail_server_was_down(alice, by_smtp):
    asked = Client().post("/accounts/password/reset/", {"email": alice.email})
    assert asked.status_code == 302, "the answer is the same as ever"
    with Smtp(by_smtp) as server:
        send_due_mails()
    assert "/password/reset/key/" in server.mails[0]
