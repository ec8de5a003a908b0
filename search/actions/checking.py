"""Comparing both indexes with what there is to be found, and mending what differs."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from core.ids import MAX_ID
from search.actions.indexing import CHUNK, forget_words, in_chunks, index_members, index_posts, note
from search.actions.pushing import push_pending
from search.engines import database_engine, search_server
from search.engines.base import EngineDown, MemberRow, PostRow, digest
from search.models import Pending, Word
from search.rows import KINDS, POSTS, Kind, used_words
from search.words import is_spelled

MISSING, SURPLUS, AUDIENCE, STALE = "missing", "surplus", "with the wrong audience", "stale"
Flaws = dict[int, str]
"""Id → what is wrong with it in an index."""
Stored = Callable[[int, int], Mapping[int, str]]
"""The digests that an index has of the ids above the one and up to the other."""


def in_words(flaws: Mapping[int, str]) -> str:
    """Return how many things are wrong in which way."""
    counted = Counter(flaws.values())
    return ", ".join(
        f"{counted[flaw]} {flaw}" for flaw in (MISSING, SURPLUS, AUDIENCE, STALE) if counted[flaw]
    )


def check_database(kind: Kind, *, mend: bool) -> Flaws:
    """Compare the database's index of this kind with what there is, and with `mend` set it right."""
    engine = database_engine()

    def stored(after: int, up_to: int) -> Mapping[int, str]:
        return {row.id: digest(row) for row in engine.stored(kind.name, after, up_to)}

    flaws = _flaws(kind, stored, _without_followers)
    lost = engine.lost(kind.name)
    if mend:
        for ids in in_chunks(sorted(flaws)):
            (index_posts if kind is POSTS else index_members)(ids=ids)
        if lost:
            engine.refill(kind.name)
    return flaws | dict.fromkeys(lost, MISSING)


def check_words(*, mend: bool) -> tuple[int, int]:
    """Compare the words that misspelled ones may have meant with those in use: how many were missing, and surplus."""
    used: set[str] = set()
    for kind in KINDS:
        for after, up_to in _ranges(kind):
            used |= used_words(kind.rows(_ids(kind, after, up_to)).values())
    used = {word for word in used if is_spelled(word)}
    known = set(Word.objects.values_list("word", flat=True).iterator())
    if mend:
        database_engine().learn(used - known)
        forget_words(known - used)
    return len(used - known), len(known - used)


def check_server(kind: Kind, *, mend: bool) -> Flaws:
    """Compare the search server's index of this kind with what there is, and with `mend` set it right. Raises
    EngineDown.
    """
    push_pending()
    flaws = flaws_on_server(kind)
    if mend and flaws:
        note(kind.pending, list(flaws))
        push_pending()
    return flaws


def flaws_on_server(kind: Kind, index: str | None = None) -> Flaws:
    """What is wrong in the search server's index, or in this one of its indexes. Raises EngineDown."""
    server = search_server()
    if server is None:
        raise EngineDown("there is none")
    server.refresh(index)
    flaws = _flaws(kind, lambda after, up_to: server.digests(kind.name, after, up_to, index))
    # Of what waits to be told, the server is told soon.
    waiting = (
        set(Pending.objects.filter(kind=kind.pending).values_list("object_id", flat=True)) if flaws else set()
    )
    return {object_id: flaw for object_id, flaw in flaws.items() if object_id not in waiting}


def _flaws(
    kind: Kind,
    stored: Stored,
    seen: Callable[[PostRow | MemberRow], PostRow | MemberRow] = lambda row: row,
) -> Flaws:
    """What was wrong at a first look and still is at a second: what has just happened may be on its way."""

    def look(after: int, up_to: int) -> Flaws:
        rows = kind.rows(_ids(kind, after, up_to))
        return _compared({key: digest(seen(row)) for key, row in rows.items()}, stored(after, up_to))

    first = {each: flaws for each in _ranges(kind) if (flaws := look(*each))}
    return {key: flaw for each, flaws in first.items() for key, flaw in look(*each).items() if key in flaws}


def _compared(expected: Mapping[int, str], stored: Mapping[int, str]) -> Flaws:
    flaws = dict.fromkeys(expected.keys() - stored.keys(), MISSING)
    flaws |= dict.fromkeys(stored.keys() - expected.keys(), SURPLUS)
    for key in expected.keys() & stored.keys():
        if expected[key] != stored[key]:
            same_audience = expected[key].partition(":")[0] == stored[key].partition(":")[0]
            flaws[key] = STALE if same_audience else AUDIENCE
    return flaws


def _ranges(kind: Kind) -> Iterator[tuple[int, int]]:
    """All ids there can be, so many at a time that about `CHUNK` of them are to be found."""
    after = 0
    while True:
        ids = list(kind.findable().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        up_to = ids[-1] if len(ids) == CHUNK else MAX_ID
        yield after, up_to
        if up_to == MAX_ID:
            return
        after = up_to


def _ids(kind: Kind, after: int, up_to: int) -> list[int]:
    return list(kind.findable().filter(pk__gt=after, pk__lte=up_to).values_list("pk", flat=True))


def _without_followers(row: PostRow | MemberRow) -> PostRow | MemberRow:
    """The database looks at the member itself for these."""
    return replace(row, followers=0) if isinstance(row, MemberRow) else row
