from django.db import models
from django.utils import timezone

from accounts.models import Member
from core.fields import SnowflakeField
from posts.models import Post


class Trend(models.Model):
    """A row of the trends that were computed last (feed.actions.trends). All rows of a kind are replaced together."""

    class Kind(models.TextChoices):
        TAG = "tag", "Tag"
        POST = "post", "Post"

    kind = models.CharField(max_length=4, choices=Kind)
    rank = models.PositiveSmallIntegerField()
    tag = models.ForeignKey("posts.Tag", on_delete=models.CASCADE, null=True, blank=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True)
    count = models.PositiveIntegerField()
    score = models.FloatField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "rank"], name="trend_rank_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.rank}"


class Interaction(models.Model):
    """What a member did with a post on a page: the log that the ranker learns from.

    The browser chooses `event_id`, so a batch that is sent twice counts once.
    """

    class Kind(models.TextChoices):
        VIEW = "view", "View"
        CLICK = "click", "Click"
        DWELL = "dwell", "Dwell"
        LIKE = "like", "Like"
        REPLY = "reply", "Reply"
        REPOST = "repost", "Repost"
        SHARE = "share", "Share"
        HIDE = "hide", "Hide"

    id = SnowflakeField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="interactions")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="interactions")
    kind = models.CharField(max_length=6, choices=Kind)
    event_id = models.CharField(max_length=36)
    source = models.CharField(max_length=20, blank=True, help_text="Which list showed it.")
    position = models.PositiveSmallIntegerField(null=True, blank=True)
    dwell_ms = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "event_id"], name="interaction_once")]
        indexes = [
            models.Index(fields=["member", "-at"], name="interaction_by_member"),
            models.Index(fields=["post", "kind"], name="interaction_of_post"),
            models.Index(fields=["kind", "at"], name="interaction_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind} {self.post_id}"


class Ranker(models.Model):
    """A trained model with its figures. The newest promoted one ranks For you, if there is one."""

    id = SnowflakeField(primary_key=True)
    trained_at = models.DateTimeField(default=timezone.now)
    model = models.TextField(help_text="LightGBM’s text format.")
    figures = models.JSONField(help_text="AUC, NDCG@10 and log loss of the model and the baselines.")
    features = models.JSONField(help_text="Feature names in order.")
    promoted = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"Ranker of {self.trained_at:%Y-%m-%d %H:%M}"


class Suggestion(models.Model):
    """A member whom `member` may want to follow, and why (feed.actions.suggestions).

    A read model: whether it may still be shown is checked again when it is read (feed.queries.suggestions).
    """

    class Reason(models.TextChoices):
        FOLLOWED = "followed", "Followed by people whom the member follows"
        INTERESTS = "interests", "Cares for the same"
        NEARBY = "nearby", "Lives at the same place"
        POPULAR = "popular", "Followed by many here"

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="suggestions")
    suggested = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=9, choices=Reason)
    detail = models.CharField(max_length=120, blank=True, help_text="Topic, hashtag or location.")
    score = models.FloatField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "suggested"], name="suggestion_once")]
        indexes = [models.Index(fields=["member", "-score", "-suggested"], name="suggestion_best")]

    def __str__(self) -> str:
        return f"{self.suggested_id} to {self.member_id}"


class SuggestionRun(models.Model):
    """When the suggestions of a member were computed last."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.member_id} at {self.computed_at}"
