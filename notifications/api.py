from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions import choose_language, choose_privacy, choose_theme
from accounts.languages import chosen_language
from accounts.models import Member
from core.api import CURSOR, LIMIT, ApiView, paged
from core.pages import page_size
from notifications.actions import choose_preference, mark_all_read, mark_read
from notifications.queries import entries, preferences_of, unread_count, visible_notification
from notifications.serializers import NotificationOut, SettingsIn, SettingsOut, UnreadOut
from social.actions import set_private

CONVERSATIONS = OpenApiParameter("in", str, enum=["mentions"], description="Only replies and mentions.")


class Notifications(ApiView):
    @extend_schema(
        operation_id="notifications",
        responses=paged("Notification", NotificationOut),
        parameters=[CURSOR, LIMIT, CONVERSATIONS],
    )
    def get(self, request: Request) -> Response:
        """List notifications, newest first, grouped where they belong together."""
        page = entries(
            self.member,
            conversations=request.GET.get("in") == "mentions",
            cursor=request.GET.get("cursor"),
            size=page_size(request.GET.get("limit")),
        )
        return self.page(page, NotificationOut(page.items, many=True).data)


class Unread(ApiView):
    @extend_schema(operation_id="unread_notifications", responses=UnreadOut)
    def get(self, request: Request) -> Response:
        return Response({"unread": unread_count(self.member)})


class AllRead(ApiView):
    @extend_schema(operation_id="read_all_notifications", request=None, responses=UnreadOut)
    def post(self, request: Request) -> Response:
        mark_all_read(by=self.member)
        return Response({"unread": unread_count(self.member)})


class OneRead(ApiView):
    @extend_schema(operation_id="read_notification", request=None, responses=UnreadOut)
    def post(self, request: Request, notification_id: int) -> Response:
        """Mark a notification and its whole group as read."""
        mark_read(notification=visible_notification(notification_id, viewer=self.member), by=self.member)
        return Response({"unread": unread_count(self.member)})


class Settings(ApiView):
    """How the member wants to be read, written to, found, told and spoken to. Here, because it is about everything
    below.
    """

    @extend_schema(operation_id="settings", responses=SettingsOut)
    def get(self, request: Request) -> Response:
        return self._shown(self.member)

    @extend_schema(operation_id="edit_settings", request=SettingsIn, responses=SettingsOut)
    def patch(self, request: Request) -> Response:
        """Update the given settings. Making an account public approves all pending requests."""
        member = self.member
        given = self.checked(SettingsIn)
        choose_privacy(by=member, may_write=given.get("may_write"), discoverable=given.get("discoverable"))
        if "theme" in given:
            choose_theme(by=member, theme=given["theme"])
        if "language" in given:
            choose_language(by=member, language=given["language"])
        for kind, choice in given.get("notifications", {}).items():
            choose_preference(by=member, kind=kind, **choice)
        if "private" in given:
            set_private(by=member, private=given["private"])
        return self._shown(member)

    def _shown(self, member: Member) -> Response:
        preferences = {
            each.kind: {"in_page": each.in_page, "from_whom": each.from_whom}
            for each in preferences_of(member)
        }
        shown = {"member": member, "language": chosen_language(member), "notifications": preferences}
        return Response(SettingsOut(shown).data)
