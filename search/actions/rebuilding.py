"""Rebuild the index while the old one stays in use; one process at a time does it."""

from collections.abc import Callable, Collection, Iterator, Sequence

from django.db import transaction
from django.db.models import Model

from core.ids import new_id
from core.leases import HeldLease, lease
from search.actions.checking import describe_mismatches, server_mismatches
from search.actions.indexing import delete_terms, in_chunks, lock_rows
from search.analysis import is_correctable
from search.engines import database_engine, search_server
from search.kinds import KINDS, POSTS, IndexedKind, vocabulary_of
from search.models import MemberDocument, PostDocument, VocabularyTerm

REBUILD_LEASE = "search.rebuild"
Progress = Callable[[str, int, int], None]
"""Called with what is indexed, how many are done, and how many there are."""


class IncompleteIndex(Exception):
    """A new index lacks something, so the old one stays in use."""


def rebuild_database(*, kinds: Collection[IndexedKind] = KINDS, progress: Progress | None = None) -> None:
    """Rebuild the database’s index in steps. Raise LeaseTaken while another process does."""
    engine = database_engine()
    vocabulary: set[str] = set()
    with lease(REBUILD_LEASE) as held:
        for kind in kinds:
            for ids in _chunks(kind.name, kind, progress, held):
                with transaction.atomic():
                    lock_rows(kind, ids)
                    found = list(kind.load(ids).values())
                    engine.index(kind.name, found)
                    engine.add_to_vocabulary(vocabulary_of(found) - vocabulary)
                vocabulary |= vocabulary_of(found)
            document: type[Model] = PostDocument if kind is POSTS else MemberDocument
            surplus = document._default_manager.exclude(pk__in=kind.findable().values("pk"))
            for ids in in_chunks(list(surplus.values_list("pk", flat=True))):
                engine.remove(kind.name, ids)
        if set(kinds) == set(KINDS):
            _delete_terms_except(vocabulary)
        for kind in KINDS:
            held.renew()
            if engine.inconsistent_ids(kind.name):
                engine.refill_full_text(kind.name)
        engine.analyze_tables()


def rebuild_server(
    *,
    kinds: Collection[IndexedKind] = KINDS,
    unless_built: bool = False,
    progress: Progress | None = None,
) -> None:
    """Fill new indexes on the search server beside those in use, and switch to them when they are complete.

    Raise EngineDown, LeaseTaken while another process rebuilds, or IncompleteIndex; then the old ones stay in use.
    """
    server = search_server()
    if server is None:
        return
    with lease(REBUILD_LEASE) as held:
        if unless_built and server.is_built():
            return
        for kind in kinds:
            new_index = server.begin_rebuild(kind.name)
            for ids in _chunks(f"{kind.name} for the search server", kind, progress, held):
                _fill(kind, new_index, ids)
            mismatches = server_mismatches(kind, new_index)
            if mismatches:
                _fill(kind, new_index, list(mismatches))
                mismatches = server_mismatches(kind, new_index)
            held.renew()
            if mismatches:
                raise IncompleteIndex(f"{kind.name} on the search server: {describe_mismatches(mismatches)}")
            server.finish_rebuild(kind.name, new_index)


def _fill(kind: IndexedKind, new_index: str, ids: Sequence[int]) -> None:
    server = search_server()
    assert server is not None
    # The version is older than what is read under it, so a change that is pushed meanwhile stays.
    version = new_id()
    server.write(kind.name, kind.load(ids), dict.fromkeys(ids, version), new_index)


def _chunks(
    what: str, kind: IndexedKind, progress: Progress | None, held: HeldLease
) -> Iterator[Sequence[int]]:
    ids = list(kind.findable().order_by("pk").values_list("pk", flat=True))
    done = 0
    for chunk in in_chunks(ids):
        held.renew()
        yield chunk
        done += len(chunk)
        if progress:
            progress(what, done, len(ids))


def _delete_terms_except(keep: set[str]) -> None:
    kept = {term for term in keep if is_correctable(term)}
    known = VocabularyTerm.objects.values_list("term", flat=True)
    delete_terms([term for term in known.iterator() if term not in kept])
