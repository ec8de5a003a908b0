"""Reading the trends that feed.actions.trends computed. What has been hidden since is left out here."""

from dataclasses import dataclass

from django.core.cache import cache
from django.urls import reverse

from accounts.models import Member
from core.words import Phrases
from feed.models import Trend
from posts.models import Post
from posts.muting import exclude_muted_authors, mute_filter_for
from social.queries import MuteAction

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


def trending_tags(limit: int = SHOWN, *, viewer: Member | None = None) -> list[TrendingTag]:
    """The first of the day, without those that the viewer has muted."""
    mute_filter = mute_filter_for(viewer)
    trends = Trend.objects.filter(kind=Trend.Kind.TAG).select_related("tag").order_by("rank")
    tags = [
        TrendingTag(t.tag.label, t.tag.name, t.count)
        for t in (trends if mute_filter.words else trends[:limit])
        if t.tag is not None
        and mute_filter.verdict(f"#{t.tag.label}", 0, "home").action is not MuteAction.HIDE
    ]
    return tags[:limit]


def trending_posts(viewer: Member | None, limit: int = SHOWN) -> list[Post]:
    """The first of the day, without what the viewer has muted."""
    mute_filter = mute_filter_for(viewer)
    posts = Post.objects.visible_to(viewer).filter(state=Post.State.PUBLISHED).with_card_fields()
    ranked = exclude_muted_authors(posts.filter(trend__kind=Trend.Kind.POST), viewer).order_by("trend__rank")
    return mute_filter.apply(ranked if mute_filter.words else ranked[:limit], "home")[:limit]


def tags_beside(viewer: Member | None = None) -> list[TrendingTag]:
    """The first few, for the side column: two reads of the cache, which the scheduled job fills. Not what the viewer
    has muted; a tag that they read again is back within a minute.
    """
    tags: list[TrendingTag] | None = cache.get(BESIDE_KEY)
    if tags is None:
        tags = trending_tags(BESIDE)
        cache.set(BESIDE_KEY, tags, BESIDE_SECONDS)
    muted = _muted_at_home(viewer) if viewer is not None and tags else None
    return [tag for tag in tags if not muted.found_in(f"#{tag.tag}")] if muted else tags


def _muted_at_home(viewer: Member) -> Phrases[str]:
    """The words that the viewer hides at home. Every page asks, so what the database says is kept for a minute."""
    key = muted_key(viewer.pk)
    words: list[str] | None = cache.get(key)
    if words is None:
        words = [
            word.folded
            for word in mute_filter_for(viewer).words
            if word.act == MuteAction.HIDE and word.in_home
        ]
        cache.set(key, words, BESIDE_SECONDS)
    return Phrases((word, word) for word in words)


def muted_key(member_id: int) -> str:
    """Under which the words are kept that a member hides at home."""
    return f"{BESIDE_KEY}.muted.{member_id}"
