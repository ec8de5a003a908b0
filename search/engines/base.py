"""The interface of search engines: they get terms (search.analysis), and find ids by them.

An engine leaves out what the viewer may not see before it scores, counts or cuts off anything, so no answer depends on
what is hidden. search.queries checks every hit in the database again, because an index may be behind.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from math import log10
from typing import Protocol

from core.ids import milliseconds_between
from search.analysis import Query
from search.scope import SearchScope

TEXT_WEIGHT, AUTHOR_WEIGHT = 2.0, 1.0
USERNAME_WEIGHT, NAME_WEIGHT, BIO_WEIGHT = 3.0, 2.0, 1.0
PARTIAL_MATCH_FACTOR = 0.5
"""How much a match counts that is only a prefix or a correction."""
EXACT_USERNAME_FACTOR = 3.0
"""By how much the score of a member is multiplied whose username is the whole query."""
RECENCY_DAYS = 30
"""The half-life of the bonus for recent posts. A new post counts twice."""
FOLLOWERS_FACTOR = 0.25
CANDIDATES = 2_000
"""How long a list of results can be. Of more matching posts, the database scores only the newest."""


@dataclass(frozen=True, slots=True)
class IndexedPost:
    """A post as engines store it, with its terms separated by spaces.

    `audience` is the member whose followers alone can find it, None for everyone.
    """

    id: int
    author_id: int
    audience: int | None
    terms: str
    author_terms: str
    brevity: float


@dataclass(frozen=True, slots=True)
class IndexedMember:
    id: int
    username_terms: str
    name_terms: str
    bio_terms: str
    followers: int


Indexed = IndexedPost | IndexedMember


def digest(one: Indexed) -> str:
    """Return the audience and a hash of everything else, by which two versions of the same object differ."""
    if isinstance(one, IndexedPost):
        audience, values = one.audience or 0, (one.terms, one.author_terms, one.brevity)
    else:
        audience, values = 0, astuple(one)
    return f"{audience}:{sha256(repr(values).encode()).hexdigest()[:20]}"


@dataclass(frozen=True, slots=True)
class Hit:
    id: int
    score: float


@dataclass(frozen=True, slots=True)
class SearchAfter:
    """Where a page begins: after the hit with this score and id.

    `ceiling` is the newest id at the time of the first page. Later posts stay out, and ages are counted from it, so
    the order doesn’t change from page to page.
    """

    ceiling: int
    score: float = 0.0
    id: int = 0


class EngineDown(Exception):
    """The engine doesn’t answer, so another one must."""


class Engine(Protocol):
    name: str

    def index(self, kind: str, indexed: Sequence[Indexed]) -> None: ...

    def remove(self, kind: str, ids: Sequence[int]) -> None: ...

    def search_posts(
        self, query: Query, scope: SearchScope, *, after: SearchAfter, size: int
    ) -> Iterator[Hit]:
        """Yield posts by relevance, newer ones first among equals. About `size` of them are wanted."""
        ...

    def search_members(
        self, query: Query, scope: SearchScope, *, after: SearchAfter, size: int
    ) -> Iterator[Hit]:
        """Yield members by relevance, those with more followers first among equals. About `size` are wanted."""
        ...

    def clear(self) -> None:
        """Delete the whole index."""
        ...


# Relevance is the same formula in every engine and depends on the document and the query alone: for each term the
# weight of the best field that has it. The engines’ own formulas (bm25, ts_rank) weigh a term by how many documents
# have it, which would reveal hidden ones.


def brevity(term_count: int) -> float:
    """Return the weight of a text of this length: bm25’s length normalization, for an average of 20 terms."""
    return round(2.2 / (1.3 + 0.045 * term_count), 4)


def post_score(relevance: float, post_id: int, ceiling: int) -> float:
    """Compute what Elasticsearch computes in search.engines.elastic; `ceiling` is an id of now."""
    days = max(milliseconds_between(post_id, ceiling), 0) / 86_400_000
    recency: float = 0.5 ** ((days / RECENCY_DAYS) ** 2)
    return relevance * (1 + recency)


def member_score(relevance: float, followers: int, *, is_exact: bool) -> float:
    return (
        relevance * (1 + FOLLOWERS_FACTOR * log10(1 + followers)) * (EXACT_USERNAME_FACTOR if is_exact else 1)
    )


def hits_after(hits: Iterable[Hit], after: SearchAfter) -> list[Hit]:
    """Return the hits that come after `after`, best first: by its place if it is among them, otherwise by its score."""
    ranked = sorted(hits, key=lambda hit: (-hit.score, -hit.id))
    if not after.id:
        return ranked
    place = next((n for n, hit in enumerate(ranked, 1) if hit.id == after.id), None)
    if place is None:
        return [hit for hit in ranked if (hit.score, hit.id) < (after.score, after.id)]
    return ranked[place:]
