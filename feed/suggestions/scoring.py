"""Score whom a member may want to follow: for a chunk of members in a fixed number of queries."""

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
from feed.suggestions.pools import WITHIN, CandidatePools, fold_place
from posts.models import Like, Post, PostTag
from social.models import Dismissal, Follow, FollowRequest, Mute

Reason = Suggestion.Reason
MAX_SUGGESTIONS = 30
MAX_FRIENDS = 300
"""Of how many followees, the latest first, the follows are considered."""
MAX_FOLLOWING_OF_FRIEND = 1000
"""Followees who follow more members than this recommend no one."""
CHOSEN_WEIGHT = 5
"""How much a chosen interest weighs, compared with one use or like of a hashtag."""
SIMULATED_FACTOR = 0.4
"""The factor for simulated members, so that people come first."""


@dataclass(frozen=True, slots=True)
class ScoredSuggestion:
    suggested_id: int
    reason: str
    detail: str
    score: float


def score_suggestions(
    members: Collection[Member], pools: CandidatePools, *, now: datetime
) -> dict[int, list[ScoredSuggestion]]:
    """Return the best suggestions for each of these members, best first."""
    ids = [member.pk for member in members]
    follows = _follows(ids)
    friends_of = _follows_of_friends(ids)
    excluded = _excluded(ids)
    interests = _interests(ids, pools, now)
    best: dict[int, list[ScoredSuggestion]] = {}
    for member in members:
        never = {member.pk, *follows[member.pk], *excluded[member.pk]}
        parts: defaultdict[int, list[tuple[float, str, str]]] = defaultdict(list)
        for found in (
            _friends_of_friends(follows[member.pk], friends_of),
            _shared_interests(interests[member.pk], pools),
            _nearby(member.location, pools),
            _popular(pools),
        ):
            for suggested, worth, reason, detail in found:
                if suggested not in never:
                    parts[suggested].append((worth, reason, detail))
        best[member.pk] = heapq.nlargest(
            # Twice as many, because some will be left out and some are simulated.
            2 * MAX_SUGGESTIONS,
            (_sum(suggested, found) for suggested, found in parts.items()),
            key=lambda weighed: (weighed.score, weighed.suggested_id),
        )
    return _visible(best)


def _sum(suggested: int, parts: list[tuple[float, str, str]]) -> ScoredSuggestion:
    """Sum up all reasons, and keep the strongest as the reason to show."""
    _, reason, detail = max(parts)
    return ScoredSuggestion(suggested, reason, detail, round(sum(worth for worth, _, _ in parts), 4))


def _visible(best: dict[int, list[ScoredSuggestion]]) -> dict[int, list[ScoredSuggestion]]:
    ids = {weighed.suggested_id for found in best.values() for weighed in found}
    here = Member.objects.visible_to(None).filter(pk__in=ids, is_discoverable=True)
    simulated: dict[int, bool] = dict(here.values_list("id", "is_simulated"))
    kept: dict[int, list[ScoredSuggestion]] = {}
    for member_id, found in best.items():
        present = [
            ScoredSuggestion(w.suggested_id, w.reason, w.detail, w.score * SIMULATED_FACTOR)
            if simulated[w.suggested_id]
            else w
            for w in found
            if w.suggested_id in simulated
        ]
        kept[member_id] = sorted(present, key=lambda w: (-w.score, -w.suggested_id))[:MAX_SUGGESTIONS]
    return kept


# --- Sources: (whom, what it is worth, reason, detail) --------------------------------------------------------

Candidates = Iterator[tuple[int, float, str, str]]


def _friends_of_friends(followed: list[int], friends_of: dict[int, list[int]]) -> Candidates:
    """Find followees of followees. One who follows few members counts for more (Adamic and Adar)."""
    weights: defaultdict[int, float] = defaultdict(float)
    for friend in followed[:MAX_FRIENDS]:
        theirs = friends_of.get(friend, ())
        weight = 1 / math.log2(2 + len(theirs))
        for suggested in theirs:
            weights[suggested] += weight
    for suggested, weight in weights.items():
        yield suggested, 1 + 2 * weight / (weight + 1), Reason.FOLLOWED, ""


def _shared_interests(taste: Counter[str | int], pools: CandidatePools) -> Candidates:
    total = sum(taste.values())
    for subject, weight in taste.items():
        if isinstance(subject, str):
            ids, detail = pools.by_topic.get(subject, []), f"topic:{subject}"
        else:
            ids, detail = pools.by_tag.get(subject, []), f"tag:{pools.tag_labels.get(subject, '')}"
        for rank, suggested in enumerate(ids):
            yield suggested, (0.5 + weight / total) * _by_rank(rank), Reason.INTERESTS, detail


def _nearby(location: str, pools: CandidatePools) -> Candidates:
    label = " ".join(location.partition(",")[0].split())
    for rank, suggested in enumerate(pools.by_place.get(fold_place(location), [])):
        yield suggested, 0.5 * _by_rank(rank), Reason.NEARBY, label


def _popular(pools: CandidatePools) -> Candidates:
    for rank, suggested in enumerate(pools.popular):
        yield suggested, 0.3 * _by_rank(rank), Reason.POPULAR, ""


def _by_rank(rank: int) -> float:
    """Return 1 for the first of a pool, falling to a half."""
    return 0.5 + 0.5 / (1 + rank / 10)


# --- What is known about a chunk of members, one query each ---------------------------------------------------


def _follows(ids: Collection[int]) -> defaultdict[int, list[int]]:
    """Return whom each follows, the latest first."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = Follow.objects.filter(follower__in=ids).order_by("-id")
    for follower, followee in rows.values_list("follower_id", "followee_id"):
        found[follower].append(followee)
    return found


def _follows_of_friends(ids: Collection[int]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    friends = Member.objects.visible_to(None).filter(
        following_count__lte=MAX_FOLLOWING_OF_FRIEND,
        pk__in=Follow.objects.filter(follower__in=ids).values("followee"),
    )
    rows = Follow.objects.filter(
        follower__in=friends, followee__in=Member.objects.visible_to(None)
    ).order_by()
    for follower, followee in rows.values_list("follower_id", "followee_id").iterator(chunk_size=5000):
        found[follower].append(followee)
    return found


def _excluded(ids: Collection[int]) -> defaultdict[int, set[int]]:
    """Return who must not be suggested to whom, apart from followees."""
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


def _interests(
    ids: Collection[int], pools: CandidatePools, now: datetime
) -> defaultdict[int, Counter[str | int]]:
    """Return what each is interested in, by topic (a key) or hashtag (an id): chosen, posted about, liked."""
    found: defaultdict[int, Counter[str | int]] = defaultdict(Counter)
    since = id_at(now - WITHIN, salt=0)
    written = PostTag.objects.filter(post__author__in=ids, post__gte=since)
    # Only likes of what everyone can see: hidden posts must not influence suggestions.
    public = Exists(Post.objects.visible_to(None).filter(pk=OuterRef("post_id")))
    liked = Like.objects.filter(public, member__in=ids, id__gte=since, post__tags__isnull=False)
    for member_id, tag_id, n in (
        *written.values_list("post__author", "tag_id").annotate(n=Count("id")),
        *liked.values_list("member_id", "post__tags__tag_id").annotate(n=Count("id")),
    ):
        found[member_id][pools.topic_of_tag.get(tag_id, tag_id)] += n
    for member_id, topic in Interest.objects.filter(member__in=ids).values_list("member_id", "topic"):
        found[member_id][topic] += CHOSEN_WEIGHT
    return found
