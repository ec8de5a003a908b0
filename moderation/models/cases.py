from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import SnowflakeField
from posts.models import Post


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def of_review(self) -> Self:
        return self.exclude(reason__in=(Case.Reason.REPORTED, Case.Reason.NEW_MEMBER))

    def reported(self) -> Self:
        return self.filter(reports_count__gt=0)

    def of_new_members(self) -> Self:
        return self.filter(reason=Case.Reason.NEW_MEMBER, reports_count=0)


class Case(models.Model):
    """A post that a moderator must look at. The queue lists these; a post has at most one open case."""

    class Reason(models.TextChoices):
        HELD = "held", _("Held by review")
        UNSURE = "unsure", _("Review is unsure")
        FLAGGED = "flagged", _("Flagged by a word rule")
        FAILED = "failed", _("The model didn’t answer")
        REPORTED = "reported", _("Reported")
        NEW_MEMBER = "new_member", _("First posts of a new member")

    id = SnowflakeField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="cases")
    reason = models.CharField(max_length=10, choices=Reason)
    severity = models.PositiveSmallIntegerField(default=0)
    reports_count = models.PositiveIntegerField(default=0)
    urgency = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(closed_at=None), name="case_open_once")
        ]
        indexes = [
            models.Index(fields=["-urgency", "id"], name="case_queue", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"Case {self.id}: {self.reason}"

    @property
    def level(self) -> str:
        """high, medium or low, which the page shows as a color."""
        return "high" if self.urgency >= 70 else "medium" if self.urgency >= 30 else "low"
