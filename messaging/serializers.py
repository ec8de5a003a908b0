from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import MemberOut
from core.api import FilteredOut, Id, Input
from messaging.models import Message


class MessageOut(serializers.ModelSerializer[Message]):
    id = Id(read_only=True)
    conversation = Id(source="conversation_id", read_only=True)
    author = Id(source="author_id", read_only=True)
    filtered = serializers.SerializerMethodField(
        help_text="The muted word for which the message is to be covered, or null."
    )

    class Meta:
        model = Message
        fields = ("id", "conversation", "author", "text", "html", "created_at", "filtered")

    @extend_schema_field(FilteredOut(allow_null=True))
    def get_filtered(self, message: Message) -> dict[str, str] | None:
        return {"word": message.filtered_word} if message.filtered_word else None


class MessageIn(Input):
    text = serializers.CharField(trim_whitespace=False)


class ReadIn(Input):
    up_to = Id(required=False, help_text="Id of the last message that was seen; everything, when left out.")


class ConversationOut(serializers.Serializer[Any]):
    id = Id(source="conversation.id")
    other = MemberOut(help_text="Whom one talks with.")
    last = MessageOut(allow_null=True)
    unread = serializers.IntegerField()
