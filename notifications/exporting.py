"""A member’s notifications, for the export of their data (config/exports.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Member
from core.archives import Part, Record, Records
from core.db import in_chunks
from notifications.models import Notification, Preference


def notifications(member: Member) -> Iterator[Part]:
    yield Records("notifications", _("Your notifications"), _notifications(member))
    yield Records("notification_settings", _("Your notification settings"), _preferences(member))


def _notifications(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(Notification.objects.visible_to(member).select_related("actor")):
        for row in chunk:
            yield {
                "kind": row.kind,
                "by": row.actor.username if row.actor else None,
                "post": str(row.post_id) if row.post_id else None,
                "draft": str(row.draft_id) if row.draft_id else None,
                "at": row.created_at,
                "read_at": row.read_at,
            }


def _preferences(member: Member) -> Iterator[Record]:
    for row in Preference.objects.filter(member=member).order_by("kind"):
        yield {"kind": row.kind, "on_the_page": row.in_page, "from": row.from_whom}
