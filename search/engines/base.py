"""What an engine is: something that is given ready words (search.words) and finds ids by them.

An engine leaves out what its reader may not see before it weighs, counts or cuts off anything, so nothing that it
answers depends on what is hidden. search.queries asks the database again about every hit, because an index may be
behind.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from math import log10
from typing import Protocol

from core.ids import milliseconds_between
from search.reader import Reader
from search.words import Query

WORDS_WEIGHT, AUTHOR_WEIGHT = 2.0, 1.0
HANDLE_WEIGHT, NAME_WEIGHT, BIO_WEIGHT = 3.0, 2.0, 1.0
LIKE_IT = 0.5
"""How much a word counts that only begins like what is looked for, or is spelled nearly like it."""
HANDLE_ITSELF = 3.0
"""How much more a member counts whose username is the whole query."""
RECENCY_DAYS = 30
"""At this age a post has half of the advantage of a new one, which counts twice."""
FOLLOWERS_FACTOR = 0.25
CANDIDATES = 2_000
"""How deep a list of results goes. Of more posts than these that hold the words, the database weighs the newest."""


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as engines store it; words separated by spaces. `audience`: the private account whose followers alone
    may find it; None for everyone.
    """

    id: int
    author_id: int
    audience: int | None
    words: str
    author_words: str
    brevity: float


@dataclass(frozen=True, slots=True)
class MemberRow:
    id: int
    handle_words: str
    name_words: str
    bio_words: str
    followers: int


def digest(row: PostRow | MemberRow) -> str:
    """Return what tells this row from any other of the same id: its audience, and a hash of all of it."""
    if isinstance(row, PostRow):
        audience, values = row.audience or 0, (row.words, row.author_words, row.brevity)
    else:
        audience, values = 0, astuple(row)
    return f"{audience}:{sha256(repr(values).encode()).hexdigest()[:20]}"


@dataclass(frozen=True, slots=True)
class Hit:
    id: int
    score: float


@dataclass(frozen=True, slots=True)
class After:
    """Where a page begins: after the hit with this score and id. `ceiling`: the newest id there was on the first page;
    later ones stay out, and ages are counted from it, so that the order holds while somebody reads on.
    """

    ceiling: int
    score: float = 0.0
    id: int = 0


class EngineDown(Exception):
    """The engine does not answer; somebody else must."""


class Engine(Protocol):
    name: str

    def index_posts(self, rows: Sequence[PostRow]) -> None: ...

    def remove_posts(self, ids: Sequence[int]) -> None: ...

    def index_members(self, rows: Sequence[MemberRow]) -> None: ...

    def remove_members(self, ids: Sequence[int]) -> None: ...

    def search_posts(self, query: Query, reader: Reader, *, after: After, size: int) -> Iterator[Hit]:
        """The posts after `after`: by relevance, the newer before the older. About `size` of them are wanted."""
        ...

    def search_members(self, query: Query, reader: Reader, *, after: After, size: int) -> Iterator[Hit]:
        """The members after `after`: by relevance, the more followed first. About `size` of them are wanted."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...


# Relevance is the same formula in every engine, and depends on the document and the query alone: for each term the
# weight of the best field that has it. The engines' own (bm25, ts_rank) weigh a word by how many documents have it,
# which would tell of the hidden ones.


def brevity(words: int) -> float:
    """How much more a short post counts: bm25's normalisation by length, for an average of 20 words."""
    return round(2.2 / (1.3 + 0.045 * words), 4)


def post_score(relevance: float, post_id: int, ceiling: int) -> float:
    """The same formula as Elasticsearch computes in search.engines.elastic; `ceiling` is an id of now."""
    days = max(milliseconds_between(post_id, ceiling), 0) / 86_400_000
    recency: float = 0.5 ** ((days / RECENCY_DAYS) ** 2)
    return relevance * (1 + recency)


def member_score(relevance: float, followers: int, *, is_itself: bool) -> float:
    return relevance * (1 + FOLLOWERS_FACTOR * log10(1 + followers)) * (HANDLE_ITSELF if is_itself else 1)


def hits_after(hits: Iterable[Hit], after: After) -> list[Hit]:
    """Best first, those that come after `after`: by its place where it is among them, else by its score."""
    ranked = sorted(hits, key=lambda hit: (-hit.score, -hit.id))
    if not after.id:
        return ranked
    place = next((n for n, hit in enumerate(ranked, 1) if hit.id == after.id), None)
    if place is None:
        return [hit for hit in ranked if (hit.score, hit.id) < (after.score, after.id)]
    return ranked[place:]
