"""Jobs that keep events moving."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from core.events import deliver_event
from core.health import jobs_of, record_heartbeat
from core.jobs import enqueue
from core.mail import delete_given_up_mails, due_mail_ids, send_mail
from core.models import IdempotencyKey, OutboxEvent

RELAY_CHUNK = 100
RELAY_LEASE = timedelta(seconds=15)
KEEP_DELIVERED = timedelta(days=7)
KEEP_IDEMPOTENCY_KEYS = timedelta(hours=24)


@shared_task
def deliver(event_id: int) -> None:
    """Deliver one event; sent at its commit."""
    deliver_event(event_id)


@shared_task
def deliver_many(event_ids: list[int]) -> None:
    for event_id in event_ids:
        deliver_event(event_id)


@shared_task
def relay() -> None:
    """Send again what was not delivered in time: a crash, a lost broker, a subscriber that failed."""
    now = timezone.now()
    ids = list(OutboxEvent.objects.due_ids(now)[:2000])
    for start in range(0, len(ids), RELAY_CHUNK):
        chunk = ids[start : start + RELAY_CHUNK]
        # Not due again while the chunk is being worked on, nor long after a worker was killed at it.
        if OutboxEvent.objects.filter(id__in=chunk).claim(RELAY_LEASE, now=now):
            enqueue(deliver_many, chunk)


@shared_task
def heartbeat(queue: str) -> None:
    """Sent to each queue by the clock: that it runs shows that schedule, broker and workers do their part."""
    record_heartbeat(jobs_of(queue))


@shared_task
def send_queued_mail(mail_id: int) -> None:
    """Send one mail; sent at its commit."""
    send_mail(mail_id)


@shared_task
def send_due_mails() -> None:
    """Send what is left of a crash, a lost broker or a mail server that was away, until it is away again."""
    for mail_id in due_mail_ids():
        if not send_mail(mail_id):
            break


@shared_task
def delete_expired() -> None:
    """Retention: delivered events after a week, idempotency keys after a day, mails that were given up after a month.

    Parked events stay until looked at.
    """
    now = timezone.now()
    OutboxEvent.objects.filter(delivered_at__lt=now - KEEP_DELIVERED).delete()
    IdempotencyKey.objects.filter(created_at__lt=now - KEEP_IDEMPOTENCY_KEYS).delete()
    delete_given_up_mails()
