from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class MemberFollowed(Event):
    """`approved`: the followee approved a request, so they aren't notified."""

    follow_id: int
    follower_id: int
    followee_id: int
    approved: bool = False


@dataclass(frozen=True, kw_only=True)
class MemberUnfollowed(Event):
    """The follow was ended by the follower, the followee or a block."""

    follower_id: int
    followee_id: int


@dataclass(frozen=True, kw_only=True)
class FollowRequested(Event):
    request_id: int
    requester_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class FollowRequestWithdrawn(Event):
    """The request was cancelled, declined, or ended by a block."""

    requester_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class FollowRequestApproved(Event):
    """Emitted in addition to MemberFollowed: the follow began as a request."""

    requester_id: int
    member_id: int


@dataclass(frozen=True, kw_only=True)
class RequestsApproved(Event):
    """A batch of requests up to that id was approved; the next batch is to follow."""

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
    """Muted, or an existing mute was changed. The muted member isn't notified."""

    muter_id: int
    muted_id: int


@dataclass(frozen=True, kw_only=True)
class MemberUnmuted(Event):
    muter_id: int
    muted_id: int


@dataclass(frozen=True, kw_only=True)
class WordMuted(Event):
    """Muted, or an existing muted word was changed."""

    word_id: int
    member_id: int
