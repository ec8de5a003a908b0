"""The mail to whoever asked to join. Below accounts.actions, which send it; registered by accounts.tasks."""

from smtplib import SMTPException

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse


@shared_task(
    name="accounts.tasks.write_of_decision",
    autoretry_for=(SMTPException, OSError),
    max_retries=5,
    retry_backoff=60,
)
def write_of_decision(*, address: str, name: str, let_in: bool, words: str) -> None:
    """Tell somebody who asked to join what a moderator has decided."""
    context = {
        "name": name,
        "words": words,
        "SITE_NAME": settings.SITE_NAME,
        "sign_in_url": settings.SITE_URL + reverse("account_login"),
        "sign_up_url": settings.SITE_URL + reverse("account_signup"),
        "site_url": settings.SITE_URL,
    }
    mail = "accounts/email/let_in" if let_in else "accounts/email/refused"
    subject = render_to_string(f"{mail}_subject.txt", context).strip()
    body = render_to_string(f"{mail}_message.txt", context).strip()
    EmailMessage(f"[{settings.SITE_NAME}] {subject}", body, settings.DEFAULT_FROM_EMAIL, [address]).send()
