"""Periodic jobs: the sweeps of events and emails, heartbeats, and deleting what has expired."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from core.events import deliver_many
from core.health import jobs_of, record_heartbeat
from core.jobs import enqueue
from core.mail import delete_given_up_mails, due_mail_ids, send_mail
from core.models import IdempotencyKey, OutboxEvent

RELAY_CHUNK = 100
RELAY_LEASE = timedelta(seconds=15)
KEEP_DELIVERED = timedelta(days=7)
KEEP_IDEMPOTENCY_KEYS = timedelta(hours=24)


@shared_task
def relay() -> None:
    """Send jobs for events that were not delivered: after a crash, without a broker, or when a subscriber failed."""
    now = timezone.now()
    ids = list(OutboxEvent.objects.due_ids(now)[:2000])
    for start in range(0, len(ids), RELAY_CHUNK):
        chunk = ids[start : start + RELAY_CHUNK]
        # Claimed, so that the next relay leaves the chunk alone; due again soon if its worker is killed.
        if OutboxEvent.objects.filter(id__in=chunk).claim(RELAY_LEASE, now=now):
            enqueue(deliver_many, chunk)


@shared_task
def heartbeat(queue: str) -> None:
    """Record that a queue works. Beat sends it to each queue, so it runs only if beat, broker and workers do."""
    record_heartbeat(jobs_of(queue))


@shared_task
def send_due_mails() -> None:
    """Send the emails that are due, until the mail server is down: after a crash, a lost job or a failed attempt."""
    for mail_id in due_mail_ids():
        if not send_mail(mail_id):
            break


@shared_task
def delete_expired() -> None:
    """Delete delivered events after a week, idempotency keys after a day, and given-up emails after a month.

    Parked events stay until someone looks at them.
    """
    now = timezone.now()
    OutboxEvent.objects.filter(delivered_at__lt=now - KEEP_DELIVERED).delete()
    IdempotencyKey.objects.filter(created_at__lt=now - KEEP_IDEMPOTENCY_KEYS).delete()
    delete_given_up_mails()
