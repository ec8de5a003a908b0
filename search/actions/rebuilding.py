"""Making the index anew while it goes on answering: by one builder at a time, whichever process that is in."""

from collections.abc import Callable, Iterator, Sequence

from django.db import transaction

from accounts.models import Member
from core.ids import new_id
from core.leases import HeldLease, lease
from posts.models import Post
from search.actions.checking import flaws_on_server, in_words
from search.actions.indexing import forget_words, hold, in_chunks
from search.engines import database_engine, search_server
from search.models import MemberDocument, PostDocument, Word
from search.rows import MEMBERS, POSTS, Kind, member_rows, post_rows, used_words
from search.words import is_spelled

BUILDING = "search.rebuild"
Progress = Callable[[str, int, int], None]
"""Told (what, done, of how many)."""


class Incomplete(Exception):
    """A new index lacks something, and does not answer."""


def rebuild_database(*, posts: bool = True, members: bool = True, progress: Progress | None = None) -> None:
    """Make the database's index anew from what is true, in steps. Raises LeaseTaken while somebody else does."""
    engine = database_engine()
    words: set[str] = set()
    with lease(BUILDING) as held:
        if members:
            for ids in _chunks("members", MEMBERS, progress, held):
                with transaction.atomic():
                    hold(Member, ids)
                    people = list(member_rows(ids).values())
                    engine.index_members(people)
                    engine.learn(used_words(people) - words)
                words |= used_words(people)
            closed = MemberDocument.objects.exclude(pk__in=MEMBERS.findable().values("pk"))
            for ids in in_chunks(list(closed.values_list("pk", flat=True))):
                engine.remove_members(ids)
        if posts:
            for ids in _chunks("posts", POSTS, progress, held):
                with transaction.atomic():
                    hold(Post, ids)
                    rows = list(post_rows(ids).values())
                    engine.index_posts(rows)
                    engine.learn(used_words(rows) - words)
                words |= used_words(rows)
            hidden = PostDocument.objects.exclude(pk__in=POSTS.findable().values("pk"))
            for ids in in_chunks(list(hidden.values_list("pk", flat=True))):
                engine.remove_posts(ids)
        if posts and members:
            _forget_words_but(words)
        for kind in (MEMBERS, POSTS):
            held.renew()
            if engine.lost(kind.name):
                engine.refill(kind.name)
        engine.settle()


def rebuild_server(
    *, posts: bool = True, members: bool = True, unless_built: bool = False, progress: Progress | None = None
) -> None:
    """Fill new indexes on the search server beside those that answer, and when they are complete, let them answer.

    Raises EngineDown, LeaseTaken while somebody else builds, and Incomplete; then the old ones go on answering.
    """
    server = search_server()
    if server is None:
        return
    with lease(BUILDING) as held:
        if unless_built and server.is_built():
            return
        for kind in (*([MEMBERS] if members else []), *([POSTS] if posts else [])):
            index = server.begin_rebuild(kind.name)
            for ids in _chunks(f"{kind.name} for the search server", kind, progress, held):
                _fill(kind, index, ids)
            flaws = flaws_on_server(kind, index)
            if flaws:
                _fill(kind, index, list(flaws))
                flaws = flaws_on_server(kind, index)
            held.renew()
            if flaws:
                raise Incomplete(f"{kind.name} on the search server: {in_words(flaws)}")
            server.finish_rebuild(kind.name, index)


def _fill(kind: Kind, index: str, ids: Sequence[int]) -> None:
    server = search_server()
    assert server is not None
    # The version is older than what is read under it, so that a change told meanwhile stays.
    version = new_id()
    server.tell(kind.name, kind.rows(ids), dict.fromkeys(ids, version), index)


def _chunks(what: str, kind: Kind, progress: Progress | None, held: HeldLease) -> Iterator[Sequence[int]]:
    ids = list(kind.findable().order_by("pk").values_list("pk", flat=True))
    done = 0
    for chunk in in_chunks(ids):
        held.renew()
        yield chunk
        done += len(chunk)
        if progress:
            progress(what, done, len(ids))


def _forget_words_but(keep: set[str]) -> None:
    kept = {word for word in keep if is_spelled(word)}
    forget_words(
        [word for word in Word.objects.values_list("word", flat=True).iterator() if word not in kept]
    )
