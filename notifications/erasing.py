"""Deletes a member’s notifications, and others’ notifications about them (config/erasures.py)."""

from django.db import transaction

from core.db import delete_some
from notifications.models import Notification, NotificationGroup


def forget_notifications(member_id: int) -> int:
    for rows in (
        Notification.objects.filter(member_id=member_id),
        Notification.objects.filter(actor_id=member_id),
        Notification.objects.filter(post__author_id=member_id),
    ):
        with transaction.atomic():
            groups = list(rows.order_by("pk").values_list("group_id", flat=True)[:500])
            if gone := delete_some(rows, 500):
                NotificationGroup.objects.filter(pk__in=groups, notifications=None).delete()
                return gone
    return delete_some(NotificationGroup.objects.filter(member_id=member_id)) or delete_some(
        NotificationGroup.objects.filter(post__author_id=member_id)
    )
