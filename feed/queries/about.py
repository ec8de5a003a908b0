from dataclasses import dataclass
from typing import Any

from django.conf import settings
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
    """Return how many members and public posts there are, up to five minutes old."""
    counts: CommunityCounts | None = cache.get(COUNTS_KEY)
    if counts is None:
        counts = CommunityCounts(
            members=Member.objects.visible_to(None).count(),
            posts=Post.objects.visible_to(None).listed().count(),
        )
        cache.set(COUNTS_KEY, counts, COUNTS_SECONDS)
    return counts


@dataclass(frozen=True, slots=True)
class Instance:
    """The site as a whole: its name, who runs it, its rules."""

    name: str
    tagline: str
    url: str
    operator: str
    contact_email: str
    rules: list[dict[str, Any]]
    stewards: "QuerySet[Member]"
    counts: CommunityCounts


def instance() -> Instance:
    return Instance(
        name=settings.SITE_NAME,
        tagline=str(settings.SITE_TAGLINE),
        url=settings.SITE_URL,
        operator=settings.SITE_OPERATOR,
        contact_email=settings.CONTACT_EMAIL,
        rules=settings.COMMUNITY_RULES,
        stewards=stewards(),
        counts=community_counts(),
    )


def stewards() -> "QuerySet[Member]":
    """Return who runs the site: its admins and moderators, longest members first."""
    return Member.objects.visible_to(None).filter(Q(is_staff=True) | Q(is_moderator=True)).order_by("id")[:50]
