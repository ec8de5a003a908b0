"""Score posts by weights that are written by hand: a sum that can be understood line by line.

It ranks until a trained model is better, and is what a model is compared with.
"""

from collections.abc import Sequence

from feed.ranking.features import FEATURES

WEIGHTS: dict[str, float] = {
    "recency": 2.0,  # a post of this hour leads one of yesterday by about 1.3
    "engagement": 0.35,  # ten likes are worth 0.8, a hundred 1.6: each further one counts less
    "engagement_rate": 0.8,  # a small author whom many of their readers liked
    "affinity": 0.6,  # authors whom the viewer has liked and replied to
    "similarity": 2.5,  # subjects the viewer has liked before
    "follows": 0.6,
    "author_quality": 0.3,  # likes that this author's posts usually get
    "author_presence": 0.2,  # authors who are online can reply
    "is_reply": -0.4,  # half of a conversation
}
_ORDERED = [WEIGHTS.get(name, 0.0) for name in FEATURES]


def score(vector: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(_ORDERED, vector, strict=True))
