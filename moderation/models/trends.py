from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.fields import SnowflakeField
from posts.models import Post, Tag


class TrendReviewQuerySet(models.QuerySet["TrendReview"]):
    def waiting(self) -> Self:
        return self.filter(state=TrendReview.State.WAITING)

    def decided(self) -> Self:
        return self.exclude(state=TrendReview.State.WAITING)


class TrendReview(models.Model):
    """Whether a hashtag or a post may trend. What is shared almost only by new accounts waits for a moderator
    (queries.standing), and moderators can hide anything from trends.
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
