"""The best members of the whole community for each subject: a few queries, cached for some minutes."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, QuerySet

from accounts.models import Interest, Member
from accounts.queries import topics
from core.ids import id_at
from posts.models import Post, PostTag

WITHIN = timedelta(days=30)
POOL_SIZE = 60
MAX_TAGS = 300
MAX_MEMBERS = 20_000
"""How many of the most followed members are considered for places and chosen interests."""
CACHE_KEY = "feed.suggestions.candidate_pools"
CACHE_SECONDS = 900
SMALL_COMMUNITY = 200
"""Up to this many members, pools are quick to build and not cached."""


@dataclass
class CandidatePools:
    """Ids of members for each subject, the best first."""

    by_topic: dict[str, list[int]] = field(default_factory=dict)
    by_tag: dict[int, list[int]] = field(default_factory=dict)
    """For hashtags that belong to no topic."""
    tag_labels: dict[int, str] = field(default_factory=dict)
    topic_of_tag: dict[int, str] = field(default_factory=dict)
    by_place: dict[str, list[int]] = field(default_factory=dict)
    popular: list[int] = field(default_factory=list)
    is_small: bool = False
    """Whether the community has no more members than SMALL_COMMUNITY."""


def candidate_pools(now: datetime, *, rebuild: bool = False) -> CandidatePools:
    """Return the cached pools. Those of a small community are built each time, so new members are in them.

    They may contain members who no longer exist, so check before showing them.
    """
    known: CandidatePools | None = None if rebuild else cache.get(CACHE_KEY)
    if known is None:
        known = build_pools(now)
        if not known.is_small:
            cache.set(CACHE_KEY, known, CACHE_SECONDS)
    return known


def build_pools(now: datetime) -> CandidatePools:
    made = CandidatePools()
    members = Member.objects.visible_to(None).filter(is_discoverable=True)
    most_followed = members.order_by("-followers_count", "-id")
    made.popular = list(most_followed.values_list("id", flat=True)[:POOL_SIZE])
    made.is_small = members[: SMALL_COMMUNITY + 1].count() <= SMALL_COMMUNITY
    made.by_place = _by_place(most_followed)
    _add_subjects(made, members, now)
    return made


def _by_place(most_followed: "QuerySet[Member]") -> dict[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    at_places = most_followed.exclude(location="").values_list("id", "location")
    for member_id, location in at_places[:MAX_MEMBERS]:
        if len(places[place := fold_place(location)]) < POOL_SIZE:
            places[place].append(member_id)
    return {place: ids for place, ids in places.items() if place and len(ids) > 1}


def _add_subjects(made: CandidatePools, members: "QuerySet[Member]", now: datetime) -> None:
    """Add who posts publicly about each topic or hashtag, and who chose a topic as an interest."""
    topic_of_name = {tag: topic.key for topic in topics() for tag in topic.tags}
    by_topic: defaultdict[str, Counter[int]] = defaultdict(Counter)
    by_tag: defaultdict[int, Counter[int]] = defaultdict(Counter)
    labels: dict[int, str] = {}
    public = (
        Post.objects.visible_to(None)
        .listed()
        .filter(id__gte=id_at(now - WITHIN, salt=0), author__is_discoverable=True)
    )
    uses = PostTag.objects.filter(post__in=public).values("tag_id", "tag__name", "tag__label")
    counted = uses.annotate(n=Count("id"))
    for tag_id, name, label, author, n in counted.values_list(
        "tag_id", "tag__name", "tag__label", "post__author", "n"
    ):
        if topic := topic_of_name.get(name):
            made.topic_of_tag[tag_id] = topic
            by_topic[topic][author] += min(n, 10)
        else:
            labels[tag_id] = label
            by_tag[tag_id][author] += n
    chosen = Interest.objects.filter(member__in=members).order_by("-member__followers_count", "-member_id")
    for topic, member_id in chosen.values_list("topic", "member_id")[:MAX_MEMBERS]:
        by_topic[topic][member_id] += 3
    made.by_topic = {topic: _best(counts) for topic, counts in by_topic.items()}
    widest = sorted(by_tag, key=lambda tag: (-len(by_tag[tag]), tag))[:MAX_TAGS]
    made.by_tag = {tag: _best(by_tag[tag]) for tag in widest}
    made.tag_labels = {tag: labels[tag] for tag in widest}


def fold_place(location: str) -> str:
    """Return the same for "Lisbon", "lisbon " and "Lisbon, Portugal"."""
    return " ".join(location.partition(",")[0].casefold().split())


def _best(counts: Counter[int]) -> list[int]:
    return sorted(counts, key=lambda member_id: (-counts[member_id], member_id))[:POOL_SIZE]
