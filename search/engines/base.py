"""What an engine is: something that is given ready words (search.words) and finds ids by them.

Which posts a viewer may see is not an engine's business: search.queries asks the database about every hit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log10
from typing import Protocol

from core.ids import time_of
from search.words import Query

WORDS_WEIGHT, AUTHOR_WEIGHT = 2.0, 1.0
HANDLE_WEIGHT, NAME_WEIGHT, BIO_WEIGHT = 3.0, 2.0, 1.0
HANDLE_ITSELF = 3.0
"""How much more a member counts whose username is the whole query."""
RECENCY_DAYS = 30
"""At this age a post has half of the advantage of a new one, which counts twice."""
FOLLOWERS_FACTOR = 0.25
CANDIDATES = 2_000
"""How deep a list of results goes. Of more posts than these that hold the words, the database weighs the newest."""


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as engines store it; words parted by spaces."""

    id: int
    words: str
    author_words: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    id: int
    handle_words: str
    name_words: str
    bio_words: str
    followers: int


@dataclass(frozen=True, slots=True)
class Hit:
    id: int
    score: float


@dataclass(frozen=True, slots=True)
class After:
    """Where a page begins: after the hit with this score and id. `ceiling`: the newest id there was on the first page;
    later ones stay out, and ages are counted from it, so that the order holds while somebody reads on. `seen`: how
    many hits came before.
    """

    ceiling: int
    score: float = 0.0
    id: int = 0
    seen: int = 0


class EngineDown(Exception):
    """The engine does not answer; somebody else must."""


class Engine(Protocol):
    name: str

    def index_posts(self, rows: Sequence[PostRow]) -> None: ...

    def remove_posts(self, ids: Sequence[int]) -> None: ...

    def index_members(self, rows: Sequence[MemberRow]) -> None: ...

    def remove_members(self, ids: Sequence[int]) -> None: ...

    def search_posts(self, query: Query, *, after: After, size: int, tolerant: bool = False) -> list[Hit]:
        """The best `size` posts after `after`: by relevance, the newer before the older. `tolerant` of misspelling."""
        ...

    def search_members(self, query: Query, *, after: After, size: int, tolerant: bool = False) -> list[Hit]:
        """The best `size` members after `after`: by relevance, the more followed first."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...


def post_score(relevance: float, post_id: int, now: datetime) -> float:
    """The same formula as Elasticsearch computes in search.engines.elastic."""
    days = max((now - time_of(post_id)).total_seconds(), 0) / 86_400
    recency: float = 0.5 ** ((days / RECENCY_DAYS) ** 2)
    return relevance * (1 + recency)


def member_score(relevance: float, followers: int, *, is_itself: bool) -> float:
    return relevance * (1 + FOLLOWERS_FACTOR * log10(1 + followers)) * (HANDLE_ITSELF if is_itself else 1)


def page_after(hits: list[Hit], after: After, size: int) -> list[Hit]:
    """The `size` best of all hits from the top that come after `after`.

    Found by place rather than score, because scores move a little with every post that is written meanwhile.
    """
    hits.sort(key=lambda hit: (-hit.score, -hit.id))
    if not after.id:
        return hits[:size]
    start = next((n for n, hit in enumerate(hits, 1) if hit.id == after.id), None)
    if start is None:
        return [hit for hit in hits if (hit.score, hit.id) < (after.score, after.id)][:size]
    return hits[start : start + size]
