from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import ApiView
from core.api import CURSOR, LIMIT, paged
from core.pages import page_size
from notifications.actions import mark_all_read, mark_all_seen, mark_read
from notifications.queries import entries, unseen_count, visible_notification
from notifications.serializers import NotificationOut, UnreadOut

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
        """Return the number of the badge: notifications since the member last opened their notifications."""
        return Response({"unread": unseen_count(self.member)})


class AllSeen(ApiView):
    @extend_schema(operation_id="see_all_notifications", request=None, responses=UnreadOut)
    def post(self, request: Request) -> Response:
        """Clear the badge, when the member opens their notifications. Unread ones stay unread."""
        mark_all_seen(by=self.member)
        return Response({"unread": unseen_count(self.member)})


class AllRead(ApiView):
    @extend_schema(operation_id="read_all_notifications", request=None, responses=UnreadOut)
    def post(self, request: Request) -> Response:
        mark_all_read(by=self.member)
        return Response({"unread": unseen_count(self.member)})


class OneRead(ApiView):
    @extend_schema(operation_id="read_notification", request=None, responses=UnreadOut)
    def post(self, request: Request, notification_id: int) -> Response:
        """Mark a notification and its whole group as read."""
        mark_read(notification=visible_notification(notification_id, viewer=self.member), by=self.member)
        return Response({"unread": unseen_count(self.member)})
