"""What follows when an account or a session changes."""

from datetime import timedelta
from smtplib import SMTPException

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.decision_mail import write_of_decision  # noqa: F401 (so that workers know of it)
from accounts.events import DeletionRequested, ExportRequested, ImportRequested, SessionEnded
from accounts.models import DataExport, Member
from accounts.queries import erased_on
from core import streams
from core.jobs import enqueue

ERASE_FOR = timedelta(seconds=240)
"""How long one job goes on erasing; the next run of the clock goes on from there."""


def close_sockets(event: SessionEnded) -> None:
    """Then we close the sockets of the session, and let the member's others look whether they may stay."""
    streams.close_sockets_of_session(event.session_key)
    streams.recheck_sockets_of(event.member_id)


# --- Leaving -----------------------------------------------------------------------------------------------


def say_goodbye(event: DeletionRequested) -> None:
    """Then we close what is open of theirs, and write to them when they are erased and how to come back."""
    streams.recheck_sockets_of(event.member_id)
    enqueue(write_goodbye, event.member_id)


@shared_task(autoretry_for=(SMTPException, OSError), max_retries=5, retry_backoff=60)
def write_goodbye(member_id: int) -> None:
    member = Member.objects.filter(pk=member_id).first()
    day = erased_on(member) if member else None
    if member is None or day is None or not member.email:
        return
    context = {
        "name": member.name,
        "day": day,
        "days": settings.ACCOUNT_GRACE_DAYS,
        "SITE_NAME": settings.SITE_NAME,
        "sign_in_url": settings.SITE_URL + reverse("account_login"),
        "site_url": settings.SITE_URL,
    }
    subject = render_to_string("accounts/email/goodbye_subject.txt", context).strip()
    body = render_to_string("accounts/email/goodbye_message.txt", context).strip()
    EmailMessage(
        f"[{settings.SITE_NAME}] {subject}", body, settings.DEFAULT_FROM_EMAIL, [member.email]
    ).send()


@shared_task
def erase_due_members() -> None:
    """Erase whose days of grace are over; go on where a killed process stopped."""
    for member_id in actions.due_members():
        enqueue(erase_member, member_id)


@shared_task
def erase_member(member_id: int) -> None:
    actions.erase_member(member_id=member_id, until=timezone.now() + ERASE_FOR)


# --- A copy of everything ----------------------------------------------------------------------------------


def begin_export(event: ExportRequested) -> None:
    """Then we make it."""
    enqueue(make_export, event.export_id)


@shared_task(soft_time_limit=3600, time_limit=3660)
def make_export(export_id: int) -> None:
    if actions.make_export(export_id=export_id):
        enqueue(write_of_export, export_id)


@shared_task
def make_waiting_exports() -> None:
    """Make what waits: after a crash, a fault, or a broker that lost the job. And delete what is old."""
    for export_id in actions.waiting_exports():
        enqueue(make_export, export_id)
    actions.expire_exports()


@shared_task(autoretry_for=(SMTPException, OSError), max_retries=5, retry_backoff=60)
def write_of_export(export_id: int) -> None:
    export = DataExport.objects.select_related("member").filter(pk=export_id).first()
    if export is None or export.state != DataExport.State.READY or not export.member.email:
        return
    context = {
        "name": export.member.name,
        "expires_at": export.expires_at,
        "SITE_NAME": settings.SITE_NAME,
        "data_url": settings.SITE_URL + reverse("accounts:data"),
        "site_url": settings.SITE_URL,
    }
    subject = render_to_string("accounts/email/export_subject.txt", context).strip()
    body = render_to_string("accounts/email/export_message.txt", context).strip()
    mail = [f"[{settings.SITE_NAME}] {subject}", body, settings.DEFAULT_FROM_EMAIL, [export.member.email]]
    EmailMessage(*mail).send()


# --- Lists that come along ---------------------------------------------------------------------------------


def begin_import(event: ImportRequested) -> None:
    """Then we do its rows."""
    enqueue(run_import, event.import_id)


@shared_task(soft_time_limit=3600, time_limit=3660)
def run_import(import_id: int) -> None:
    actions.run_import(import_id=import_id)


@shared_task
def run_waiting_imports() -> None:
    for import_id in actions.waiting_imports():
        enqueue(run_import, import_id)
    actions.forget_imports()
