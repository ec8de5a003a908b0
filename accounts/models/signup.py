from enum import StrEnum
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models.member import Member
from core.fields import SnowflakeField


class SignupMode(StrEnum):
    """Who may sign up (settings.SIGNUP_MODE)."""

    OPEN = "open"
    APPROVAL = "approval"
    INVITE = "invite"


def signup_mode() -> SignupMode:
    return SignupMode(settings.SIGNUP_MODE)


INVITE_CODE_MAX = 43


class InviteQuerySet(models.QuerySet["Invite"]):
    def valid(self) -> Self:
        """Neither revoked, expired nor used up. Depends on the row alone, so an UPDATE can be conditional on it."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()),
            models.Q(uses_at_most=None) | models.Q(uses__lt=models.F("uses_at_most")),
            revoked_at=None,
        )


class Invite(models.Model):
    """A link with which people can join, until it is used up, expired or revoked. `code` is its secret."""

    id = SnowflakeField(primary_key=True)
    code = models.CharField(max_length=INVITE_CODE_MAX, unique=True)
    by = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="invites")
    note = models.CharField(max_length=100, blank=True, help_text="Label, to tell links apart.")
    uses = models.PositiveIntegerField(default=0)
    uses_at_most = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InviteQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["by", "-id"], name="invite_by")]

    def __str__(self) -> str:
        return f"Invite of {self.by_id}"

    @property
    def is_valid(self) -> bool:
        """Whether someone can still join with it, like the queryset's `valid`."""
        return (
            self.revoked_at is None
            and (self.expires_at is None or self.expires_at > timezone.now())
            and (self.uses_at_most is None or self.uses < self.uses_at_most)
        )

    @property
    def path(self) -> str:
        return reverse("accounts:invite", args=[self.code])


class InviteUse(models.Model):
    """The invite that a member joined with: at most one."""

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="invite_use"
    )
    invite = models.ForeignKey(Invite, on_delete=models.CASCADE, related_name="used")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.member_id} by {self.invite_id}"


class SignupRequestQuerySet(models.QuerySet["SignupRequest"]):
    def waiting(self) -> Self:
        return self.filter(outcome="waiting")


class SignupRequest(models.Model):
    """A request to join where moderators decide (SIGNUP_MODE=approval). The account is closed until then."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "Waiting"
        APPROVED = "approved", "Approved"
        DECLINED = "refused", "Declined"

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="signup_request"
    )
    reason = models.TextField(max_length=500, help_text="Why they want to join.")
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.WAITING)
    decided_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SignupRequestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["outcome", "created_at"], name="signup_request_queue")]

    def __str__(self) -> str:
        return f"{self.member_id} asks to join"

    @property
    def email_domain(self) -> str:
        return (self.member.email or "").rpartition("@")[2]
