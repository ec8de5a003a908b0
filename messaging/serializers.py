from typing import Any

from rest_framework import serializers

from accounts.serializers import MemberOut
from core.api import Id
from messaging.models import Message


class MessageOut(serializers.ModelSerializer[Message]):
    id = Id(read_only=True)
    conversation = Id(source="conversation_id", read_only=True)
    author = Id(source="author_id", read_only=True)

    class Meta:
        model = Message
        fields = ("id", "conversation", "author", "text", "html", "created_at")


class MessageIn(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False)


class ConversationOut(serializers.Serializer[Any]):
    id = Id(source="conversation.id")
    other = MemberOut(help_text="Whom one talks with.")
    last = MessageOut(allow_null=True)
    unread = serializers.IntegerField()
