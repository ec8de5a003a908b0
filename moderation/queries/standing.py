"""How much a member's voice counts where numbers decide, as in trends.

One account is one voice, and a voice grows with the account: a new account counts a fifth, one of less than two weeks
half. So does one from which a moderator removed a post in the last 30 days count like a new one. However many new
accounts there are, together they add at most half of what the others are worth. What hardly anyone but new accounts
carries does not trend before a moderator has looked at it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from moderation.queries.authors import untrusted_ids

KNOWN_AFTER = timedelta(days=14)
RECENT, NEW = 0.5, 0.2
LEAST_VOICES = 2.0
"""With less behind it than two known members, it waits for a look."""


@dataclass(frozen=True)
class Voices:
    """People behind something, by standing."""

    known: int
    recent: int
    new: int

    @property
    def people(self) -> int:
        return self.known + self.recent + self.new

    @property
    def weight(self) -> float:
        """What they count together; at most as many as they are."""
        return self._settled + min(NEW * self.new, self._settled / 2)

    @property
    def needs_look(self) -> bool:
        return self.known == 0 or self._settled < LEAST_VOICES

    @property
    def _settled(self) -> float:
        return self.known + RECENT * self.recent


def known_voice(member: str, now: datetime) -> Q:
    """For an aggregate: of the member at this path ("post__author")."""
    return _vouched_for(member) | (
        Q(**{f"{member}__joined_at__lte": now - KNOWN_AFTER}) & _trusted(member, now)
    )


def recent_voice(member: str, now: datetime) -> Q:
    joined = Q(
        **{
            f"{member}__joined_at__gt": now - KNOWN_AFTER,
            f"{member}__joined_at__lte": now - timedelta(days=settings.NEW_MEMBER_DAYS),
        }
    )
    return joined & _trusted(member, now) & ~_vouched_for(member)


def _vouched_for(member: str) -> Q:
    """Somebody answers for who they are."""
    return (
        Q(**{f"{member}__is_staff": True})
        | Q(**{f"{member}__is_moderator": True})
        | Q(**{f"{member}__is_verified": True})
    )


def _trusted(member: str, now: datetime) -> Q:
    return ~Q(**{f"{member}__in": untrusted_ids(now)})
