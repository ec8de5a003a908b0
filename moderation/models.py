import hashlib
from collections.abc import Iterable
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.fields import SnowflakeField
from core.models import DueQuerySet, DueRow
from core.sentences import said
from moderation import signs
from posts.models import Post, Tag

WORDS_MAX = 1000
REASON_MAX = 400
REASON_FOR_AUTHOR_MAX = 500
REVIEW_REASON_MAX = 300
FAULT_MAX = 300
PATTERN_MAX = 100
EXCEPTIONS_MAX = 2000

RULES = "rules:v1"
CLASSIFIER = "classifier:v1"
"""Who decided, where it was not the model and not a person."""


def fingerprint(text: str) -> str:
    """What ties a review to the wording it judged."""
    return hashlib.sha256(text.encode()).hexdigest()


class Category(models.TextChoices):
    """What may be wrong with a text."""

    NONE = "none", "Nothing"
    SPAM = "spam", "Spam"
    HATE = "hate", "Hate"
    HARASSMENT = "harassment", "Harassment"
    VIOLENCE = "violence", "Violence"
    SEXUAL = "sexual", "Sexual content"
    SELF_HARM = "self_harm", "Self-harm"
    MISINFORMATION = "misinformation", "Misinformation"


CATEGORY_IN_SENTENCE: dict[str, str] = {
    Category.NONE: gettext_noop("nothing"),
    Category.SPAM: gettext_noop("spam"),
    Category.HATE: gettext_noop("hate"),
    Category.HARASSMENT: gettext_noop("harassment"),
    Category.VIOLENCE: gettext_noop("violence"),
    Category.SEXUAL: gettext_noop("sexual content"),
    Category.SELF_HARM: gettext_noop("self-harm"),
    Category.MISINFORMATION: gettext_noop("misinformation"),
}
"""What members read, to be translated; the labels are for the admin."""


def category_choices() -> list[tuple[str, str]]:
    """What a rule may find, with its name for whoever reads."""
    return [
        (category, gettext(name))
        for category, name in CATEGORY_IN_SENTENCE.items()
        if category != Category.NONE
    ]


class Review(DueRow):
    """The automatic review of one wording of a post. A newer wording has a review of its own, which replaces this one.

    It keeps no text, so that what a member deletes is not kept here.
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
        """What was found, as a part of a sentence."""
        return gettext("safe") if self.safe else gettext(CATEGORY_IN_SENTENCE[self.category])

    @property
    def reason_said(self) -> str:
        """Why, for whoever reads: the model's own words as they are, ours in their language."""
        return signs.named(self.reason) if self.decided_by == CLASSIFIER else said(self.reason)

    @property
    def fault_said(self) -> str:
        return said(self.fault)

    @property
    def percent(self) -> int | None:
        return None if self.confidence is None else round(self.confidence * 100)


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def of_review(self) -> Self:
        return self.exclude(why__in=(Case.Why.REPORTED, Case.Why.NEW_MEMBER))

    def reported(self) -> Self:
        return self.filter(reports_count__gt=0)

    def of_new_members(self) -> Self:
        return self.filter(why=Case.Why.NEW_MEMBER, reports_count=0)


class Case(models.Model):
    """That a person must look at a post: one open case a post, whatever brought it there. The queue lists these."""

    class Why(models.TextChoices):
        HELD = "held", _("Held by review")
        UNSURE = "unsure", _("Review is unsure")
        FLAGGED = "flagged", _("Flagged by a word rule")
        FAILED = "failed", _("The model didn’t answer")
        REPORTED = "reported", _("Reported")
        NEW_MEMBER = "new_member", _("First posts of a new member")

    id = SnowflakeField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="cases")
    why = models.CharField(max_length=10, choices=Why)
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
        return f"Case {self.id}: {self.why}"

    @property
    def level(self) -> str:
        """high, medium or low, as the page colours it."""
        return "high" if self.urgency >= 70 else "medium" if self.urgency >= 30 else "low"


class TrendReviewQuerySet(models.QuerySet["TrendReview"]):
    def waiting(self) -> Self:
        return self.filter(state=TrendReview.State.WAITING)

    def decided(self) -> Self:
        return self.exclude(state=TrendReview.State.WAITING)


class TrendReview(models.Model):
    """Whether a hashtag or a post may trend, where that is not known by itself: what only new accounts carry waits for
    a moderator (queries.standing), and a moderator may keep anything out of the trends.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ALLOWED = "allowed", _("Allowed in trends")
        HIDDEN = "hidden", _("Hidden from trends")

    id = SnowflakeField(primary_key=True)
    tag = models.ForeignKey(
        Tag, on_delete=models.CASCADE, null=True, blank=True, related_name="trend_reviews"
    )
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, null=True, blank=True, related_name="trend_reviews"
    )
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    people = models.PositiveIntegerField(
        default=0, help_text="Number of people sharing it when it was submitted for review."
    )
    opened_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = TrendReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag"], condition=~Q(tag=None), name="trend_review_of_tag_once"),
            models.UniqueConstraint(
                fields=["post"], condition=~Q(post=None), name="trend_review_of_post_once"
            ),
            models.CheckConstraint(
                condition=Q(tag=None, post__isnull=False) | Q(tag__isnull=False, post=None),
                name="trend_review_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["state", "-people", "id"], name="trend_review_queue")]

    def __str__(self) -> str:
        return f"{self.tag_id or self.post_id}: {self.state}"


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> Self:
        return self.filter(decided_at=None)


class Report(models.Model):
    """A member's word that a post breaks a rule: one open report a member and post."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("The post was removed")
        DISMISSED = "dismissed", _("The post stays")
        GONE = "gone", _("The author deleted the post")

    id = SnowflakeField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="reports")
    rule = models.CharField(max_length=40)
    words = models.TextField(max_length=WORDS_MAX, blank=True)
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
    """The post for whoever is looking, set by queries.reports_by."""

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


class WordRule(models.Model):
    """Words that are held or looked at (moderation.local says how they match)."""

    class Action(models.TextChoices):
        HOLD = "hold", "Hold until a person has looked"
        FLAG = "flag", "Put it before a person"

    id = SnowflakeField(primary_key=True)
    pattern = models.CharField(
        max_length=PATTERN_MAX,
        unique=True,
        help_text="One or more words in a row. A * at the end of a word matches any ending.",
    )
    category = models.CharField(max_length=14, choices=Category, default=Category.SPAM)
    action = models.CharField(max_length=4, choices=Action, default=Action.FLAG)
    active = models.BooleanField(default=True)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.pattern

    @property
    def category_said(self) -> str:
        return gettext(CATEGORY_IN_SENTENCE[self.category])


class BuiltInRuleChange(models.Model):
    """What an operator has changed about one of the rules that come with Kith (moderation.builtin)."""

    key = models.CharField(max_length=40, primary_key=True, help_text="Key of the built-in rule.")
    active = models.BooleanField(default=True)
    action = models.CharField(max_length=4, choices=WordRule.Action, blank=True, help_text="Empty: default.")
    exceptions = models.TextField(
        max_length=EXCEPTIONS_MAX,
        blank=True,
        help_text="One per line: a post with these words doesn’t break the rule.",
    )
    changed_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Rows are added and read; nothing else."""

    def by_people(self) -> Self:
        return self.exclude(by=None)

    def on_posts_of(self, member: Member) -> Self:
        """What the member may know: not that a report came to nothing, nor that anybody looked."""
        told = (
            Decision.Act.HOLD,
            Decision.Act.PUBLISH,
            Decision.Act.REMOVE,
            Decision.Act.RESTORE,
            Decision.Act.HIDE_TREND,
        )
        return self.filter(author=member, act__in=told)

    def of_posts(self) -> Self:
        """About whether others may read a post, not about trends."""
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
    """The audit row of one act on a post. Append only: it outlives the post and the account of whoever decided."""

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
    words = models.TextField(help_text="Text of the post at the time of the decision.")
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
    def reason_said(self) -> str:
        """Why, for whoever reads: a person's own words as they are, ours in their language."""
        return said(self.reason)

    @property
    def by_name(self) -> str:
        return decider_name(self.decided_by)

    @property
    def decider(self) -> str:
        """Who decided, as the author is told: of a person only that it was a moderator."""
        return gettext("a moderator") if self.decider_kind == "member" else self.by_name

    @property
    def decider_kind(self) -> str:
        """member, rules, classifier or claude."""
        return self.decided_by.partition(":")[0]


def rule_title(rule: str) -> str:
    """What the community calls the rule with this id."""
    for known in settings.COMMUNITY_RULES:
        if known["id"] == rule:
            return str(known["title"])
    return gettext("Something else")


def decider_name(decided_by: str) -> str:
    """Who decided, for people: `@mod`, `Claude (claude-haiku-4-5)`, `Word rules`, `Local review`."""
    kind, _, name = decided_by.partition(":")
    match kind:
        case "member":
            return f"@{name}"
        case "claude":
            return f"Claude ({name})"
        case "rules":
            return gettext("Word rules")
        case "classifier":
            return gettext("Local review")
    return decided_by
