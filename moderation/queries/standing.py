"""How much a member counts where numbers decide, as in trends.

An account counts more as it gets older: a new one counts a fifth, one younger than two weeks half. An account from
which a moderator removed a post in the last 30 days counts like a new one. All new accounts together add at most half
of what the others are worth. What is shared almost only by new accounts doesn't trend until a moderator allows it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from moderation.queries.authors import untrusted_ids

KNOWN_AFTER = timedelta(days=14)
RECENT, NEW = 0.5, 0.2
MIN_WEIGHT = 2.0
"""Below this weight, which is that of two known members, something needs review before it trends."""


@dataclass(frozen=True)
class Supporters:
    """How many people share something, by standing."""

    known: int
    recent: int
    new: int

    @property
    def people(self) -> int:
        return self.known + self.recent + self.new

    @property
    def weight(self) -> float:
        """What they count together; at most their number."""
        return self._settled + min(NEW * self.new, self._settled / 2)

    @property
    def needs_review(self) -> bool:
        return self.known == 0 or self._settled < MIN_WEIGHT

    @property
    def _settled(self) -> float:
        return self.known + RECENT * self.recent


def is_known_supporter(member: str, now: datetime) -> Q:
    """Return a filter for an aggregate, for the member at this path (such as "post__author")."""
    return _exempt(member) | (Q(**{f"{member}__joined_at__lte": now - KNOWN_AFTER}) & _trusted(member, now))


def is_recent_supporter(member: str, now: datetime) -> Q:
    joined = Q(
        **{
            f"{member}__joined_at__gt": now - KNOWN_AFTER,
            f"{member}__joined_at__lte": now - timedelta(days=settings.NEW_MEMBER_DAYS),
        }
    )
    return joined & _trusted(member, now) & ~_exempt(member)


def _exempt(member: str) -> Q:
    """Staff, moderators and verified members count fully from the start."""
    return (
        Q(**{f"{member}__is_staff": True})
        | Q(**{f"{member}__is_moderator": True})
        | Q(**{f"{member}__is_verified": True})
    )


def _trusted(member: str, now: datetime) -> Q:
    return ~Q(**{f"{member}__in": untrusted_ids(now)})
