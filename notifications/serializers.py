from typing import Any

from rest_framework import serializers

from accounts.serializers import MemberOut
from core.api import Id
from notifications.models import Kind


class NotificationOut(serializers.Serializer[Any]):
    """One line: what some members did about one thing on one day."""

    id = Id(source="latest.id", help_text="Of the newest notification of the line.")
    kind = serializers.ChoiceField(Kind.choices, source="group.kind")
    actors = MemberOut(many=True, help_text="The latest few.")
    total = serializers.IntegerField(help_text="How many members in all.")
    post = Id(source="group.post_id", allow_null=True)
    at = serializers.DateTimeField(source="latest.created_at")
    unread = serializers.BooleanField()


class UnreadOut(serializers.Serializer[Any]):
    unread = serializers.IntegerField(help_text="Counted up to 100.")
