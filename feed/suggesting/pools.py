"""The best of the community for each subject: a few queries for everybody, kept for some minutes."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count

from accounts.models import Interest, Member
from accounts.queries import topics
from core.ids import id_at
from posts.models import Post, PostTag

WITHIN = timedelta(days=30)
OF_A_SUBJECT = 60
MOST_TAGS = 300
MOST_PEOPLE = 20_000
"""As many of the most followed are looked at for places and chosen interests, however large the community."""
KEY = "feed.suggestions.pools"
SECONDS = 900
FEW = 200
"""In a community this small everybody matters and all are soon gone through: its pools are not kept."""


@dataclass
class Pools:
    """Ids of members, the best first."""

    by_topic: dict[str, list[int]] = field(default_factory=dict)
    by_tag: dict[int, list[int]] = field(default_factory=dict)
    """Of tags that belong to no topic."""
    tag_labels: dict[int, str] = field(default_factory=dict)
    topic_of_tag: dict[int, str] = field(default_factory=dict)
    by_place: dict[str, list[int]] = field(default_factory=dict)
    popular: list[int] = field(default_factory=list)
    of_few: bool = False
    """Whether the whole community is no more than FEW."""


def pools(now: datetime, *, anew: bool = False) -> Pools:
    """The pools of the last minutes; of a small community, of this moment, so that who joined a minute ago is met.

    They may name members who are gone: whoever uses them looks.
    """
    known: Pools | None = None if anew else cache.get(KEY)
    if known is None:
        known = make_pools(now)
        if not known.of_few:
            cache.set(KEY, known, SECONDS)
    return known


def make_pools(now: datetime) -> Pools:
    made = Pools()
    people = Member.objects.visible_to(None).filter(is_discoverable=True)
    most_followed = people.order_by("-followers_count", "-id")
    made.popular = list(most_followed.values_list("id", flat=True)[:OF_A_SUBJECT])
    made.of_few = people[: FEW + 1].count() <= FEW

    places: defaultdict[str, list[int]] = defaultdict(list)
    at_places = most_followed.exclude(location="").values_list("id", "location")
    for member_id, location in at_places[:MOST_PEOPLE]:
        if len(places[place := fold_place(location)]) < OF_A_SUBJECT:
            places[place].append(member_id)
    made.by_place = {place: ids for place, ids in places.items() if place and len(ids) > 1}

    topic_of_name = {tag: topic.key for topic in topics() for tag in topic.tags}
    by_topic: defaultdict[str, Counter[int]] = defaultdict(Counter)
    by_tag: defaultdict[int, Counter[int]] = defaultdict(Counter)
    public = Post.objects.visible_to(None).filter(
        id__gte=id_at(now - WITHIN, salt=0), author__is_discoverable=True
    )
    uses = PostTag.objects.filter(post__in=public).values("tag_id", "tag__name", "tag__label")
    for row in uses.annotate(n=Count("id")).values_list(
        "tag_id", "tag__name", "tag__label", "post__author", "n"
    ):
        tag_id, name, label, author, n = row
        if topic := topic_of_name.get(name):
            made.topic_of_tag[tag_id] = topic
            by_topic[topic][author] += min(n, 10)
        else:
            made.tag_labels[tag_id] = label
            by_tag[tag_id][author] += n
    chosen = Interest.objects.filter(member__in=people).order_by("-member__followers_count", "-member_id")
    for topic, member_id in chosen.values_list("topic", "member_id")[:MOST_PEOPLE]:
        by_topic[topic][member_id] += 3
    made.by_topic = {topic: _best(counts) for topic, counts in by_topic.items()}
    widest = sorted(by_tag, key=lambda tag: (-len(by_tag[tag]), tag))[:MOST_TAGS]
    made.by_tag = {tag: _best(by_tag[tag]) for tag in widest}
    made.tag_labels = {tag: made.tag_labels[tag] for tag in widest}
    return made


def fold_place(location: str) -> str:
    """The same for "Lisbon", "lisbon " and "Lisbon, Portugal"."""
    return " ".join(location.partition(",")[0].casefold().split())


def _best(counts: Counter[int]) -> list[int]:
    return sorted(counts, key=lambda member_id: (-counts[member_id], member_id))[:OF_A_SUBJECT]
