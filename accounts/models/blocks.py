from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from core.fields import SnowflakeField

if TYPE_CHECKING:
    from accounts.models.member import Member


def blocked_either_way(viewer: "Member | None") -> "models.QuerySet[Block, int]":
    """Return the ids of those who have blocked the viewer or whom the viewer has blocked; for a subquery."""
    mine = Block.objects.filter(blocker=viewer).values_list("blocked_id", flat=True)
    if viewer is None:
        return mine.none()
    return mine.union(Block.objects.filter(blocked=viewer).values_list("blocker_id", flat=True), all=True)


class Block(models.Model):
    """`blocker` and `blocked` don't see each other.

    Defined in this app, below `social`, because it decides who is visible to whom.
    """

    id = SnowflakeField(primary_key=True)
    blocker = models.ForeignKey("accounts.Member", on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey("accounts.Member", on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(
                condition=~models.Q(blocker=models.F("blocked")),
                name="block_not_self",
            ),
        ]
        indexes = [
            models.Index(fields=["blocker", "-id"], name="block_by"),
            models.Index(fields=["blocked", "blocker"], name="block_of"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} ✕ {self.blocked_id}"
