import hashlib

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.fields import SnowflakeField
from core.models import DueQuerySet, DueRow
from core.translatable import translate_stored
from moderation.models.categories import CATEGORY_IN_SENTENCE, Category
from moderation.models.deciders import CLASSIFIER, decider_name
from moderation.spam_signals import describe_signals
from posts.models import Post

REVIEW_REASON_MAX = 300
FAULT_MAX = 300


def fingerprint(text: str) -> str:
    """Return the hash that ties a review to one version of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


class Review(DueRow):
    """The automatic review of one version of a post. An edit gets a review of its own, which replaces this one.

    It stores no text, so that nothing of a deleted post is left here.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Decided")
        NEEDS_PERSON = "needs_person", _("Needs human review")
        FAILED = "failed", _("No verdict from the model")
        REPLACED = "replaced", _("Replaced by a newer version")

    WAITING = Q(state=State.WAITING)

    id = SnowflakeField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reviews")
    text_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    safe = models.BooleanField(null=True)
    category = models.CharField(max_length=14, choices=Category, default=Category.NONE)
    confidence = models.FloatField(null=True, blank=True)
    reason = models.CharField(max_length=REVIEW_REASON_MAX, blank=True)
    decided_by = models.CharField(
        max_length=80, blank=True, help_text='"rules:v1", "classifier:v1" or "claude:" and the model.'
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(
        max_length=FAULT_MAX, blank=True, help_text="Why the last attempt gave no verdict."
    )
    alone = models.BooleanField(
        default=False,
        help_text="Reviewed on its own, because a batch gave no verdict on it.",
    )
    withheld = models.BooleanField(
        default=False, help_text="Not sent to the model, because the post isn’t public."
    )
    for_report = models.BooleanField(
        default=False, help_text="Requested by a report: only a confident verdict changes visibility."
    )
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = DueQuerySet["Review"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="review_due", condition=Q(state="waiting")),
            models.Index(fields=["post", "-id"], name="review_of_post"),
        ]

    def __str__(self) -> str:
        return f"Review {self.id}: {self.state}"

    @property
    def by_name(self) -> str:
        return decider_name(self.decided_by)

    @property
    def finding(self) -> str:
        """What was found, as part of a sentence."""
        return gettext("safe") if self.safe else gettext(CATEGORY_IN_SENTENCE[self.category])

    @property
    def reason_text(self) -> str:
        """The reason in the viewer's language; the model's own words as they are."""
        return (
            describe_signals(self.reason) if self.decided_by == CLASSIFIER else translate_stored(self.reason)
        )

    @property
    def fault_text(self) -> str:
        return translate_stored(self.fault)

    @property
    def percent(self) -> int | None:
        return None if self.confidence is None else round(self.confidence * 100)
