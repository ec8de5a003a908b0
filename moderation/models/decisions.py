from collections.abc import Iterable
from typing import Any, NoReturn, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.fields import SnowflakeField
from core.translatable import translate_stored
from moderation.models.deciders import decider_name
from moderation.models.reports import rule_title
from posts.models import Post

REASON_MAX = 400
REASON_FOR_AUTHOR_MAX = 500


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Append only: rows can be added and read."""

    def by_people(self) -> Self:
        return self.exclude(by=None)

    def on_posts_of(self, member: Member) -> Self:
        """Filter to what the author may see: not that a report was dismissed or reopened."""
        shown = (
            Decision.Act.HOLD,
            Decision.Act.PUBLISH,
            Decision.Act.REMOVE,
            Decision.Act.RESTORE,
            Decision.Act.HIDE_TREND,
        )
        return self.filter(author=member, act__in=shown)

    def of_posts(self) -> Self:
        """Filter to decisions about posts, not about trends."""
        return self.exclude(act__in=(Decision.Act.ALLOW_TREND, Decision.Act.HIDE_TREND))

    def update(self, **fields: Any) -> NoReturn:
        raise TypeError("A decision is never changed: decide again instead.")

    def delete(self) -> NoReturn:
        raise TypeError("A decision is never deleted.")

    def bulk_update(
        self, objs: Iterable["Decision"], fields: Iterable[str], batch_size: int | None = None
    ) -> NoReturn:
        raise TypeError("A decision is never changed: decide again instead.")


class Decision(models.Model):
    """An entry in the decision log. Append only: it outlives the post and the moderator's account."""

    class Act(models.TextChoices):
        HOLD = "hold", _("Held")
        PUBLISH = "publish", _("Published")
        REMOVE = "remove", _("Removed")
        RESTORE = "restore", _("Restored")
        DISMISS = "dismiss", _("No action")
        REOPEN = "reopen", _("Reopened")
        ALLOW_TREND = "allow", _("Allowed in trends")
        HIDE_TREND = "unlist", _("Hidden from trends")

    id = SnowflakeField(primary_key=True)
    by = models.ForeignKey(
        Member,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="decisions",
        help_text="Moderator.",
    )
    decided_by = models.CharField(
        max_length=80,
        help_text='"member:" and the username, "rules:v1", "classifier:v1" or "claude:" and the model.',
    )
    act = models.CharField(max_length=7, choices=Act)
    post = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="decisions")
    author = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="decided_on")
    rule = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    post_text = models.TextField(help_text="Text of the post at the time of the decision.")
    at = models.DateTimeField(default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["post", "-id"], name="decision_of_post"),
            models.Index(fields=["author", "-id"], name="decision_on_author"),
        ]

    def __str__(self) -> str:
        return f"{self.decided_by}: {self.act} {self.post_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A decision is never changed: decide again instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A decision is never deleted.")

    @property
    def rule_title(self) -> str:
        return rule_title(self.rule) if self.rule else ""

    @property
    def reason_text(self) -> str:
        """The reason in the viewer's language; a moderator's own words as they are."""
        return translate_stored(self.reason)

    @property
    def by_name(self) -> str:
        return decider_name(self.decided_by)

    @property
    def decider(self) -> str:
        """Who decided, for the author: a moderator stays unnamed."""
        return gettext("a moderator") if self.decider_kind == "member" else self.by_name

    @property
    def decider_kind(self) -> str:
        """member, rules, classifier or claude."""
        return self.decided_by.partition(":")[0]
