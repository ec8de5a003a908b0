from collections.abc import Mapping, Sequence

from django.utils import timezone

from accounts.models import Member
from core.consumers import Stream
from core.ids import id_at
from core.streams import Fact
from messaging.queries import unread_messages
from notifications.actions import created_fact
from notifications.queries import missed_since, unseen_count


class MemberStream(Stream[Member]):
    """member.<id>: what concerns one member alone, for that member's eyes only."""

    def catch_up(
        self, viewer: Member | None, keys: Sequence[str], after: int | None
    ) -> Mapping[str, Sequence[Fact]]:
        if viewer is None or str(viewer.pk) not in keys:
            return {}
        # From `as_of` on the page knows everything; with it in `after` it asks for what comes later.
        as_of = id_at(timezone.now(), salt=0)
        unread = unseen_count(viewer)
        counted = {"type": "notification.counted", "unread": unread, "as_of": str(as_of)}
        facts: list[Fact] = [counted | {"messages": unread_messages(viewer)}]
        if after is not None and unread:
            facts += [created_fact(missed, unread) for missed in missed_since(viewer, after)]
        return {str(viewer.pk): facts}
