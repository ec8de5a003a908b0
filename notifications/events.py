from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class Notified(Event):
    """A member has something new to look at."""

    notification_id: int
    member_id: int
