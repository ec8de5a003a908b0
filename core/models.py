from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.utils import timezone

from core.fields import SnowflakeField

_Due = TypeVar("_Due", bound="DueRow")


class DueQuerySet(models.QuerySet[_Due]):
    """Rows of durable jobs. Pass `now` to compute times of your own from the same moment."""

    def waiting(self) -> Self:
        """Filter to the rows whose job isn't done and hasn't been given up, claimed or not."""
        return self.filter(self.model.WAITING)

    def due(self, now: datetime | None = None) -> Self:
        """Filter to the rows whose job may be started now: it isn't claimed, or the claim has expired."""
        return self.waiting().filter(due_at__lte=now or timezone.now())

    def due_ids(self, now: datetime | None = None) -> "models.QuerySet[_Due, int]":
        """Return the ids of the due rows, longest due first; a sweep slices it."""
        return self.due(now).order_by("due_at").values_list("pk", flat=True)

    def claim(self, lease: timedelta, *, now: datetime | None = None, **changes: Any) -> int:
        """Claim the due rows until the lease expires. Return how many rows were claimed.

        The condition is part of the UPDATE: when two processes claim the same row, one of them gets 0. So don't filter
        across a join first: PostgreSQL doesn't check a joined condition again after it has waited for a row.
        """
        now = now or timezone.now()
        return self.due(now).update(due_at=now + lease, **changes)

    def postpone(self, delay: timedelta, *, now: datetime | None = None, **changes: Any) -> int:
        """Make the waiting rows due after `delay`, to renew a claim or to back off. Return how many rows there were."""
        return self.waiting().update(due_at=(now or timezone.now()) + delay, **changes)


class DueRow(models.Model):
    """A durable job: a row that waits until `due_at`, or is claimed by a process until then.

    The row is written in the transaction that requests the work, and a Celery job is sent after the commit. The job
    claims the row, which makes it due later, and does the work. If it fails it postpones the row; if it is killed the
    claim expires. A sweep (config/schedule.py) sends a job for every due row, whatever happened to the first one.
    """

    WAITING: ClassVar[models.Q]
    """Condition for rows whose job isn’t done. Use columns of the row itself only, see `DueQuerySet.claim`."""

    due_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class OutboxQuerySet(DueQuerySet["OutboxEvent"]):
    def parked(self) -> Self:
        return self.exclude(parked_at=None)


class OutboxEvent(DueRow):
    """An event that has not reached all its subscribers, or has in the last week (core.events)."""

    WAITING = models.Q(delivered_at=None, parked_at=None)

    id = SnowflakeField(primary_key=True)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    trace_id = models.CharField(max_length=32, default="-")
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outbox_due",
                condition=models.Q(delivered_at=None, parked_at=None),
            ),
            models.Index(fields=["delivered_at"], name="outbox_delivered"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class Delivery(models.Model):
    """One subscriber has handled one event; saved in the transaction of its effect."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.subscriber}"


class IdempotencyKey(models.Model):
    """What a member’s request created the first time, so that repeating it creates nothing new. Deleted after a day."""

    actor_id = models.BigIntegerField()
    purpose = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    result_id = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor_id", "purpose", "key"], name="idempotency_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key}"


class QueuedMail(DueRow):
    """An email that waits to be sent (core.mail)."""

    WAITING = models.Q(given_up_at=None)

    id = SnowflakeField(primary_key=True)
    to = models.EmailField()
    subject = models.CharField(max_length=998)
    sealed_body = models.TextField(
        help_text="Encrypted, because an email may contain a link that gives access to an account."
    )
    created_at = models.DateTimeField(default=timezone.now)
    refusals = models.PositiveSmallIntegerField(default=0)
    given_up_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects = DueQuerySet["QueuedMail"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="mail_due", condition=models.Q(given_up_at=None))]

    def __str__(self) -> str:
        return f"{self.subject} {self.id}"


class Heartbeat(models.Model):
    """When a part of the site (the schedule, the workers of a queue) last showed that it works (core.health)."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ScheduledRun(models.Model):
    """When a periodic job was last sent, for those that run rarely (core.schedule)."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Lease(models.Model):
    """One process is working on something, until it ends or the lease expires (core.leases)."""

    name = models.CharField(max_length=80, unique=True)
    holder = models.CharField(max_length=32)
    taken_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
