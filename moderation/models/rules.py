from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Member
from core.fields import SnowflakeField
from moderation.models.categories import CATEGORY_IN_SENTENCE, Category

PATTERN_MAX = 100
EXCEPTIONS_MAX = 2000


class WordRule(models.Model):
    """Words that hold or flag a post (moderation.word_rules matches them)."""

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
    def category_name(self) -> str:
        return gettext(CATEGORY_IN_SENTENCE[self.category])


class BuiltInRuleChange(models.Model):
    """What an operator has changed about a built-in rule (moderation.builtin)."""

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
