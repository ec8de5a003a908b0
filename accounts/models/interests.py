from django.db import models

from accounts.models.member import Member


class Interest(models.Model):
    """That a member cares for a topic (settings.TOPICS), as chosen at sign-up or in the settings."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="interests")
    topic = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "topic"], name="interest_once")]
        indexes = [models.Index(fields=["topic", "member"], name="interest_in_topic")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.topic}"
