from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import Member
from core.fields import SnowflakeField


class FollowQuerySet(models.QuerySet["Follow"]):
    def by(self, member: Member) -> Self:
        return self.filter(follower=member)

    def of(self, member: Member) -> Self:
        return self.filter(followee=member)


class Follow(models.Model):
    """`follower` wants to read `followee`."""

    id = SnowflakeField(primary_key=True)
    follower = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="follows")
    followee = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="followed_by")
    created_at = models.DateTimeField(default=timezone.now)

    objects = FollowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(
                condition=~models.Q(follower=models.F("followee")),
                name="follow_not_self",
            ),
        ]
        indexes = [
            models.Index(fields=["follower", "-id"], name="follow_by"),
            models.Index(fields=["followee", "-id"], name="follow_of"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followee_id}"
