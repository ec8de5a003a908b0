"""Emails: a row in the transaction of their cause, sent after the commit, and retried until they are sent.

The row is deleted when the mail server has accepted the email. If the process is killed between the two, it is sent
twice, rather than not at all.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.console import EmailBackend as ConsoleBackend
from django.core.mail.backends.filebased import EmailBackend as FileBackend
from django.core.mail.message import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from core.encryption import seal, unseal
from core.jobs import enqueue
from core.models import QueuedMail

log = logging.getLogger("kith.mail")

LEASE = timedelta(seconds=60)
MAX_REFUSALS = 5
"""How often the mail server may refuse an email before it is given up; the wait doubles each time."""
RETRY_FOR = timedelta(days=3)
KEEP_GIVEN_UP_FOR = timedelta(days=30)


def queue_mail_from_template(*, to: str, template: str, context: Mapping[str, Any]) -> None:
    """Queue an email rendered from `<template>_subject.txt` and `<template>_message.txt`, in the active language."""
    values = {"SITE_NAME": settings.SITE_NAME, "site_url": settings.SITE_URL, **context}
    subject = " ".join(render_to_string(f"{template}_subject.txt", values).split())
    body = render_to_string(f"{template}_message.txt", values).strip()
    queue_mail(EmailMessage(f"[{settings.SITE_NAME}] {subject}", body, to=[to]))


def queue_mail(message: EmailMessage) -> None:
    """Queue an email (plain text, one recipient), to be sent after the running transaction has committed."""
    queued = QueuedMail(
        to=message.to[0], subject=str(message.subject), sealed_body=seal(str(message.body), purpose="mail")
    )
    queued.save(force_insert=True)
    enqueue(send_queued_mail, queued.pk)


@shared_task
def send_queued_mail(mail_id: int) -> None:
    """Send one email; enqueued after the commit."""
    send_mail(mail_id)


def send_mail(mail_id: int) -> bool:
    """Claim and send the email if it is due. Return False if the server is down, so that no other is tried."""
    if not QueuedMail.objects.filter(pk=mail_id).claim(LEASE):
        return True
    mail = QueuedMail.objects.get(pk=mail_id)
    body = unseal(mail.sealed_body, purpose="mail")
    if body is None:
        _give_up(mail, "The site has another SECRET_KEY now.")
        return True
    try:
        EmailMessage(mail.subject, body, to=[mail.to]).send()
    except (SMTPResponseException, SMTPRecipientsRefused) as refusal:
        _refused(mail, type(refusal).__name__)
    except (SMTPException, OSError) as fault:
        _try_again(mail, type(fault).__name__)
        return False
    else:
        QueuedMail.objects.filter(pk=mail.pk).delete()
    return True


def due_mail_ids() -> list[int]:
    return list(QueuedMail.objects.due_ids()[:500])


def delete_given_up_mails() -> None:
    QueuedMail.objects.filter(given_up_at__lt=timezone.now() - KEEP_GIVEN_UP_FOR).delete()


def _try_again(mail: QueuedMail, why: str) -> None:
    """Try again with the next sweep, for some days: the server is down."""
    if timezone.now() - mail.created_at > RETRY_FOR:
        _give_up(mail, why)
    else:
        QueuedMail.objects.filter(pk=mail.pk).postpone(timedelta(0), error=why)


def _refused(mail: QueuedMail, why: str) -> None:
    """Postpone the email after a refusal by the server, which may accept it later."""
    refusals = mail.refusals + 1
    if refusals >= MAX_REFUSALS:
        _give_up(mail, why)
    else:
        back_off = timedelta(minutes=5) * 2**refusals
        QueuedMail.objects.filter(pk=mail.pk).postpone(back_off, refusals=refusals, error=why)


def _give_up(mail: QueuedMail, why: str) -> None:
    QueuedMail.objects.filter(pk=mail.pk).update(given_up_at=timezone.now(), error=why)
    log.error("mail %s could not be sent and is given up: %s", mail.pk, why)


class TerminalAndFolderBackend(BaseEmailBackend):
    """The default without EMAIL_URL: prints emails in the terminal and saves them in a folder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        folder = settings.DATA_DIR / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        self.backends = [ConsoleBackend(), FileBackend(file_path=str(folder))]

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return max(backend.send_messages(email_messages) or 0 for backend in self.backends)
