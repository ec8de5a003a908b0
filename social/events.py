from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class MemberFollowed(Event):
    """`approved`: the followee let the follower in by hand, and need not be told."""

    follow_id: int
    follower_id: int
    followee_id: int
    approved: bool = False


@dataclass(frozen=True, kw_only=True)
class MemberUnfollowed(Event):
    """The follow has ended: by the follower, the followee or a block."""

    follower_id: int
    followee_id: int


@dataclass(frozen=True, kw_only=True)
class FollowRequested(Event):
    request_id: int
    requester_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class FollowRequestWithdrawn(Event):
    """The request waits no more and nothing came of it: taken back, refused, or ended by a block."""

    requester_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class FollowRequestApproved(Event):
    """Beside MemberFollowed: the requester had to wait for it."""

    requester_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class RequestsApproved(Event):
    """Everybody who asked, up to that request, is let in; those who are still waiting now are next."""

    member_id: int
    up_to_id: int


@dataclass(frozen=True, kw_only=True)
class SuggestionDismissed(Event):
    member_id: int
    dismissed_id: int


@dataclass(frozen=True, kw_only=True)
class PrivacyChanged(Event):
    member_id: int
    is_private: bool


@dataclass(frozen=True, kw_only=True)
class MemberBlocked(Event):
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, kw_only=True)
class MemberUnblocked(Event):
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, kw_only=True)
class MemberMuted(Event):
    """Or muted anew, for another time. The muted member never learns of it."""

    muter_id: int
    muted_id: int


@dataclass(frozen=True, kw_only=True)
class MemberUnmuted(Event):
    muter_id: int
    muted_id: int


@dataclass(frozen=True, kw_only=True)
class WordMuted(Event):
    """Or changed."""

    word_id: int
    member_id: int
