from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Event):
    member_id: int


@dataclass(frozen=True, kw_only=True)
class AccountClosed(Event):
    """By its owner or by staff: nobody sees the account, nor what it did, until it is opened again."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class AccountOpened(Event):
    """A closed account is there again, or one that waited for approval is there for the first time."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class ProfileEdited(Event):
    member_id: int


@dataclass(frozen=True, kw_only=True)
class InterestsChosen(Event):
    member_id: int


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """A session was signed out, here or from the list of sessions; its sockets close."""

    member_id: int
    session_key: str
