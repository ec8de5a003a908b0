"""Train a model on the log: replay it in the order of time, learn from the earlier part, measure on the later.

An impression (a view) is good if its viewer liked or replied to the post within a day. The model is compared, on the
same later impressions, with the score, with newest first and with most liked first.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Member
from core.ids import id_at, time_of
from core.refusals import Refusal
from feed.models import Interaction
from feed.ranking.features import FEATURES, REPLY_WEIGHT, Candidate, RankingFacts, feature_vector, terms_of
from feed.ranking.score import score
from posts.models import Like, Post, Repost
from social.models import Follow

PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 31,
    "max_depth": 6,
    "learning_rate": 0.05,
    "verbosity": -1,
    "seed": 7,
    "deterministic": True,
    "num_threads": 2,
}
ROUNDS = 100
LATER_SHARE = 0.2
ENGAGED_WITHIN = timedelta(hours=24)
MIN_IMPRESSIONS, MIN_ENGAGEMENTS = 500, 30
LOG_WITHIN = timedelta(days=60)
VIEW_PERIOD = timedelta(hours=1)


class NotEnoughData(Refusal):
    code = "too_little_log"
    default_message = "There is too little in the log to learn from."


@dataclass
class Examples:
    """Impressions in the order of time: features, whether the viewer engaged, and the list they belong to."""

    vectors: list[list[float]] = field(default_factory=list)
    engaged: list[int] = field(default_factory=list)
    groups: list[tuple[int, str]] = field(default_factory=list)
    """(viewer, day): what one member was shown on one day is what had to be ranked."""
    ages: list[float] = field(default_factory=list)
    likes: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.engaged)

    def part(self, start: int, end: int) -> "Examples":
        return Examples(*(getattr(self, name)[start:end] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class TrainingResult:
    model: str
    figures: dict[str, Any]


def train(*, now: datetime | None = None) -> TrainingResult:
    """Train on the log. Raise NotEnoughData when there is too little to learn from."""
    import lightgbm
    import numpy

    examples = replay(now=now or timezone.now())
    cut = int(len(examples) * (1 - LATER_SHARE))
    earlier, later = examples.part(0, cut), examples.part(cut, len(examples))
    if len(examples) < MIN_IMPRESSIONS or min(sum(earlier.engaged), sum(later.engaged)) < MIN_ENGAGEMENTS:
        raise NotEnoughData(
            f"There are {len(examples)} views with {sum(examples.engaged)} likes or replies in the log; training takes "
            f"at least {MIN_IMPRESSIONS} views, and {MIN_ENGAGEMENTS} likes or replies in each part."
        )
    data = lightgbm.Dataset(
        numpy.asarray(earlier.vectors, dtype=numpy.float32),
        label=earlier.engaged,
        feature_name=list(FEATURES),
    )
    booster = lightgbm.train(PARAMETERS, data, num_boost_round=ROUNDS)
    predicted = [float(p) for p in booster.predict(numpy.asarray(later.vectors, dtype=numpy.float32))]
    gains = booster.feature_importance(importance_type="gain")
    figures = {
        "views": len(examples),
        "engagements": sum(examples.engaged),
        "trained_on": len(earlier),
        "measured_on": len(later),
        "model": {**_figures(predicted, later), "log_loss": log_loss(predicted, later.engaged)},
        "score": _figures([score(v) for v in later.vectors], later),
        "newest": _figures([-age for age in later.ages], later),
        "popular": _figures([float(n) for n in later.likes], later),
        "calibration": calibration(predicted, later.engaged),
        "gain": dict(zip(FEATURES, (round(float(g), 1) for g in gains), strict=True)),
    }
    return TrainingResult(booster.model_to_string(), figures)


def measure(model: str, *, now: datetime | None = None) -> dict[str, float]:
    """Return the figures of an earlier model on today’s later impressions, to compare a new one with."""
    import lightgbm
    import numpy

    examples = replay(now=now or timezone.now())
    later = examples.part(int(len(examples) * (1 - LATER_SHARE)), len(examples))
    booster = lightgbm.Booster(model_str=model)
    return _figures(list(booster.predict(numpy.asarray(later.vectors, dtype=numpy.float32))), later)


def replay(*, now: datetime) -> Examples:
    """Return every logged view with the features at its moment and whether the viewer engaged."""
    since = now - LOG_WITHIN
    oldest = id_at(since, salt=0)
    fields = ("id", "author_id", "text", "created_at", "in_reply_to_id")
    published = Post.objects.filter(state=Post.State.PUBLISHED, id__gte=oldest).only(*fields)
    posts = {post.id: post for post in published}
    log = _Replay(posts, _engagements(posts, oldest))
    steps = heapq.merge(
        _written(posts),
        _liked(posts, oldest),
        _reposted(oldest),
        _followed(oldest),
        _viewed(posts, since),
        key=lambda step: step[0],
    )
    for at, kind, object_id, member_id in steps:
        if kind == "follow":
            log.facts.follows.add((member_id, object_id))
        elif (post := posts.get(object_id)) is not None:
            getattr(log, kind)(post, member_id, at)
    return log.examples


class _Replay:
    """The facts at one moment of the log, and the examples so far. Each method takes one step."""

    def __init__(self, posts: dict[int, Post], engagements: dict[tuple[int, int], datetime]) -> None:
        self.posts, self.engagements = posts, engagements
        self.facts = RankingFacts(followers=dict(Member.objects.values_list("id", "followers_count")))
        self.terms = {post_id: terms_of(post.text) for post_id, post in posts.items()}
        self.examples = Examples()
        self.viewed_at: dict[tuple[int, int], datetime] = {}

    def write(self, post: Post, author_id: int, at: datetime) -> None:
        self.facts.author_posts[author_id] += 1
        self.facts.author_wrote_at[author_id] = at
        parent = self.posts.get(post.in_reply_to_id or 0)
        if parent is not None:
            self.facts.replies[parent.id] += 1
            self.facts.affinity[author_id, parent.author_id] += REPLY_WEIGHT

    def like(self, post: Post, member_id: int, at: datetime) -> None:
        self.facts.likes[post.id] += 1
        self.facts.author_likes[post.author_id] += 1
        self.facts.affinity[member_id, post.author_id] += 1
        self.facts.tastes[member_id].add(self.terms[post.id])

    def repost(self, post: Post, member_id: int, at: datetime) -> None:
        self.facts.reposts[post.id] += 1

    def view(self, post: Post, viewer_id: int, at: datetime) -> None:
        candidate = Candidate(
            post.id, post.author_id, post.text, post.created_at, post.in_reply_to_id is not None
        )
        examples = self.examples
        examples.vectors.append(feature_vector(candidate, viewer_id=viewer_id, facts=self.facts, now=at))
        engaged_at = self.engagements.get((viewer_id, post.id))
        examples.engaged.append(int(engaged_at is not None and at <= engaged_at <= at + ENGAGED_WITHIN))
        examples.groups.append((viewer_id, f"{at:%Y-%m-%d}"))
        examples.ages.append((at - post.created_at).total_seconds())
        examples.likes.append(self.facts.likes[post.id])
        # As the stored counter does (posts.actions.views): once for each viewer and hour.
        counted_at = self.viewed_at.get((viewer_id, post.id))
        if viewer_id != post.author_id and (counted_at is None or at - counted_at >= VIEW_PERIOD):
            self.viewed_at[viewer_id, post.id] = at
            self.facts.views[post.id] += 1


Step = tuple[datetime, str, int, int]


def _written(posts: dict[int, Post]) -> Iterator[Step]:
    for post_id in sorted(posts):
        yield time_of(post_id), "write", post_id, posts[post_id].author_id


def _liked(posts: dict[int, Post], oldest: int) -> Iterator[Step]:
    likes = Like.objects.filter(id__gte=oldest).order_by("id").values_list("id", "post_id", "member_id")
    for like_id, post_id, member_id in likes.iterator(5000):
        yield time_of(like_id), "like", post_id, member_id


def _reposted(oldest: int) -> Iterator[Step]:
    # As the stored counter does (posts.counters): without those of private accounts.
    reposts = Repost.objects.visible_to(None).filter(id__gte=oldest).order_by("id")
    for repost_id, post_id, member_id in reposts.values_list("id", "post_id", "member_id").iterator(5000):
        yield time_of(repost_id), "repost", post_id, member_id


def _followed(oldest: int) -> Iterator[Step]:
    follows = Follow.objects.order_by("id").values_list("id", "followee_id", "follower_id")
    for follow_id, followee_id, follower_id in follows.iterator(5000):
        yield time_of(follow_id), "follow", followee_id, follower_id


def _viewed(posts: dict[int, Post], since: datetime) -> Iterator[Step]:
    views = Interaction.objects.filter(kind=Interaction.Kind.VIEW, at__gte=since).order_by("at", "id")
    for at, post_id, member_id in views.values_list("at", "post_id", "member_id").iterator(5000):
        yield at, "view", post_id, member_id


def _engagements(posts: dict[int, Post], oldest: int) -> dict[tuple[int, int], datetime]:
    """Return (member, post) → when the member first liked or replied to it."""
    found: dict[tuple[int, int], datetime] = {}
    for like_id, post_id, member_id in Like.objects.filter(id__gte=oldest).values_list(
        "id", "post_id", "member_id"
    ):
        found[member_id, post_id] = time_of(like_id)
    for post in posts.values():
        if post.in_reply_to_id is not None:
            at = time_of(post.id)
            key = (post.author_id, post.in_reply_to_id)
            found[key] = min(found.get(key, at), at)
    return found


# --- Figures -----------------------------------------------------------------------------------------------


def _figures(values: Sequence[float], examples: Examples) -> dict[str, float]:
    return {"auc": auc(values, examples.engaged), "ndcg_10": ndcg(values, examples.engaged, examples.groups)}


def auc(values: Sequence[float], labels: Sequence[int]) -> float:
    """Return the chance that a good impression has a higher value than another (Mann-Whitney U); 0.5 means none."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for i in range(start, end + 1):
            ranks[order[i]] = (start + end) / 2 + 1
        start = end + 1
    good = sum(labels)
    other = len(labels) - good
    if not good or not other:
        return 0.5
    total = sum(rank for rank, label in zip(ranks, labels, strict=True) if label)
    return round((total - good * (good + 1) / 2) / (good * other), 4)


def ndcg(
    values: Sequence[float], labels: Sequence[int], groups: Sequence[tuple[int, str]], at: int = 10
) -> float:
    """Return NDCG@10 (Järvelin & Kekäläinen 2002), the mean over lists with both good and other impressions."""
    lists: defaultdict[tuple[int, str], list[tuple[float, int]]] = defaultdict(list)
    for value, label, group in zip(values, labels, groups, strict=True):
        lists[group].append((value, label))
    results: list[float] = []
    for rows in lists.values():
        good = sum(label for _, label in rows)
        if not good or good == len(rows):
            continue
        ranked = sorted(rows, key=lambda row: -row[0])[:at]
        gained = sum(label / math.log2(i + 2) for i, (_, label) in enumerate(ranked))
        ideal = sum(1 / math.log2(i + 2) for i in range(min(good, at)))
        results.append(gained / ideal)
    return round(sum(results) / len(results), 4) if results else 0.0


def log_loss(predicted: Sequence[float], labels: Sequence[int]) -> float:
    losses = (
        -math.log(min(max(p if label else 1 - p, 1e-15), 1.0))
        for p, label in zip(predicted, labels, strict=True)
    )
    return round(sum(losses) / max(len(labels), 1), 4)


def calibration(predicted: Sequence[float], labels: Sequence[int], bins: int = 5) -> list[dict[str, float]]:
    """Return, in fifths from the least to the most likely, what was predicted and what was observed."""
    order = sorted(range(len(predicted)), key=lambda i: predicted[i])
    result = []
    for b in range(bins):
        part = order[b * len(order) // bins : (b + 1) * len(order) // bins]
        if part:
            result.append(
                {
                    "predicted": round(sum(predicted[i] for i in part) / len(part), 4),
                    "observed": round(sum(labels[i] for i in part) / len(part), 4),
                }
            )
    return result
