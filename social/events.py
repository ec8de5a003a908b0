from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class MemberFollowed(Event):
    follow_id: int
    follower_id: int
    followee_id: int


@dataclass(frozen=True, kw_only=True)
class MemberUnfollowed(Event):
    follower_id: int
    followee_id: int
