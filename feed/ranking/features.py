"""The features of a post for a viewer at a moment: one definition, for ranking and for training.

Both fill the same `RankingFacts`: ranking from the database as it is now, training by replaying the log in the order
of time, so that no view is judged by what happened after it.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

FEATURES = (
    "recency",
    "engagement",
    "engagement_rate",
    "affinity",
    "similarity",
    "follows",
    "views",
    "length",
    "author_quality",
    "author_presence",
    "hour_sin",
    "hour_cos",
    "is_reply",
)
"""In the order of a feature vector. Add media once posts have pictures."""

REPOST_WEIGHT = 2
REPLY_WEIGHT = 3
REFERENCE_LENGTH = 280
_WORD = re.compile(r"\w{4,40}")
MAX_TERMS = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """The part of a post that ranking looks at."""

    id: int
    author_id: int
    text: str
    created_at: datetime
    is_reply: bool
    source: str = ""


@dataclass(slots=True)
class TasteProfile:
    """What a viewer liked, as weights of terms. The squared length of that vector is kept with it."""

    weights: Counter[str] = field(default_factory=Counter)
    squares: float = 0.0

    def add(self, terms: Iterable[str]) -> None:
        for term in terms:
            old = self.weights[term]
            self.weights[term] = old + 1
            self.squares += 2 * old + 1

    def similarity(self, terms: frozenset[str]) -> float:
        """Return the cosine between the taste and a post, from 0 to 1."""
        if not terms or not self.squares:
            return 0.0
        shared = sum(self.weights[term] for term in terms if term in self.weights)
        return shared / math.sqrt(self.squares * len(terms))


@dataclass
class RankingFacts:
    """Everything that features are computed from, by id."""

    likes: Counter[int] = field(default_factory=Counter)
    reposts: Counter[int] = field(default_factory=Counter)
    replies: Counter[int] = field(default_factory=Counter)
    views: Counter[int] = field(default_factory=Counter)
    followers: dict[int, int] = field(default_factory=dict)
    author_likes: Counter[int] = field(default_factory=Counter)
    author_posts: Counter[int] = field(default_factory=Counter)
    author_wrote_at: dict[int, datetime] = field(default_factory=dict)
    affinity: Counter[tuple[int, int]] = field(default_factory=Counter)
    tastes: defaultdict[int, TasteProfile] = field(default_factory=lambda: defaultdict(TasteProfile))
    follows: set[tuple[int, int]] = field(default_factory=set)


def terms_of(text: str) -> frozenset[str]:
    """Return the words and hashtags that say what a post is about."""
    return frozenset(list(dict.fromkeys(_WORD.findall(text.casefold())))[:MAX_TERMS])


def feature_vector(post: Candidate, *, viewer_id: int, facts: RankingFacts, now: datetime) -> list[float]:
    """Return the features of `post` for the viewer at `now`, in the order of FEATURES."""
    author = post.author_id
    age = max((now - post.created_at).total_seconds() / 3600, 0.0)
    likes, reposts, replies = facts.likes[post.id], facts.reposts[post.id], facts.replies[post.id]
    wrote_at = facts.author_wrote_at.get(author)
    silent = max((now - wrote_at).total_seconds() / 3600, 0.0) if wrote_at else 1000.0
    angle = 2 * math.pi * (now.hour + now.minute / 60) / 24
    return [
        math.exp(-age / 24),
        math.log1p(likes + REPOST_WEIGHT * reposts + REPLY_WEIGHT * replies),
        (likes + reposts) / (facts.followers.get(author, 0) + 1),
        math.log1p(facts.affinity[viewer_id, author]),
        facts.tastes[viewer_id].similarity(terms_of(post.text)),
        1.0 if (viewer_id, author) in facts.follows else 0.0,
        math.log1p(facts.views[post.id]),
        min(len(post.text) / REFERENCE_LENGTH, 2.0),
        math.log1p(facts.author_likes[author] / max(facts.author_posts[author], 1)),
        # Until presence is stored: how recently the author posted.
        math.exp(-silent / 6),
        math.sin(angle),
        math.cos(angle),
        1.0 if post.is_reply else 0.0,
    ]
