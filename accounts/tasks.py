"""Subscribers and jobs of accounts."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts import actions
from accounts.events import SessionEnded
from accounts.languages import in_language_of
from accounts.models import DataImport
from core import streams
from core.jobs import enqueue

ERASE_FOR = timedelta(seconds=240)
"""How long one job erases; the next scheduled run continues."""


def close_sockets(event: SessionEnded) -> None:
    """Close the sockets of the session, and check the member's others again."""
    streams.close_sockets_of_session(event.session_key)
    streams.recheck_sockets_of(event.member_id)


# --- Deletion ----------------------------------------------------------------------------------------------


@shared_task
def erase_due_members() -> None:
    """Erase members whose grace period is over, and delete old changes of address."""
    for member_id in actions.due_members():
        enqueue(erase_member, member_id)
    actions.forget_address_changes()


@shared_task
def erase_member(member_id: int) -> None:
    actions.erase_member(member_id=member_id, until=timezone.now() + ERASE_FOR)


# --- Data exports -------------------------------------------------------------------------------------------


@shared_task(soft_time_limit=3600, time_limit=3660)
def make_export(export_id: int) -> None:
    actions.make_export(export_id=export_id)


@shared_task
def make_waiting_exports() -> None:
    """Send jobs for exports that are due, after a crash, an error or a lost job, and delete old ones."""
    for export_id in actions.waiting_exports():
        enqueue(make_export, export_id)
    actions.expire_exports()


# --- Imports ----------------------------------------------------------------------------------------------


@shared_task(soft_time_limit=3600, time_limit=3660)
def run_import(import_id: int) -> None:
    run = DataImport.objects.select_related("member").filter(pk=import_id).first()
    # The notes on rows are stored as text.
    with in_language_of(run.member if run else None):
        actions.run_import(import_id=import_id)


@shared_task
def run_waiting_imports() -> None:
    for import_id in actions.waiting_imports():
        enqueue(run_import, import_id)
    actions.forget_imports()
