from collections.abc import Mapping, Sequence

from django.utils import timezone

from accounts.models import Member
from core.consumers import Stream
from core.ids import id_at
from core.streams import LiveMessage
from messaging.queries import unread_messages
from notifications.actions import created_message
from notifications.queries import missed_since, unseen_count


class MemberStream(Stream[Member]):
    """Stream `member.<id>`: messages for that member only."""

    def catch_up(
        self, viewer: Member | None, keys: Sequence[str], after: int | None
    ) -> Mapping[str, Sequence[LiveMessage]]:
        if viewer is None or str(viewer.pk) not in keys:
            return {}
        # The client knows everything up to `as_of`, and sends it as `after` when it reconnects.
        as_of = id_at(timezone.now(), salt=0)
        unread = unseen_count(viewer)
        counted = {"type": "notification.counted", "unread": unread, "as_of": str(as_of)}
        messages: list[LiveMessage] = [counted | {"messages": unread_messages(viewer)}]
        if after is not None and unread:
            messages += [created_message(missed, unread) for missed in missed_since(viewer, after)]
        return {str(viewer.pk): messages}
