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


@dataclass(frozen=True, kw_only=True)
class DeletionRequested(Event):
    """The member has closed their account; it is erased when the days of grace are over."""

    member_id: int


@dataclass(frozen=True, kw_only=True)
class ExportRequested(Event):
    """A member waits for a copy of everything of theirs."""

    export_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class ImportRequested(Event):
    """A member has brought a list along, whose rows wait to be done."""

    import_id: int
    member_id: int
