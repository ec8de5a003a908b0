from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models.member import Member
from core.fields import SnowflakeField

STOPPABLE_FOR = timedelta(days=3)
"""How long the link in the email to the old address works: from the request, and again from the confirmation."""


class AddressChangeQuerySet(models.QuerySet["AddressChange"]):
    def pending(self) -> Self:
        return self.filter(confirmed_at=None, ended_at=None)

    def stoppable(self) -> Self:
        since = timezone.now() - STOPPABLE_FOR
        return self.filter(
            models.Q(confirmed_at=None, asked_at__gt=since) | models.Q(confirmed_at__gt=since),
            stopped_at=None,
        )


class AddressChange(models.Model):
    """A request to change the email address, which the old address can stop for some days. Deleted after a month."""

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="address_changes")
    old = models.EmailField(blank=True, help_text="Previous address; empty if there was none.")
    old_verified = models.BooleanField(default=False)
    new = models.EmailField()
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Canceled, replaced by another, or ended with everything pending.",
    )
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="Stopped with the link in the email.")

    objects = AddressChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["member", "-id"], name="address_change_of_member")]

    def __str__(self) -> str:
        return f"Address change {self.id} of {self.member_id}"
