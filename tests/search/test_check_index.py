"""Test manage.py check_index: it reports and fixes mismatches in the database and on the search server."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Member
from posts.models import Post
from search.actions import index_posts, push_pending
from search.engines import search_server
from search.kinds import indexed_posts
from search.models import MemberDocument, Pending, PostDocument, VocabularyTerm
from search.queries import search_members, search_posts
from tests.factories import make_member
from tests.search.writing import index, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts(engine: str, alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch) -> list[Post]:
    monkeypatch.setattr("search.actions.checking.CHUNK_SIZE", 3)
    index(members=[alice, bob])
    return [write(author, f"Rain {n}") for n in range(4) for author in (alice, bob)]


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Run the command and return the mismatches that it reports."""
    capsys.readouterr()
    call_command("check_index", *arguments)
    return [line for line in capsys.readouterr().out.splitlines() if not line.endswith(": correct")]


def found_wrong(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run the command with --check and return the mismatches; it fixes none and exits with status 1."""
    capsys.readouterr()
    with pytest.raises(CommandError) as fault:
        call_command("check_index", "--check")
    assert fault.value.returncode == 1
    return [line for line in capsys.readouterr().out.splitlines() if not line.endswith(": correct")]


def test_a_correct_index_stays_as_it_is(posts: list[Post], capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(capsys, "--check") == []
    assert checked(capsys) == []


def test_mismatches_in_the_database_are_reported_and_fixed(
    posts: list[Post], bob: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    PostDocument.objects.filter(pk=posts[0].pk).delete()
    PostDocument.objects.filter(pk=posts[1].pk).update(terms="nonsense")
    Post.objects.filter(pk=posts[2].pk).update(state=Post.State.HELD)
    PostDocument.objects.filter(pk=posts[3].pk).update(audience=bob.pk)
    PostDocument.objects.create(post_id=5, terms="of a post that is gone", author_terms="")
    MemberDocument.objects.filter(pk=bob.pk).update(name_terms="somebody")
    VocabularyTerm.objects.filter(term="rain").delete()
    VocabularyTerm.objects.create(term="nonsense", size=8, head="no", tail="nse")
    if server := search_server():
        server.remove("posts", [posts[2].pk])
    expected = [
        "words: 1 missing, 1 surplus",
        "members in the database: 1 stale",
        "posts in the database: 1 missing, 2 surplus, 1 with the wrong audience, 1 stale",
    ]
    assert found_wrong(capsys) == expected
    assert checked(capsys) == expected
    assert checked(capsys, "--check") == []
    assert len(search_posts("rain", viewer=None).items) == 7


@pytest.mark.sqlite
def test_an_empty_full_text_table_is_reported_and_filled(
    alice: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite has its full-text tables in addition to the documents."""
    alice.is_private = True
    alice.save()
    private, public = write(alice, "Rain"), write(make_member("eve"), "Rain")
    index(members=Member.objects.all())
    with connection.cursor() as cursor:
        for table in ("search_post_fts", "search_private_post_fts", "search_member_fts"):
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('delete-all')")
    assert not search_posts("rain", viewer=None)
    expected = ["members in the database: 2 missing", "posts in the database: 2 missing"]
    assert found_wrong(capsys) == expected
    assert checked(capsys) == expected
    assert search_posts("rain", viewer=None).items == [public]
    assert set(search_posts("rain", viewer=alice).items) == {private, public}
    assert search_members("alice", viewer=None).items == [alice]


@pytest.mark.parametrize("engine", ["elasticsearch"], indirect=True)
def test_mismatches_on_the_search_server_are_reported_and_fixed(
    posts: list[Post], alice: Member, bob: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    server = search_server()
    assert server is not None
    old = indexed_posts([post.pk for post in posts])
    server.remove("posts", [posts[0].pk])
    Post.objects.filter(pk=posts[1].pk).update(text="Snow")
    Post.objects.filter(pk=posts[2].pk).update(state=Post.State.REMOVED)
    Member.objects.filter(pk=bob.pk).update(is_private=True, followers_count=7)
    index_posts(ids=[post.pk for post in posts])
    # These changes were never pushed to the server.
    Pending.objects.all().delete()
    assert len(old) == 8
    expected = [
        "members on the search server: 1 stale",
        "posts on the search server: 1 missing, 1 surplus, 4 with the wrong audience",
    ]
    assert found_wrong(capsys) == expected
    assert checked(capsys) == expected
    assert checked(capsys, "--check") == []
    assert len(search_posts("rain", viewer=None).items) == 3


@pytest.mark.parametrize("engine", ["elasticsearch"], indirect=True)
def test_pending_changes_are_pushed_first(posts: list[Post], capsys: pytest.CaptureFixture[str]) -> None:
    Post.objects.filter(pk=posts[0].pk).update(text="Snow")
    index_posts(ids=[posts[0].pk])
    assert Pending.objects.exists()
    assert checked(capsys, "--check") == []
    assert push_pending() == 0


@pytest.mark.parametrize("engine", ["elasticsearch"], indirect=True)
def test_a_server_without_an_index_gets_one(
    posts: list[Post], capsys: pytest.CaptureFixture[str], deliver: Callable[[], None]
) -> None:
    server = search_server()
    assert server is not None
    server.clear()
    assert found_wrong(capsys) == ["search server: no index"]
    assert not server.is_built()
    checked(capsys)
    assert server.is_built()
    assert checked(capsys, "--check") == []
