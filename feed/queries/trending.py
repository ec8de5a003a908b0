"""Read the trends that feed.actions.trends computed, without what was hidden since."""

from dataclasses import dataclass

from django.core.cache import cache
from django.urls import reverse

from accounts.models import Member
from core.words import Phrases
from feed.models import Trend
from posts.models import Post
from posts.muting import exclude_muted_authors, mute_filter_for
from social.queries import MuteAction

TRENDS_LIMIT = 10
SIDEBAR_LIMIT = 5
"""How many hashtags the sidebar of every page shows."""
SIDEBAR_KEY = "feed.trends.sidebar"
SIDEBAR_SECONDS = 60
"""How long a process without a shared cache may show what another has replaced."""


@dataclass(frozen=True, slots=True)
class TrendingTag:
    tag: str
    name: str
    people: int

    @property
    def url(self) -> str:
        return reverse("feed:tag", args=[self.name])


def trending_tags(limit: int = TRENDS_LIMIT, *, viewer: Member | None = None) -> list[TrendingTag]:
    """Return the first trending hashtags, without those that the viewer has muted."""
    mute_filter = mute_filter_for(viewer)
    trends = Trend.objects.filter(kind=Trend.Kind.TAG).select_related("tag").order_by("rank")
    tags = [
        TrendingTag(t.tag.label, t.tag.name, t.count)
        for t in (trends if mute_filter.words else trends[:limit])
        if t.tag is not None
        and mute_filter.verdict(f"#{t.tag.label}", 0, "home").action is not MuteAction.HIDE
    ]
    return tags[:limit]


def trending_posts(viewer: Member | None, limit: int = TRENDS_LIMIT) -> list[Post]:
    """Return the first trending posts, without those that the viewer has muted."""
    mute_filter = mute_filter_for(viewer)
    posts = Post.objects.visible_to(viewer).listed().filter(state=Post.State.PUBLISHED).with_card_fields()
    ranked = exclude_muted_authors(posts.filter(trend__kind=Trend.Kind.POST), viewer).order_by("trend__rank")
    return mute_filter.apply(ranked if mute_filter.words else ranked[:limit], "home")[:limit]


def sidebar_tags(viewer: Member | None = None) -> list[TrendingTag]:
    """Return the hashtags of the sidebar, without those that the viewer has muted. It takes two reads of the cache.

    A hashtag that is no longer muted is back within a minute.
    """
    tags: list[TrendingTag] | None = cache.get(SIDEBAR_KEY)
    if tags is None:
        tags = trending_tags(SIDEBAR_LIMIT)
        cache.set(SIDEBAR_KEY, tags, SIDEBAR_SECONDS)
    muted = _muted_at_home(viewer) if viewer is not None and tags else None
    return [tag for tag in tags if not muted.found_in(f"#{tag.tag}")] if muted else tags


def _muted_at_home(viewer: Member) -> Phrases[str]:
    """Return the words that the viewer hides in the home feed, cached for a minute because every page asks."""
    key = sidebar_muted_key(viewer.pk)
    words: list[str] | None = cache.get(key)
    if words is None:
        words = [
            word.folded
            for word in mute_filter_for(viewer).words
            if word.act == MuteAction.HIDE and word.in_home
        ]
        cache.set(key, words, SIDEBAR_SECONDS)
    return Phrases((word, word) for word in words)


def sidebar_muted_key(member_id: int) -> str:
    """Return the cache key of the words that a member hides in the home feed."""
    return f"{SIDEBAR_KEY}.muted.{member_id}"
