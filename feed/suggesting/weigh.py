"""What a member may be suggested, weighed: for a chunk of members in a fixed number of queries."""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import Block, Interest, Member
from core.ids import id_at
from feed.models import Suggestion
from feed.suggesting.pools import WITHIN, Pools, fold_place
from posts.models import Like, Post, PostTag
from social.models import Dismissal, Follow, FollowRequest, Mute

Reason = Suggestion.Reason
KEPT = 30
FRIENDS = 300
"""As many of those whom one follows, the last first, are asked whom they follow."""
TOO_MANY = 1000
"""Who follows more than that recommends nobody."""
CHOSEN = 5
"""What a chosen interest weighs beside one use or like of a tag."""
SIMULATED = 0.4
"""Personas may be suggested, but people come first."""


@dataclass(frozen=True, slots=True)
class Weighed:
    suggested_id: int
    reason: str
    detail: str
    score: float


def weigh(members: Collection[Member], pools: Pools, *, now: datetime) -> dict[int, list[Weighed]]:
    """For each of these members the best suggestions, best first."""
    ids = [member.pk for member in members]
    follows = _follows(ids)
    friends_of = _follows_of_friends(ids)
    barred = _barred(ids)
    tastes = _tastes(ids, pools, now)
    best: dict[int, list[Weighed]] = {}
    for member in members:
        never = {member.pk, *follows[member.pk], *barred[member.pk]}
        parts: defaultdict[int, list[tuple[float, str, str]]] = defaultdict(list)
        for found in (
            _friends_of_friends(follows[member.pk], friends_of),
            _like_minded(tastes[member.pk], pools),
            _neighbours(member.location, pools),
            _popular(pools),
        ):
            for suggested, worth, reason, detail in found:
                if suggested not in never:
                    parts[suggested].append((worth, reason, detail))
        best[member.pk] = heapq.nlargest(
            # Some will turn out to be gone, and some to be simulated.
            2 * KEPT,
            (_sum(suggested, found) for suggested, found in parts.items()),
            key=lambda weighed: (weighed.score, weighed.suggested_id),
        )
    return _of_people_who_are_here(best)


def _sum(suggested: int, parts: list[tuple[float, str, str]]) -> Weighed:
    """All reasons count, the strongest is told."""
    _, reason, detail = max(parts)
    return Weighed(suggested, reason, detail, round(sum(worth for worth, _, _ in parts), 4))


def _of_people_who_are_here(best: dict[int, list[Weighed]]) -> dict[int, list[Weighed]]:
    ids = {weighed.suggested_id for found in best.values() for weighed in found}
    here = Member.objects.visible_to(None).filter(pk__in=ids, is_discoverable=True)
    simulated: dict[int, bool] = dict(here.values_list("id", "is_simulated"))
    kept: dict[int, list[Weighed]] = {}
    for member_id, found in best.items():
        present = [
            Weighed(w.suggested_id, w.reason, w.detail, w.score * SIMULATED)
            if simulated[w.suggested_id]
            else w
            for w in found
            if w.suggested_id in simulated
        ]
        kept[member_id] = sorted(present, key=lambda w: (-w.score, -w.suggested_id))[:KEPT]
    return kept


# --- Sources: (whom, what it is worth, reason, detail) --------------------------------------------------------

Found = Iterator[tuple[int, float, str, str]]


def _friends_of_friends(followed: list[int], friends_of: dict[int, list[int]]) -> Found:
    """A friend who follows few says more by each (Adamic and Adar)."""
    weights: defaultdict[int, float] = defaultdict(float)
    for friend in followed[:FRIENDS]:
        theirs = friends_of.get(friend, ())
        weight = 1 / math.log2(2 + len(theirs))
        for suggested in theirs:
            weights[suggested] += weight
    for suggested, weight in weights.items():
        yield suggested, 1 + 2 * weight / (weight + 1), Reason.FOLLOWED, ""


def _like_minded(taste: Counter[str | int], pools: Pools) -> Found:
    total = sum(taste.values())
    for subject, weight in taste.items():
        if isinstance(subject, str):
            ids, detail = pools.by_topic.get(subject, []), f"topic:{subject}"
        else:
            ids, detail = pools.by_tag.get(subject, []), f"tag:{pools.tag_labels.get(subject, '')}"
        for rank, suggested in enumerate(ids):
            yield suggested, (0.5 + weight / total) * _by_rank(rank), Reason.INTERESTS, detail


def _neighbours(location: str, pools: Pools) -> Found:
    label = " ".join(location.partition(",")[0].split())
    for rank, suggested in enumerate(pools.by_place.get(fold_place(location), [])):
        yield suggested, 0.5 * _by_rank(rank), Reason.NEARBY, label


def _popular(pools: Pools) -> Found:
    for rank, suggested in enumerate(pools.popular):
        yield suggested, 0.3 * _by_rank(rank), Reason.POPULAR, ""


def _by_rank(rank: int) -> float:
    """1 for the first of a pool, falling to a half."""
    return 0.5 + 0.5 / (1 + rank / 10)


# --- What is known of a chunk of members, one query each -----------------------------------------------------


def _follows(ids: Collection[int]) -> defaultdict[int, list[int]]:
    """Whom each follows, the last first."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = Follow.objects.filter(follower__in=ids).order_by("-id")
    for follower, followee in rows.values_list("follower_id", "followee_id"):
        found[follower].append(followee)
    return found


def _follows_of_friends(ids: Collection[int]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    friends = Member.objects.visible_to(None).filter(
        following_count__lte=TOO_MANY, pk__in=Follow.objects.filter(follower__in=ids).values("followee")
    )
    rows = Follow.objects.filter(
        follower__in=friends, followee__in=Member.objects.visible_to(None)
    ).order_by()
    for follower, followee in rows.values_list("follower_id", "followee_id").iterator(chunk_size=5000):
        found[follower].append(followee)
    return found


def _barred(ids: Collection[int]) -> defaultdict[int, set[int]]:
    """Who must not be suggested to whom, follows apart."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in (
        *FollowRequest.objects.filter(requester__in=ids).values_list("requester_id", "member_id"),
        *Mute.objects.active().filter(muter__in=ids).values_list("muter_id", "muted_id"),
        *Dismissal.objects.filter(member__in=ids).values_list("member_id", "dismissed_id"),
    ):
        found[one].add(other)
    blocks = Block.objects.filter(Q(blocker__in=ids) | Q(blocked__in=ids))
    for one, other in blocks.values_list("blocker_id", "blocked_id"):
        found[one].add(other)
        found[other].add(one)
    return found


def _tastes(ids: Collection[int], pools: Pools, now: datetime) -> defaultdict[int, Counter[str | int]]:
    """What each cares for, by topic (a key) or tag (an id): chosen, written about, liked."""
    found: defaultdict[int, Counter[str | int]] = defaultdict(Counter)
    since = id_at(now - WITHIN, salt=0)
    written = PostTag.objects.filter(post__author__in=ids, post__gte=since)
    # Liked, and still there for everybody: what is hidden now has no say in whom one is shown.
    public = Exists(Post.objects.visible_to(None).filter(pk=OuterRef("post_id")))
    liked = Like.objects.filter(public, member__in=ids, id__gte=since, post__tags__isnull=False)
    for member_id, tag_id, n in (
        *written.values_list("post__author", "tag_id").annotate(n=Count("id")),
        *liked.values_list("member_id", "post__tags__tag_id").annotate(n=Count("id")),
    ):
        found[member_id][pools.topic_of_tag.get(tag_id, tag_id)] += n
    for member_id, topic in Interest.objects.filter(member__in=ids).values_list("member_id", "topic"):
        found[member_id][topic] += CHOSEN
    return found
