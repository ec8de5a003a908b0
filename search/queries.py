"""Finding posts and people: an engine names ids, the database says what of it this viewer may see."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeVar

from django.utils import timezone

from accounts.models import Member
from core.ids import MAX_ID, id_at
from core.pages import PAGE_SIZE, Page, bad_cursor, decode_cursor, encode_cursor
from posts.models import Post
from posts.quiet import not_muted, quiet_of
from search.engines import database_engine, search_server
from search.engines.base import After, Engine, EngineDown, Hit
from search.words import Query, parse

M = TypeVar("M", Post, Member)
ROUNDS = 4
"""How often more hits are fetched to fill a page when the viewer may see few of them."""
SERVER, DATABASE = "s", "d"


@dataclass(frozen=True)
class Found(Page[M]):
    """A page of what was found. `alike`: nothing had the words as typed, so these have words that look like them."""

    alike: bool = False


@dataclass(frozen=True)
class _Place:
    """What a cursor of search says: who answered, in which way, and where the page ends."""

    engine: str
    tolerant: bool
    after: After

    def encode(self) -> str:
        after = self.after
        return encode_cursor(
            [self.engine, int(self.tolerant), after.ceiling, float(after.score), after.id, after.seen]
        )

    def beyond(self, hit: Hit, seen: int, engine: str) -> "_Place":
        after = After(self.after.ceiling, hit.score, hit.id, self.after.seen + seen)
        return _Place(engine, self.tolerant, after)

    @classmethod
    def decode(cls, cursor: str) -> "_Place":
        match decode_cursor(cursor, 6):
            case [
                str(engine),
                int(tolerant),
                int(ceiling),
                int() | float() as score,
                int(last),
                int(seen),
            ] if engine in (SERVER, DATABASE) and ceiling > 0 and last > 0 and seen > 0 and isfinite(score):
                return cls(engine, bool(tolerant), After(ceiling, float(score), last, seen))
        raise bad_cursor()


def found_posts(
    text: str, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Found[Post]:
    """Posts with all the words of `text` that the viewer has not muted, best first; the last word may be the
    beginning of one.
    """
    query, quiet = parse(text), quiet_of(viewer)

    def search(engine: Engine, after: After, count: int, tolerant: bool) -> list[Hit]:
        return engine.search_posts(query, after=after, size=count, tolerant=tolerant)

    def fetch(ids: Sequence[int]) -> Iterable[Post]:
        posts = not_muted(Post.objects.visible_to(viewer), viewer).filter(pk__in=ids)
        return quiet.sift(posts.dressed(), "search")  # type: ignore[attr-defined]

    return _found(query, search, fetch, cursor, size)


def found_members(
    text: str, *, viewer: Member | None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Found[Member]:
    """Members by handle, name and bio, best first."""
    query = parse(text)

    def search(engine: Engine, after: After, count: int, tolerant: bool) -> list[Hit]:
        return engine.search_members(query, after=after, size=count, tolerant=tolerant)

    def fetch(ids: Sequence[int]) -> Iterable[Member]:
        return Member.objects.visible_to(viewer).filter(pk__in=ids)

    return _found(query, search, fetch, cursor, size)


_Search = Callable[[Engine, After, int, bool], list[Hit]]


def _found(
    query: Query,
    search: _Search,
    fetch: Callable[[Sequence[int]], Iterable[M]],
    cursor: str | None,
    size: int,
) -> Found[M]:
    if cursor:
        place = _Place.decode(cursor)
        return _filled(search, fetch, place, size) if query else Found([], "")
    if not query:
        return Found([], "")
    start = After(ceiling=min(id_at(timezone.now()) | 0x3FFFFF, MAX_ID))
    found = _filled(search, fetch, _Place(SERVER, False, start), size)
    if found or found.next_cursor:
        return found
    return _filled(search, fetch, _Place(SERVER, True, start), size)


def _filled(
    search: _Search, fetch: Callable[[Sequence[int]], Iterable[M]], place: _Place, size: int
) -> Found[M]:
    items: list[M] = []
    for _round in range(ROUNDS):
        asked = size * 2
        hits, engine = _ask(search, place, asked)
        shown: dict[int, Any] = {item.pk: item for item in fetch([hit.id for hit in hits])} if hits else {}
        end = place
        for seen, hit in enumerate(hits, 1):
            if hit.id not in shown:
                continue
            if len(items) == size:
                return Found(items, end.encode(), alike=place.tolerant)
            items.append(shown[hit.id])
            end = place.beyond(hit, seen, engine)
        if len(hits) < asked:
            return Found(items, "", alike=place.tolerant)
        place = place.beyond(hits[-1], len(hits), engine)
    return Found(items, place.encode(), alike=place.tolerant)


def _ask(search: _Search, place: _Place, count: int) -> tuple[list[Hit], str]:
    """The search server's hits, or the database's: for whoever began to read there, and while the server is away."""
    if place.engine == SERVER and (server := search_server()) is not None:
        try:
            return search(server, place.after, count, place.tolerant), SERVER
        except EngineDown:
            pass
    return search(database_engine(), place.after, count, place.tolerant), DATABASE
