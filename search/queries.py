"""Finding posts and people: an engine names ids, the database says what of it this viewer may see."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import TypeVar

from django.utils import timezone

from accounts.models import Member
from core.ids import MAX_ID, id_at
from core.pages import PAGE_SIZE, Page, bad_cursor, decode_cursor, encode_cursor
from posts.models import Post
from posts.muting import mute_filter_for
from search.engines import database_engine, search_server
from search.engines.base import CANDIDATES, After, Engine, EngineDown, Hit
from search.reader import Reader
from search.spelling import with_spellings
from search.words import Query, parse

M = TypeVar("M", Post, Member)
SERVER, DATABASE = "s", "d"
FETCHED_MAX = 500
"""How many hits are looked up at once to fill a page of which the viewer sees few."""


@dataclass(frozen=True)
class Found(Page[M]):
    """A page of what was found. `alike`: nothing had the words as typed, so these have words that look like them."""

    alike: bool = False


@dataclass(frozen=True)
class _Place:
    """What a cursor of search says: who answered, in which way, and what was shown last."""

    engine: str
    tolerant: bool
    after: After

    def encode(self) -> str:
        after = self.after
        return encode_cursor([self.engine, int(self.tolerant), after.ceiling, float(after.score), after.id])

    def beyond(self, hit: Hit, engine: str) -> "_Place":
        return _Place(engine, self.tolerant, After(self.after.ceiling, hit.score, hit.id))

    @classmethod
    def decode(cls, cursor: str) -> "_Place":
        match decode_cursor(cursor, 5):
            case [str(engine), int(tolerant), int(ceiling), int() | float() as score, int(last)] if (
                engine in (SERVER, DATABASE) and ceiling > 0 and last > 0 and isfinite(score)
            ):
                return cls(engine, bool(tolerant), After(ceiling, float(score), last))
        raise bad_cursor()


@dataclass(frozen=True)
class _Kind:
    """How posts, or members, are searched for one reader."""

    search: Callable[[Engine, Query, After, int], Iterator[Hit]]
    fetch: Callable[[Sequence[int]], Iterable[Post] | Iterable[Member]]
    """Of these ids what the reader may see, and wants to."""
    has: Callable[[str], bool]
    """Whether anything that the reader may see has this word."""


def found_posts(
    text: str, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Found[Post]:
    """Posts with all the words of `text` that the viewer has not muted, best first; the last word may be the
    beginning of one.
    """
    reader, mute_filter = Reader(viewer), mute_filter_for(viewer)

    def search(engine: Engine, query: Query, after: After, count: int) -> Iterator[Hit]:
        return engine.search_posts(query, reader, after=after, size=count)

    def fetch(ids: Sequence[int]) -> Iterable[Post]:
        return mute_filter.apply(reader.posts.filter(pk__in=ids).with_card_fields(), "search")  # type: ignore[attr-defined]

    def has(word: str) -> bool:
        return database_engine().has_post_with(word, reader)

    return _found(parse(text), _Kind(search, fetch, has), cursor, size)


def found_members(
    text: str, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Found[Member]:
    """Members by handle, name and bio, best first."""
    reader = Reader(viewer)

    def search(engine: Engine, query: Query, after: After, count: int) -> Iterator[Hit]:
        return engine.search_members(query, reader, after=after, size=count)

    def fetch(ids: Sequence[int]) -> Iterable[Member]:
        return reader.members.filter(pk__in=ids)

    def has(word: str) -> bool:
        return database_engine().has_member_with(word, reader)

    return _found(parse(text), _Kind(search, fetch, has), cursor, size)


def _found(query: Query, kind: _Kind, cursor: str | None, size: int) -> Found[M]:
    if cursor:
        place = _Place.decode(cursor)
    else:
        place = _Place(SERVER, False, After(ceiling=min(id_at(timezone.now()) | 0x3FFFFF, MAX_ID)))
    if not query:
        return Found([], "")
    if not place.tolerant:
        found: Found[M] = _filled(query, kind, place, size)
        if found or cursor:
            return found
    meant = with_spellings(query, kind.has)
    return _filled(meant, kind, _Place(place.engine, True, place.after), size) if meant else Found([], "")


def _filled(query: Query, kind: _Kind, place: _Place, size: int) -> Found[M]:
    """The page after `place`: full, unless the list ends. Only what is shown decides how it goes on."""
    items: list[M] = []
    end = place
    for hits in _batches(query, kind, place, size):
        shown = {item.pk: item for item in kind.fetch([hit.id for hit, _ in hits])}
        for hit, engine in hits:
            if hit.id not in shown:
                continue
            if len(items) == size:
                return Found(items, end.encode(), alike=place.tolerant)
            items.append(shown[hit.id])  # type: ignore[arg-type]
            end = place.beyond(hit, engine)
    return Found(items, "", alike=place.tolerant)


def _batches(query: Query, kind: _Kind, place: _Place, size: int) -> Iterator[list[tuple[Hit, str]]]:
    """The hits after `place`, a little more than a page at first and then more at once."""
    hits = islice(_hits(query, kind, place, size + 1), CANDIDATES)
    count = size + 1
    while batch := list(islice(hits, count)):
        yield batch
        count = min(count * 2, FETCHED_MAX)


def _hits(query: Query, kind: _Kind, place: _Place, size: int) -> Iterator[tuple[Hit, str]]:
    """The search server's hits, or the database's: for whoever began to read there, and while the server is away."""
    if place.engine == SERVER and (server := search_server()) is not None:
        try:
            for hit in kind.search(server, query, place.after, size):
                yield hit, SERVER
                place = place.beyond(hit, SERVER)
        except EngineDown:
            pass
        else:
            return
    for hit in kind.search(database_engine(), query, place.after, size):
        yield hit, DATABASE
