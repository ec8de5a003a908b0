from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.fields import SnowflakeField
from posts.models import Post

COMMENT_MAX = 1000


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> Self:
        return self.filter(decided_at=None)


class Report(models.Model):
    """A member reports that a post breaks a rule: at most one open report per member and post."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("The post was removed")
        DISMISSED = "dismissed", _("The post stays")
        GONE = "gone", _("The author deleted the post")

    id = SnowflakeField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="reports")
    rule = models.CharField(max_length=40)
    comment = models.TextField(max_length=COMMENT_MAX, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    decision = models.ForeignKey(
        "Decision",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="answered",
        help_text="Which decision answered it.",
    )

    shown: Post | None = None
    """The post if the viewer may see it, set by queries.reports_by."""

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "reporter"], condition=Q(decided_at=None), name="report_open_once"
            )
        ]
        indexes = [models.Index(fields=["reporter", "-id"], name="report_by_member")]

    def __str__(self) -> str:
        return f"{self.reporter_id} reports {self.post_id}"

    @property
    def rule_title(self) -> str:
        return rule_title(self.rule)


def rule_title(rule: str) -> str:
    """Return the title of the community rule with this id."""
    for known in settings.COMMUNITY_RULES:
        if known["id"] == rule:
            return str(known["title"])
    return gettext("Something else")
