from django.db import models

from accounts.models.member import Member


class Interest(models.Model):
    """A topic (settings.TOPICS) that a member is interested in, as chosen in the first steps or the settings."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="interests")
    topic = models.CharField(max_length=30)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "topic"], name="interest_once")]
        indexes = [models.Index(fields=["topic", "member"], name="interest_in_topic")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.topic}"
