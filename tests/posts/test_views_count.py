"""View counts: once for each member and hour, exact after they are written."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from core.tallies import Tally
from posts.actions import delete_post, record_views, views, write_views
from posts.models import Post
from posts.serializers import serialize_posts
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_waits():
    views.VIEWS.forget()
    yield
    views.VIEWS.forget()


def seen(*posts, by):
    record_views(posts=[(post.pk, post.author_id) for post in posts], by=by)


def count(post):
    write_views()
    return Post.objects.get(pk=post.pk).views_count


def test_a_member_counts_once_an_hour(alice, bob, carol, monkeypatch):
    post = make_post(alice)
    now = [0.0]
    monkeypatch.setattr("core.tallies.time.monotonic", lambda: now[0])
    for _ in range(3):
        seen(post, by=bob)
    seen(post, by=carol)
    assert count(post) == 2
    now[0] = 3599
    seen(post, by=bob)
    assert count(post) == 2
    now[0] = 3600
    seen(post, by=bob)
    assert count(post) == 3
    assert count(post) == 3


def test_authors_and_visitors_are_not_counted(alice):
    post = make_post(alice)
    seen(post, by=alice)
    seen(post, by=None)
    assert write_views() == 0


def test_pages_the_api_and_cards_on_screen_count(alice):
    post = make_post(alice)

    def visitor():
        client = Client()
        client.force_login(make_member())
        return client

    visitor().get(post.path)
    visitor().get(f"/api/posts/{post.pk}")
    event = {"id": "event-000001", "post": str(post.pk), "kind": "view"}
    visitor().post("/api/track", event, content_type="application/json")
    visitor().post("/api/track", {**event, "kind": "dwell"}, content_type="application/json")
    visitor().head(post.path)
    visitor().get("/")
    Client().get(post.path)
    assert count(post) == 3


def test_only_the_author_sees_the_number(client, alice, bob):
    post = make_post(alice)
    seen(post, by=bob)
    write_views()
    now = Post.objects.with_card_fields().get(pk=post.pk)
    assert [serialize_posts([now], viewer)[0]["views_count"] for viewer in (alice, bob, None)] == [
        1,
        None,
        None,
    ]
    client.force_login(alice)
    assert "1 view<" in client.get(post.path).content.decode()
    client.force_login(bob)
    assert "1 view" not in client.get(post.path).content.decode()


def test_views_are_written_in_a_fixed_number_of_queries(alice, bob, django_assert_num_queries):
    seen(*[make_post(alice) for _ in range(30)], by=bob)
    with django_assert_num_queries(4):
        assert write_views() == 30
    with django_assert_num_queries(0):
        assert write_views() == 0


def test_what_could_not_be_written_is_kept(alice, bob, monkeypatch):
    post = make_post(alice)
    seen(post, by=bob)
    with monkeypatch.context() as away:
        away.setattr("posts.actions.views.transaction.atomic", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_views()
    assert count(post) == 1


def test_a_deleted_post_has_no_views(alice, bob, carol):
    post = make_post(alice)
    seen(post, by=bob)
    write_views()
    seen(post, by=carol)
    delete_post(post=post, by=alice)
    assert count(post) == 0


def race(tally):
    """Have 32 threads count the same things at once while another takes them."""
    taken = []
    with ThreadPoolExecutor(33) as pool:
        done = [
            pool.submit(tally.add, {thing: f"{thing}.{who % 16}" for thing in range(20)}) for who in range(32)
        ]
        while not all(future.done() for future in done):
            taken.append(tally.take())
    taken.append(tally.take())
    return {thing: sum(part.get(thing, 0) for part in taken) for thing in range(20)}


def test_many_count_at_once_in_memory():
    assert race(Tally("race", period=60)) == dict.fromkeys(range(20), 16)


def test_many_count_at_once_in_redis(redis_url, settings):
    settings.REDIS_URL = redis_url
    tally = Tally("race", period=60)
    assert race(tally) == dict.fromkeys(range(20), 16)
    tally.give_back({1: 2})
    assert tally.take() == {1: 2}


def test_nothing_fails_without_redis(settings, alice, bob):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    seen(make_post(alice), by=bob)


def test_memory_forgets_the_oldest(monkeypatch):
    monkeypatch.setattr("core.tallies.REMEMBERED_MAX", 10)
    tally = Tally("small", period=60)
    for n in range(50):
        tally.add({n: str(n)})
    assert len(tally._until) <= 11
    assert sum(tally.take().values()) == 50
