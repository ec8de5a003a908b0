from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Q, QuerySet

from accounts.models import Member
from posts.models import Post

COUNTS_KEY = "feed.community.counts"
COUNTS_SECONDS = 300


@dataclass(frozen=True, slots=True)
class CommunityCounts:
    members: int
    posts: int


def community_counts() -> CommunityCounts:
    """How many members and public posts there are; up to five minutes old."""
    counts: CommunityCounts | None = cache.get(COUNTS_KEY)
    if counts is None:
        counts = CommunityCounts(
            members=Member.objects.visible_to(None).count(), posts=Post.objects.visible_to(None).count()
        )
        cache.set(COUNTS_KEY, counts, COUNTS_SECONDS)
    return counts


def stewards() -> "QuerySet[Member]":
    """Who runs the place: its administrators and moderators, longest here first."""
    return Member.objects.visible_to(None).filter(Q(is_staff=True) | Q(is_moderator=True)).order_by("id")[:50]
