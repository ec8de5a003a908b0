from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.serializers import MemberOut
from core.api import Id, Input
from notifications.models import FromWhom, NotificationKind


class NotificationOut(serializers.Serializer[Any]):
    """One entry: what some members did about one thing on one day."""

    id = Id(source="latest.id", help_text="Of the newest notification of the line.")
    kind = serializers.ChoiceField(NotificationKind.choices, source="group.kind")
    actors = MemberOut(
        many=True,
        help_text="The latest few; empty when moderation tells it, and when your own poll has ended.",
    )
    total = serializers.IntegerField(help_text="How many members in all.")
    post = Id(source="group.post_id", allow_null=True)
    decision = Id(
        source="latest.decision_id", allow_null=True, help_text="Of kind decision: see /api/decisions."
    )
    report = Id(source="latest.report_id", allow_null=True, help_text="Of kind report: see /api/reports.")
    draft = Id(
        source="latest.draft_id",
        allow_null=True,
        help_text="Of kind unsent: the scheduled post that couldn’t be sent, see /api/drafts.",
    )
    at = serializers.DateTimeField(source="latest.created_at")
    unread = serializers.BooleanField()


class UnreadOut(serializers.Serializer[Any]):
    unread = serializers.IntegerField(
        help_text="How many arrived since the member last opened their notifications, up to 100."
    )


class PreferenceField(Input):
    in_page = serializers.BooleanField(required=False)
    from_whom = serializers.ChoiceField(FromWhom.choices, required=False)


class PreferencesIn(Input):
    notifications = serializers.DictField(
        child=PreferenceField(), required=False, help_text="By kind: like, reply, mention, follow …"
    )

    def validate_notifications(self, value: dict[str, Any]) -> dict[NotificationKind, Any]:
        unknown = value.keys() - set(NotificationKind.values)
        if unknown:
            raise serializers.ValidationError(
                _("There are no notifications of the kind %(kind)s.") % {"kind": repr(min(unknown))}
            )
        return {NotificationKind(kind): dict(choice) for kind, choice in value.items()}


class PreferencesOut(serializers.Serializer[Any]):
    notifications = serializers.DictField(child=PreferenceField(), help_text="By kind.")
