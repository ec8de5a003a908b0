from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from core.fields import SnowflakeField


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, viewer: Member | None) -> Self:
        """Limit to conversations that the viewer takes part in. Those with a closed account are hidden."""
        if viewer is None:
            return self.none()
        closed = Participation.objects.filter(conversation=OuterRef("pk")).exclude(
            member__in=Member.objects.visible_to(viewer)
        )
        return self.filter(~Exists(closed), participations__member=viewer)


class Conversation(models.Model):
    """The messages of two members. `pair` makes it unique, whoever starts it."""

    id = SnowflakeField(primary_key=True)
    pair = models.CharField(max_length=40, unique=True, editable=False)
    last_message = models.ForeignKey("Message", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Conversation {self.id}"

    @staticmethod
    def pair_of(one: Member, other: Member) -> str:
        """Return the value of `pair` for these two, in either order."""
        return "-".join(str(member_id) for member_id in sorted((one.pk, other.pk)))

    def get_absolute_url(self) -> str:
        return reverse("messaging:conversation", args=[self.id])


class Participation(models.Model):
    """One member’s side of a conversation. `latest` repeats the id of its last message, to sort the inbox by.

    `unread` counts the other’s messages after `read_up_to`, without what the member has muted.
    """

    id = SnowflakeField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participations")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="participations")
    latest = models.BigIntegerField(default=0)
    unread = models.PositiveIntegerField(default=0)
    read_up_to = models.BigIntegerField(
        default=0, help_text="Id of the last message that the member has seen."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "member"], name="participation_once")]
        indexes = [
            models.Index(fields=["member", "-latest"], name="participation_inbox"),
            models.Index(fields=["member"], name="participation_unread", condition=Q(unread__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.conversation_id}"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, viewer: Member | None) -> Self:
        if viewer is None:
            return self.none()
        return self.filter(conversation__in=Conversation.objects.visible_to(viewer))


class Message(models.Model):
    id = SnowflakeField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="messages")
    text = models.TextField()
    html = models.TextField(help_text="Safe HTML, rendered from the text.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MessageQuerySet.as_manager()

    filtered_word = ""
    """The muted word for which it is hidden behind a warning (messaging.queries.cover)."""

    class Meta:
        indexes = [models.Index(fields=["conversation", "-id"], name="message_newest")]

    def __str__(self) -> str:
        return f"Message {self.id}"
