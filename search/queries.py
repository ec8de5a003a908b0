"""Search posts and members: an engine finds ids, and the database says which of them the viewer may see."""

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
from search.analysis import Query, parse_query
from search.corrections import with_corrections
from search.engines import database_engine, search_server
from search.engines.base import CANDIDATES, Engine, EngineDown, Hit, SearchAfter
from search.scope import SearchScope

M = TypeVar("M", Post, Member)
SERVER, DATABASE = "s", "d"
MAX_FETCHED = 500
"""How many hits are fetched at once at most, to fill a page of which the viewer sees few."""


@dataclass(frozen=True)
class SearchPage(Page[M]):
    """A page of results. `corrected`: nothing matched as typed, so these match corrections of it."""

    corrected: bool = False


@dataclass(frozen=True)
class _Position:
    """What a search cursor encodes: which engine answered, with corrections or not, and the last hit shown."""

    engine: str
    corrected: bool
    after: SearchAfter

    def encode(self) -> str:
        after = self.after
        return encode_cursor([self.engine, int(self.corrected), after.ceiling, float(after.score), after.id])

    def after_hit(self, hit: Hit, engine: str) -> "_Position":
        return _Position(engine, self.corrected, SearchAfter(self.after.ceiling, hit.score, hit.id))

    @classmethod
    def decode(cls, cursor: str) -> "_Position":
        match decode_cursor(cursor, 5):
            case [str(engine), int(corrected), int(ceiling), int() | float() as score, int(last)] if (
                engine in (SERVER, DATABASE) and ceiling > 0 and last > 0 and isfinite(score)
            ):
                return cls(engine, bool(corrected), SearchAfter(ceiling, float(score), last))
        raise bad_cursor()


@dataclass(frozen=True)
class _Searcher:
    """How posts, or members, are searched for one viewer."""

    search: Callable[[Engine, Query, SearchAfter, int], Iterator[Hit]]
    fetch: Callable[[Sequence[int]], Iterable[Post] | Iterable[Member]]
    """Return, of these ids, what the viewer may see and has not muted."""
    has: Callable[[str], bool]
    """Whether anything that the viewer may see has this term."""


def search_posts(
    text: str, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> SearchPage[Post]:
    """Return posts that match all terms of `text` and aren’t muted, best first. The last term may be a prefix."""
    parsed, mute_filter = parse_query(text), mute_filter_for(viewer)
    scope = SearchScope(viewer, languages=parsed.languages, has_media=parsed.has_media)

    def search(engine: Engine, query: Query, after: SearchAfter, count: int) -> Iterator[Hit]:
        return engine.search_posts(query, scope, after=after, size=count)

    def fetch(ids: Sequence[int]) -> Iterable[Post]:
        return mute_filter.apply(scope.posts.filter(pk__in=ids).with_card_fields(), "search")  # type: ignore[attr-defined]

    def has(term: str) -> bool:
        return database_engine().has_post_with(term, scope)

    return _search(parsed, _Searcher(search, fetch, has), cursor, size)


def search_members(
    text: str, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> SearchPage[Member]:
    """Return members that match by username, name or bio, best first."""
    scope = SearchScope(viewer)

    def search(engine: Engine, query: Query, after: SearchAfter, count: int) -> Iterator[Hit]:
        return engine.search_members(query, scope, after=after, size=count)

    def fetch(ids: Sequence[int]) -> Iterable[Member]:
        return scope.members.filter(pk__in=ids)

    def has(term: str) -> bool:
        return database_engine().has_member_with(term, scope)

    return _search(parse_query(text), _Searcher(search, fetch, has), cursor, size)


def _search(query: Query, searcher: _Searcher, cursor: str | None, size: int) -> SearchPage[M]:
    if cursor:
        position = _Position.decode(cursor)
    else:
        position = _Position(
            SERVER, False, SearchAfter(ceiling=min(id_at(timezone.now()) | 0x3FFFFF, MAX_ID))
        )
    if not query:
        return SearchPage([], "")
    if not position.corrected:
        found: SearchPage[M] = _fill_page(query, searcher, position, size)
        if found or cursor:
            return found
    corrected = with_corrections(query, searcher.has)
    if corrected is None:
        return SearchPage([], "")
    return _fill_page(corrected, searcher, _Position(position.engine, True, position.after), size)


def _fill_page(query: Query, searcher: _Searcher, position: _Position, size: int) -> SearchPage[M]:
    """Return the page after `position`, full unless the list ends. Its cursor depends only on what is shown."""
    items: list[M] = []
    end = position
    for hits in _batches(query, searcher, position, size):
        shown = {item.pk: item for item in searcher.fetch([hit.id for hit, _ in hits])}
        for hit, engine in hits:
            if hit.id not in shown:
                continue
            if len(items) == size:
                return SearchPage(items, end.encode(), corrected=position.corrected)
            items.append(shown[hit.id])  # type: ignore[arg-type]
            end = position.after_hit(hit, engine)
    return SearchPage(items, "", corrected=position.corrected)


def _batches(
    query: Query, searcher: _Searcher, position: _Position, size: int
) -> Iterator[list[tuple[Hit, str]]]:
    """Yield the hits after `position` in batches: one more than a page first, then larger ones."""
    hits = islice(_hits(query, searcher, position, size + 1), CANDIDATES)
    count = size + 1
    while batch := list(islice(hits, count)):
        yield batch
        count = min(count * 2, MAX_FETCHED)


def _hits(query: Query, searcher: _Searcher, position: _Position, size: int) -> Iterator[tuple[Hit, str]]:
    """Yield the search server’s hits, or the database’s if the first page came from there or the server is down."""
    if position.engine == SERVER and (server := search_server()) is not None:
        try:
            for hit in searcher.search(server, query, position.after, size):
                yield hit, SERVER
                position = position.after_hit(hit, SERVER)
        except EngineDown:
            pass
        else:
            return
    for hit in searcher.search(database_engine(), query, position.after, size):
        yield hit, DATABASE
