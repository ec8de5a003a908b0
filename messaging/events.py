from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class MessageSent(Event):
    message_id: int
    conversation_id: int
    author_id: int


@dataclass(frozen=True, kw_only=True)
class MessageDeleted(Event):
    message_id: int
    conversation_id: int
