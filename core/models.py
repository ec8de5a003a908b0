from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from core.fields import SnowflakeField


class OutboxQuerySet(models.QuerySet["OutboxEvent"]):
    def undelivered(self) -> Self:
        return self.filter(delivered_at=None, parked_at=None)

    def due(self, now: datetime | None = None) -> Self:
        return self.undelivered().filter(due_at__lte=now or timezone.now())

    def parked(self) -> Self:
        return self.exclude(parked_at=None)


class OutboxEvent(models.Model):
    """An event between its commit and the last of its effects (core.events)."""

    id = SnowflakeField(primary_key=True)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    trace_id = models.CharField(max_length=32, default="-")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
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
    """That one subscriber has had one event: written in the transaction of its effect."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=120)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.subscriber}"


class IdempotencyKey(models.Model):
    """What a member's request made the first time, so that the same request again makes nothing new. Kept for 24 h."""

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


class QueuedMail(models.Model):
    """A mail that is to be sent and has not been yet (core.mail)."""

    id = SnowflakeField(primary_key=True)
    to = models.EmailField()
    subject = models.CharField(max_length=998)
    sealed_body = models.TextField(
        help_text="Encrypted, because an email may contain a link that gives access to an account."
    )
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    refusals = models.PositiveSmallIntegerField(default=0)
    given_up_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.subject} {self.id}"


class Heartbeat(models.Model):
    """When a part of the site (the schedule, the workers of a queue) last said that it is alive (core.health)."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ScheduledRun(models.Model):
    """When a periodic job was last sent, for those that run seldom (core.schedule)."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Lease(models.Model):
    """That one process of all is at work on something until it ends or falls silent (core.leases)."""

    name = models.CharField(max_length=80, unique=True)
    holder = models.CharField(max_length=32)
    taken_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
