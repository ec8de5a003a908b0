"""Compare both indexes with the posts and members there are, and fix what differs."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from core.ids import MAX_ID
from search.actions.indexing import CHUNK_SIZE, delete_terms, in_chunks, index, mark_pending
from search.actions.pushing import push_pending
from search.analysis import is_correctable
from search.engines import database_engine, search_server
from search.engines.base import EngineDown, Indexed, IndexedMember, digest
from search.kinds import KINDS, IndexedKind, vocabulary_of
from search.models import Pending, VocabularyTerm

MISSING, SURPLUS, AUDIENCE, STALE = "missing", "surplus", "with the wrong audience", "stale"
Mismatches = dict[int, str]
"""Id → what is wrong with it in an index."""
Stored = Callable[[int, int], Mapping[int, str]]
"""Returns the digests that an index has of the ids above the first argument, up to the second."""


def describe_mismatches(mismatches: Mapping[int, str]) -> str:
    """Return how many objects are wrong in which way."""
    counted = Counter(mismatches.values())
    return ", ".join(
        f"{counted[problem]} {problem}" for problem in (MISSING, SURPLUS, AUDIENCE, STALE) if counted[problem]
    )


def check_database(kind: IndexedKind, *, fix: bool) -> Mismatches:
    """Compare the database’s index of this kind with the objects there are, and with `fix` correct it."""
    engine = database_engine()

    def stored(after: int, up_to: int) -> Mapping[int, str]:
        return {one.id: digest(one) for one in engine.stored(kind.name, after, up_to)}

    mismatches = _mismatches(kind, stored, _without_followers)
    inconsistent = engine.inconsistent_ids(kind.name)
    if fix:
        for ids in in_chunks(sorted(mismatches)):
            index(kind=kind, ids=ids)
        if inconsistent:
            engine.refill_full_text(kind.name)
    return mismatches | dict.fromkeys(inconsistent, MISSING)


def check_vocabulary(*, fix: bool) -> tuple[int, int]:
    """Compare the vocabulary with the terms in use. Return how many were missing, and how many were surplus."""
    used: set[str] = set()
    for kind in KINDS:
        for after, up_to in _ranges(kind):
            used |= vocabulary_of(kind.load(_ids(kind, after, up_to)).values())
    used = {term for term in used if is_correctable(term)}
    known = set(VocabularyTerm.objects.values_list("term", flat=True).iterator())
    if fix:
        database_engine().add_to_vocabulary(used - known)
        delete_terms(known - used)
    return len(used - known), len(known - used)


def check_server(kind: IndexedKind, *, fix: bool) -> Mismatches:
    """Compare the search server’s index of this kind with the objects there are, and with `fix` correct it.

    Raise EngineDown.
    """
    push_pending()
    mismatches = server_mismatches(kind)
    if fix and mismatches:
        mark_pending(kind, list(mismatches))
        push_pending()
    return mismatches


def server_mismatches(kind: IndexedKind, name: str | None = None) -> Mismatches:
    """Return what is wrong in the search server’s index, or in the one of its indexes with this name.

    Raise EngineDown.
    """
    server = search_server()
    if server is None:
        raise EngineDown("there is none")
    server.refresh(name)
    mismatches = _mismatches(kind, lambda after, up_to: server.digests(kind.name, after, up_to, name))
    # What is pending is pushed soon.
    waiting = Pending.objects.filter(kind=kind.pending).values_list("object_id", flat=True)
    pending = set(waiting) if mismatches else set()
    return {key: problem for key, problem in mismatches.items() if key not in pending}


def _mismatches(
    kind: IndexedKind,
    stored: Stored,
    normalize: Callable[[Indexed], Indexed] = lambda one: one,
) -> Mismatches:
    """Return what differs in two comparisons in a row: what has just happened may be on its way to the index."""

    def compare(after: int, up_to: int) -> Mismatches:
        found = kind.load(_ids(kind, after, up_to))
        expected = {key: digest(normalize(one)) for key, one in found.items()}
        return _compared(expected, stored(after, up_to))

    first = {each: different for each in _ranges(kind) if (different := compare(*each))}
    return {
        key: problem
        for each, different in first.items()
        for key, problem in compare(*each).items()
        if key in different
    }


def _compared(expected: Mapping[int, str], stored: Mapping[int, str]) -> Mismatches:
    mismatches = dict.fromkeys(expected.keys() - stored.keys(), MISSING)
    mismatches |= dict.fromkeys(stored.keys() - expected.keys(), SURPLUS)
    for key in expected.keys() & stored.keys():
        if expected[key] != stored[key]:
            same_audience = expected[key].partition(":")[0] == stored[key].partition(":")[0]
            mismatches[key] = STALE if same_audience else AUDIENCE
    return mismatches


def _ranges(kind: IndexedKind) -> Iterator[tuple[int, int]]:
    """Divide all possible ids into ranges, each with at most `CHUNK_SIZE` findable objects."""
    after = 0
    while True:
        following = kind.findable().filter(pk__gt=after).order_by("pk")
        ids = list(following.values_list("pk", flat=True)[:CHUNK_SIZE])
        up_to = ids[-1] if len(ids) == CHUNK_SIZE else MAX_ID
        yield after, up_to
        if up_to == MAX_ID:
            return
        after = up_to


def _ids(kind: IndexedKind, after: int, up_to: int) -> list[int]:
    return list(kind.findable().filter(pk__gt=after, pk__lte=up_to).values_list("pk", flat=True))


def _without_followers(one: Indexed) -> Indexed:
    """Leave out the number of followers, which the database’s index doesn’t store."""
    return replace(one, followers=0) if isinstance(one, IndexedMember) else one
