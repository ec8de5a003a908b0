from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Event):
    member_id: int


@dataclass(frozen=True, kw_only=True)
class AccountClosed(Event):
    """Closed by its owner or by staff: the account and what it did are hidden until it is opened again."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class AccountOpened(Event):
    """A closed account was restored, or a sign-up request was approved."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class ProfileEdited(Event):
    member_id: int


@dataclass(frozen=True, kw_only=True)
class InterestsChosen(Event):
    member_id: int


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """A session was signed out, so its sockets must close."""

    member_id: int
    session_key: str
