"""Test the search server: it is kept up to date, loses nothing when it fails, and the database is its fallback."""

import socket
import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.actions import erase_member, erase_now
from core.ids import new_id
from core.leases import LeaseLost, LeaseTaken, lease
from core.models import Lease
from posts.actions import hold_post
from search import kinds
from search.actions import (
    index_members,
    index_posts,
    push_pending,
    queue_followees,
    rebuild_database,
    rebuild_server,
)
from search.actions.rebuilding import REBUILD_LEASE
from search.analysis import parse_query
from search.engines import search_server
from search.engines.base import EngineDown, SearchAfter
from search.engines.elastic import MEMBERS, POSTS
from search.kinds import indexed_members, indexed_posts
from search.models import Pending
from search.queries import search_members, search_posts
from search.scope import SearchScope
from search.tasks import sweep
from social.actions import follow_member
from tests.factories import make_member, make_post
from tests.services.processes import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(elasticsearch_url, settings):
    """Use a real Elasticsearch, and remove the posts of the test from its index afterwards."""
    settings.ELASTICSEARCH_URL = elasticsearch_url
    settings.ELASTICSEARCH_PREFIX = "kith-test-elastic"
    settings.ELASTICSEARCH_TIMEOUT = 20  # a cold server on a busy machine is slow
    server = search_server()
    assert server
    server.breaker.reset()
    if not server.is_built():
        rebuild_server()
    yield server
    server.breaker.reset()
    server.remove("posts", ids_there(server, "roof"))
    server.refresh()


@pytest.fixture
def dead_server(settings):
    """Configure a server that doesn't exist."""
    settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{free_port()}"
    return search_server()


@pytest.fixture
def hung_server(settings):
    """Configure a server that accepts connections but never responds."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken = []

    def take():
        while True:
            try:
                taken.append(listener.accept())
            except OSError:
                return

    threading.Thread(target=take, daemon=True).start()
    settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield search_server()
    listener.close()
    for connection, _ in taken:
        connection.close()


def ids_there(server, query):
    server.refresh()
    return [
        hit.id
        for hit in server.search_posts(
            parse_query(query), SearchScope(None), after=SearchAfter(new_id()), size=10
        )
    ]


def people_there(server, query):
    server.refresh()
    return [
        hit.id
        for hit in server.search_members(
            parse_query(query), SearchScope(None), after=SearchAfter(new_id()), size=10
        )
    ]


def texts(query):
    return [post.text for post in search_posts(query, viewer=None).items]


def test_events_reach_the_server(server, alice, deliver, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post = make_post(alice, "Rain on the roof")
        deliver()
    assert not Pending.objects.exists()
    assert ids_there(server, "roof") == [post.pk]
    with django_capture_on_commit_callbacks(execute=True):
        hold_post(post=post, reason="Looked at again")
        deliver()
    assert ids_there(server, "roof") == []


def test_nothing_is_pushed_before_the_commit(server, alice):
    post = make_post(alice, "Rain on the roof")
    with transaction.atomic():
        index_posts(ids=[post.pk])
        transaction.set_rollback(True)
    assert not Pending.objects.exists()
    assert ids_there(server, "roof") == []


def test_without_a_server_nothing_is_pending(alice):
    index_posts(ids=[make_post(alice, "Rain on the roof").pk])
    assert not Pending.objects.exists()


def test_a_new_server_is_filled_by_the_sweep(server, alice):
    server.clear()
    post = make_post(alice, "Rain on the roof")
    index_posts(ids=[post.pk])
    assert texts("roof") == ["Rain on the roof"], "the database answers until then"
    server.breaker.reset()
    sweep()
    assert ids_there(server, "roof") == [post.pk]
    assert not Pending.objects.exists()


def test_followers_reach_the_server(server, alice, bob, carol, deliver, django_capture_on_commit_callbacks):
    fans = [make_member(f"river_{name}", display_name="River") for name in "ab"]
    rebuild_server()
    with django_capture_on_commit_callbacks(execute=True):
        for by in (alice, bob, carol):
            follow_member(member=fans[0], by=by)
        deliver()
    sweep()
    server.refresh()
    assert [m.username for m in search_members("river", viewer=None).items] == ["river_a", "river_b"]


@pytest.mark.parametrize("away", [False, True], ids=["there", "away"])
def test_a_deleted_member_is_deleted_on_the_server_too(
    server, alice, settings, away, deliver, django_capture_on_commit_callbacks
):
    here = settings.ELASTICSEARCH_URL
    with django_capture_on_commit_callbacks(execute=True):
        gone = make_member("gone_lagoon", display_name="Gone Lagoon")
        make_post(gone, "Rain on the roof")
        index_members(ids=[gone.pk])
        deliver()
    server.refresh()
    assert people_there(server, "lagoon") == [gone.pk]
    assert len(ids_there(server, "roof")) == 1
    if away:
        settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{free_port()}"
    with django_capture_on_commit_callbacks(execute=True):
        erase_now(member=gone, by=make_member("staff", is_staff=True))
        assert erase_member(member_id=gone.pk)
        deliver()
    sweep()
    assert Pending.objects.exists() == away
    settings.ELASTICSEARCH_URL = here
    server.breaker.reset()
    sweep()
    assert people_there(server, "lagoon") == []
    assert ids_there(server, "roof") == []
    assert not Pending.objects.exists()


def test_nothing_is_lost_while_the_server_is_down(server, alice, settings, deliver):
    url = settings.ELASTICSEARCH_URL
    settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{free_port()}"
    post = make_post(alice, "Rain on the roof")
    deliver()
    sweep()
    assert Pending.objects.count() >= 1
    assert texts("roof") == ["Rain on the roof"]
    settings.ELASTICSEARCH_URL = url
    sweep()
    assert not Pending.objects.exists()
    assert ids_there(server, "roof") == [post.pk]


def test_a_late_write_does_not_overwrite_a_newer_one(server, alice):
    post = make_post(alice, "Rain on the roof")
    old = indexed_posts([post.pk])
    earlier, later = new_id(), new_id()
    server.write(POSTS, {}, {post.pk: later})
    server.write(POSTS, old, {post.pk: earlier})
    assert ids_there(server, "roof") == []


def test_a_rebuild_does_not_interrupt(server, alice):
    first = make_post(alice, "Rain on the roof")
    rebuild_server()
    index = server.begin_rebuild(POSTS)
    second = make_post(alice, "Snow on the roof")
    index_posts(ids=[second.pk])
    push_pending()
    assert set(ids_there(server, "roof")) == {first.pk, second.pk}, "the old index answers, and is told"
    server.write(POSTS, indexed_posts([first.pk]), {first.pk: new_id()}, index)
    server.finish_rebuild(POSTS, index)
    assert set(ids_there(server, "roof")) == {first.pk, second.pk}, "the new one has what came meanwhile"
    assert server._indices(POSTS) == [index]


def test_reindex_builds_both(server, alice, capsys):
    post = make_post(alice, "Rain on the roof")
    call_command("reindex")
    assert ids_there(server, "roof") == [post.pk]
    assert "search server" in capsys.readouterr().out
    server.write(MEMBERS, indexed_members([alice.pk]), {alice.pk: new_id()})


def test_reindex_reports_that_the_server_is_down(dead_server, alice):
    index_posts(ids=[make_post(alice, "Rain on the roof").pk])
    with pytest.raises(CommandError, match="doesn’t respond"):
        call_command("reindex")
    assert texts("roof") == ["Rain on the roof"]


@pytest.mark.parametrize("how", ["dead_server", "hung_server"])
def test_the_database_is_searched_when_the_server_does_not_respond(how, request, client, alice):
    request.getfixturevalue(how)
    index_posts(ids=[make_post(alice, "Rain on the roof").pk])
    index_members(ids=[alice.pk])
    client.get("/search")  # Load the templates first, to measure only the wait for the server.
    began = time.monotonic()
    response = client.get("/search", {"q": "roof"})
    first = time.monotonic() - began
    assert response.status_code == 200
    assert "Rain on the roof" in response.text
    assert "error" not in response.text.lower().split("<main")[1].split("</main")[0]
    assert first < 2
    began = time.monotonic()
    for _ in range(5):
        assert texts("roof") == ["Rain on the roof"]
        assert search_members("alice", viewer=None)
    assert time.monotonic() - began < 0.5, "nobody else waits"


def test_a_refused_request_goes_to_the_database_and_the_next_one_to_the_server(server, alice, monkeypatch):
    index_posts(ids=[make_post(alice, "Rain on the roof").pk])
    with monkeypatch.context() as now:
        now.setattr("search.engines.elastic.RECENCY_DAYS", "nonsense")
        assert texts("roof") == ["Rain on the roof"]
    assert not server.breaker.is_open


def test_changes_that_a_busy_server_refuses_are_pushed_again(server, alice, monkeypatch):
    def full(*args, **options):
        yield False, {"index": {"_id": "1", "status": 429}}

    index_posts(ids=[make_post(alice, "Rain on the roof").pk])
    with monkeypatch.context() as now:
        now.setattr("search.engines.elastic.streaming_bulk", full)
        assert push_pending() == 0
    assert Pending.objects.count() == 1
    assert push_pending() == 1


def test_a_closed_account_updates_follower_counts_on_the_server(dead_server, alice, bob, carol, monkeypatch):
    monkeypatch.setattr("search.actions.indexing.CHUNK_SIZE", 1)
    for member in (alice, carol):
        follow_member(member=member, by=bob)
    for after, following in ((0, alice.pk), (alice.pk, carol.pk), (carol.pk, 0)):
        assert queue_followees(member_id=bob.pk, after_id=after) == following
    assert set(Pending.objects.values_list("object_id", flat=True)) == {alice.pk, carol.pk}


def test_the_next_page_of_a_server_result_may_come_from_the_database(server, alice, settings):
    posts = [make_post(alice, f"Rain {n}") for n in range(9)]
    index_posts(ids=[post.pk for post in posts])
    rebuild_server()
    first = search_posts("rain", viewer=None, size=4)
    settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{free_port()}"
    second = search_posts("rain", viewer=None, size=4, cursor=first.next_cursor)
    third = search_posts("rain", viewer=None, size=4, cursor=second.next_cursor)
    found = [post.pk for page in (first, second, third) for post in page.items]
    assert sorted(found) == sorted(post.pk for post in posts)


def test_while_the_server_is_down_it_is_not_asked(dead_server):
    with pytest.raises(EngineDown):
        dead_server.refresh()
    assert dead_server.breaker.is_open
    with pytest.raises(EngineDown, match="Elasticsearch is away"):
        dead_server.refresh()


# --- Rebuilds and incomplete indexes ---------------------------------------------------------------------------


def test_a_write_never_creates_an_index(server, alice):
    post = make_post(alice, "Rain on the roof")
    [index] = server._serving(POSTS)
    server._client.indices.delete(index=index)
    with pytest.raises(EngineDown):
        server.write(POSTS, indexed_posts([post.pk]), {post.pk: new_id()}, index)
    with pytest.raises(EngineDown):
        server.index("posts", list(indexed_posts([post.pk]).values()))
    server.breaker.reset()
    assert server._indices(POSTS) == []
    index_posts(ids=[post.pk])
    assert push_pending() == 0
    assert Pending.objects.count() == 1, "it is told once there is an index again"
    server.breaker.reset()
    sweep()
    assert ids_there(server, "roof") == [post.pk]
    assert not Pending.objects.exists()


def test_an_index_of_another_schema_is_not_searched_and_is_deleted_later(server, alice, monkeypatch):
    post = make_post(alice, "Rain on the roof")
    index_posts(ids=[post.pk])
    rebuild_server()
    monkeypatch.setattr("search.engines.elastic.SCHEMA", 99)
    assert not server.is_built()
    assert texts("roof") == ["Rain on the roof"], "the database answers"
    server.breaker.reset()
    rebuild_server()
    assert ids_there(server, "roof") == [post.pk]
    assert len(server._indices(POSTS)) == 1
    monkeypatch.undo()
    server.breaker.reset()
    rebuild_server()


def test_a_second_rebuild_waits(server, alice, capsys, monkeypatch):
    index_posts(ids=[make_post(alice, "Rain on the roof").pk])
    held = lease(REBUILD_LEASE)
    held.__enter__()
    for build in (rebuild_server, rebuild_database):
        with pytest.raises(LeaseTaken):
            build()
    server.clear()
    sweep()
    server.breaker.reset()
    assert not server.is_built(), "the sweep leaves it to who is at it"
    monkeypatch.setattr("time.sleep", lambda seconds: held.__exit__(None, None, None))
    call_command("reindex")
    assert "Another rebuild began at" in capsys.readouterr().out
    assert len(ids_there(server, "roof")) == 1


def test_an_incomplete_index_is_not_used(server, alice, monkeypatch):
    post = make_post(alice, "Rain on the roof")
    rebuild_server()
    [old] = server._serving(POSTS)
    real = server.write
    monkeypatch.setattr(
        server, "write", lambda kind, rows, versions, index=None: real(kind, {}, versions, index)
    )
    with pytest.raises(CommandError, match="posts on the search server: 1 missing"):
        call_command("reindex", "--posts")
    assert server._serving(POSTS) == [old]
    assert ids_there(server, "roof") == [post.pk]
    monkeypatch.undo()
    rebuild_server()
    assert len(server._indices(POSTS)) == 1, "what was left behind is gone"


def test_a_rebuild_that_lost_its_lease_stops(server, alice, monkeypatch):
    make_post(alice, "Rain on the roof")
    rebuild_server()
    [old] = server._serving(POSTS)
    real = server.begin_rebuild

    def begin(kind):
        Lease.objects.update(holder="another")
        return real(kind)

    monkeypatch.setattr(server, "begin_rebuild", begin)
    with pytest.raises(LeaseLost):
        rebuild_server(kinds=[kinds.POSTS])
    assert server._serving(POSTS) == [old]
    Lease.objects.all().delete()
