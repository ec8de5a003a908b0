"""Check that hidden content changes nothing (see equality.py).

Everything runs on SQLite, and on PostgreSQL only what its SQL could change. With KITH_MATRIX=full (make test-all) every
viewer requests everything on both.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Member
from config.counters import COUNTERS
from core.counters import Counter, fix_all
from core.ids import MAX_ID
from posts.models import Poll, PollOption, Post
from search import queries
from search.actions import rebuild_server
from search.engines import database_engine, search_server
from search.engines.base import IndexedMember, IndexedPost
from tests.visibility.equality import Equality, add_more, remove_hidden
from tests.visibility.test_mutations import unguard
from tests.visibility.truth import VIEWERS
from tests.visibility.world import Person, World, build_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FULL = os.environ.get("KITH_MATRIX") == "full"
PARTS = {
    "guests": ("anonymous", "stranger"),
    "followers": ("follower", "muter"),
    "blocks": ("blocked",),
    "others": tuple(
        viewer.name
        for viewer in VIEWERS
        if viewer.name not in ("anonymous", "stranger", "follower", "muter", "blocked")
    ),
}
"""Viewers with a relation of their own to the authors, and the others, who share the lists between them."""
OTHERS_SHARE = 8


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Create a world with more content, at a fixed time and with a fixed random token."""
    world = build_world()
    add_more(world)
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr("feed.queries.for_you.secrets.token_urlsafe", lambda size: "session")
    return world


def people(world: World, names: tuple[str, ...]) -> list[Person]:
    """Return these viewers; for the author, one with a private account and one with held posts."""
    authors = [world.authors["private"], world.authors["held"]] if "author" in names else []
    return [*(world.people[name] for name in names if name != "author"), *authors]


@pytest.mark.parametrize("part", PARTS)
def test_hidden_content_changes_no_list(
    world: World, part: str, record_property: Callable[[str, Any], None]
) -> None:
    names = PARTS[part]
    if only := os.environ.get("KITH_MATRIX_VIEWERS"):
        names = tuple(name for name in names if name in only.split(","))
    look = Equality(world, people(world, names))
    if not FULL:
        if part == "others":
            look.limits, look.share = (1,), OTHERS_SHARE
        if connection.vendor == "postgresql":
            look.limits, look.pages_too = (2,), False
    look.look()
    _report(record_property, part, look)
    assert not look.findings, "\n" + "\n".join(look.findings)


def _report(record_property: Callable[[str, Any], None], part: str, look: Equality) -> None:
    found = f"{len(look.findings)} changed by what is hidden"
    cost = f"{look.requests:,} requests, {look.seconds:.0f} s of processor"
    record_property("visibility equality", f"equality: {look.lists:,} lists for {part}, {found} ({cost})")


SEARCH = frozenset({"search", "api/search/posts", "api/search/users", "lists/<id:list_id>/people"})


def test_hidden_content_changes_no_list_with_elasticsearch(
    world: World, settings: Any, elasticsearch_url: str, record_property: Callable[[str, Any], None]
) -> None:
    """Its index is as stale as the one in the database; without hidden content a second index is used."""
    settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_TIMEOUT = elasticsearch_url, 20
    settings.ELASTICSEARCH_PREFIX = "kith-test-matrix-with"
    server = search_server()
    assert server is not None
    rebuild_server()
    authors = dict(Post.objects.values_list("pk", "author_id"))
    posts = [row for row in database_engine().stored("posts", 0, MAX_ID) if isinstance(row, IndexedPost)]
    server.index("posts", [replace(row, author_id=authors[row.id]) for row in posts])
    followers = dict(Member.objects.get_queryset().values_list("pk", "followers_count"))
    members = [
        row for row in database_engine().stored("members", 0, MAX_ID) if isinstance(row, IndexedMember)
    ]
    server.index("members", [replace(row, followers=followers[row.id]) for row in members])
    server.refresh()

    @contextmanager
    def elsewhere() -> Iterator[None]:
        settings.ELASTICSEARCH_PREFIX = "kith-test-matrix-without"
        rebuild_server()
        yield
        settings.ELASTICSEARCH_PREFIX = "kith-test-matrix-with"

    names = ("anonymous", "stranger", "follower", "blocked")
    look = Equality(world, people(world, names), only=SEARCH, elsewhere=elsewhere).look()
    _report(record_property, "Elasticsearch", look)
    assert not server.breaker.is_open
    assert not look.findings, "\n" + "\n".join(look.findings)


# --- Indirect leaks ------------------------------------------------------------------------------------------------


def as_search_once_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make search filter hidden hits after the query, and place its cursor after the last hit, hidden or not."""
    private = list(Member.objects.visible_to(None).values_list("pk", flat=True))

    def fill_page(query: Any, searcher: Any, position: Any, size: int) -> Any:
        hits = next(queries._batches(query, searcher, position, size), [])
        shown = {item.pk: item for item in searcher.fetch([hit.id for hit, _ in hits])}
        items = [shown[hit.id] for hit, _ in hits if hit.id in shown][:size]
        cursor = position.after_hit(*hits[-1]).encode() if len(hits) > size else ""
        return queries.SearchPage(items, cursor, corrected=position.corrected)

    monkeypatch.setattr(queries, "_fill_page", fill_page)
    monkeypatch.setattr("search.engines.database._is_in_scope", lambda scope, kind, column: ("TRUE", []))
    monkeypatch.setattr(
        "search.engines.database.DatabaseEngine._sources",
        lambda self, match, scope: [self._posts(match), self._posts(match, private)],
    )


def halves_of_conversations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feed.queries.chronological.exclude_orphaned_replies", lambda posts, viewer: posts)


SLIPS: dict[str, tuple[str, str, Callable[[pytest.MonkeyPatch], object]]] = {
    "a cursor of what is hidden": ("api/search/posts", "anonymous", as_search_once_was),
    "an answer to what is hidden": ("api/timeline", "follower", halves_of_conversations),
    "a taste for what is hidden": ("api/feed", "stranger", unguard("feed.ranking.facts.Post")),
    "a suggestion by what is hidden": (
        "api/suggestions",
        "stranger",
        unguard("feed.suggestions.scoring.Post"),
    ),
    "a trend by what is hidden": ("api/trends", "anonymous", unguard("feed.actions.trends.Post")),
}
"""Mistakes that reveal hidden content without showing it: the route, the viewer, and the patch that makes them."""


def test_each_indirect_leak_is_detected(world: World) -> None:
    missed = []
    for name, (path, viewer, slip) in SLIPS.items():
        with pytest.MonkeyPatch.context() as monkeypatch, transaction.atomic():
            slip(monkeypatch)
            look = Equality(world, [world.people[viewer]], only=frozenset([path]), names_states=False).look()
            missed += [] if look.findings else [name]
            transaction.set_rollback(True)
    assert not missed


# --- Counters --------------------------------------------------------------------------------------------------------


def test_counters_include_only_what_everyone_may_see(world: World) -> None:
    """Counters are the same for everyone: as if content that is hidden from visitors didn't exist."""
    counters = [counter for counter in COUNTERS if counter.name != "reports_count"]
    fix_all(counters)
    counted = {counter.name: _numbers(counter) for counter in counters}
    with transaction.atomic():
        remove_hidden(world, world.people["anonymous"])
        fix_all(counters)
        without = {counter.name: _numbers(counter) for counter in counters}
        transaction.set_rollback(True)
    cache.clear()
    tell = {
        name
        for name, numbers in without.items()
        if any(counted[name].get(pk, number) != number for pk, number in numbers.items())
    }
    assert not tell


def _numbers(counter: Counter) -> dict[int, int]:
    """Return the counts that visitors may see, so not the post counts of private accounts."""
    rows: Any = counter.model._default_manager
    if of_post := {Poll: "post", PollOption: "poll__post"}.get(counter.model):
        shown = rows.filter(**{f"{of_post}__in": Post.objects.visible_to(None)})
    else:
        shown = rows.visible_to(None)
    if counter.name == "posts_count":
        shown = shown.filter(is_private=False)
    return dict(shown.values_list("pk", counter.name))
