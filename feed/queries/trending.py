"""Reading the trends that feed.actions.trends computed. What has been hidden since is left out here."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Member
from feed.models import Trend
from posts.models import Post

SHOWN = 10
BESIDE = 5
"""How many tags stand in the side column of every page."""
BESIDE_KEY = "feed.trends.beside"
BESIDE_SECONDS = 60
"""How long a process without a shared cache may show what another has replaced."""


@dataclass(frozen=True, slots=True)
class TrendingTag:
    tag: str
    name: str
    people: int

    @property
    def url(self) -> str:
        return reverse("feed:tag", args=[self.name])


def trending_tags(limit: int = SHOWN) -> list[TrendingTag]:
    trends = Trend.objects.filter(kind=Trend.Kind.TAG).select_related("tag").order_by("rank")[:limit]
    return [TrendingTag(t.tag.label, t.tag.name, t.count) for t in trends if t.tag is not None]


def trending_posts(viewer: Member | None, limit: int = SHOWN) -> "QuerySet[Post]":
    posts = Post.objects.visible_to(viewer).filter(state=Post.State.PUBLISHED).dressed()
    return posts.filter(trend__kind=Trend.Kind.POST).order_by("trend__rank")[:limit]


def tags_beside() -> list[TrendingTag]:
    """The first few, for the side column: one read of the cache, which the scheduled job fills."""
    tags: list[TrendingTag] | None = cache.get(BESIDE_KEY)
    if tags is None:
        tags = trending_tags(BESIDE)
        cache.set(BESIDE_KEY, tags, BESIDE_SECONDS)
    return tags
