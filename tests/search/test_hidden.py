"""Check that hidden content changes no search result: every page and cursor is the same as if it didn't exist.

This holds for every engine, even while the index is behind.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import deactivate_member, reactivate_member
from accounts.models import Block, Member
from posts.models import Post
from search.actions import index_author, push_pending, rebuild_database
from search.engines import search_server
from search.models import PostDocument, VocabularyTerm
from search.queries import search_members, search_posts
from social.actions import block_member, set_private
from social.models import Follow
from tests.factories import make_member
from tests.search.writing import index, write

pytestmark = pytest.mark.django_db

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
DIARY = "Dear diary, the doctor gave me the diagnosis today"
HOW = (
    "private",
    "made private",
    "held",
    "removed",
    "deleted",
    "pending",
    "closed",
    "unlisted",
    "followers",
    "mentioned",
)
POSTS = ["d", "diagnosys", "diary doctor", "from:@private_one diagno", "from:held_one", "dokter"]
PEOPLE = ["dokter", "one"]


@pytest.fixture
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze the time, because pages are compared with the same pages a moment later."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def viewers(engine: str, _still: None) -> dict[str, Member | None]:
    """Create viewers and visible posts with similar terms to those of the diaries."""
    found = {name: make_member(name) for name in ("stranger", "blocked", "blocker")}
    authors = [make_member(f"author{n}", display_name=f"Doctor {n}", followers_count=n) for n in range(3)]
    texts = [
        "The doctor of the village",
        "A diagnosis is a guess",
        "Doctor, doctor, what is the time, I have been waiting here for a very long while now",
        "My #diary of a garden",
        "Nobody reads diaries any more",
        "Dogs",
    ]
    for n, text in enumerate(texts):
        write(authors[n % 3], text, days_ago=n * 7)
    index(members=[*found.values(), *authors])
    return {"guest": None, **found}


def write_diaries(viewers: dict[str, Member | None]) -> tuple[list[Member], list[Post]]:
    """Create an author with posts for each way of hiding them, and hide them."""
    authors, posts = [], []
    for how in HOW:
        name = f"{how.replace(' ', '_')}_one"
        author = make_member(name, display_name="Doctor One", is_private=how == "private", followers_count=9)
        authors.append(author)
        for n in range(3):
            posts.append(write(author, f"{DIARY} {'again ' * n} diagnosys dokter #diary", days_ago=n))
    index(members=authors)
    for how, author in zip(HOW, authors, strict=True):
        if how in Post.State.values:
            Post.objects.filter(author=author).update(state=how)
        if how in Post.Visibility.values:
            Post.objects.filter(author=author).update(visibility=how)
        rows = Member.objects.filter(pk=author.pk)
        rows.update(is_active=how != "closed", is_private="private" in how)
    parted = [
        pair for author in authors for pair in ((author, viewers["blocked"]), (viewers["blocker"], author))
    ]
    Block.objects.bulk_create([Block(blocker=one, blocked=other) for one, other in parted])
    return authors, posts


def answers(viewer: Member | None) -> Iterator[Any]:
    """Yield all search results of a viewer: every page for each query and limit."""
    for find, queries in ((search_posts, POSTS), (search_members, PEOPLE)):
        for query in queries:
            for size in (1, 2, 20):
                cursor: str | None = None
                while cursor != "":
                    page: Any = find(query, viewer=viewer, cursor=cursor, size=size)
                    assert page.items or not page.next_cursor, "an empty page has no next one"
                    assert len(page.items) == size or not page.next_cursor, "a page is full or the last"
                    yield query, size, [item.pk for item in page.items], page.next_cursor, page.corrected
                    cursor = page.next_cursor


@pytest.mark.parametrize("told", [True, False], ids=["the index knows", "the index is behind"])
def test_hidden_posts_change_no_result(viewers: dict[str, Member | None], told: bool) -> None:
    authors, posts = write_diaries(viewers)
    if told:
        index(posts=posts, members=authors)
    there = {name: list(answers(viewer)) for name, viewer in viewers.items()}
    # Delete what each viewer may not see: the posts, and authors who are closed or on the other side of a block.
    Post.objects.filter(author__in=authors).delete()
    Member.objects.filter(pk=authors[HOW.index("closed")].pk).delete()
    rebuild_database()
    index(posts=posts, members=authors)
    for name in ("guest", "stranger"):
        assert there[name] == list(answers(viewers[name])), name
    Member.objects.filter(pk__in=[author.pk for author in authors]).delete()
    rebuild_database()
    index(members=authors)
    for name in ("blocked", "blocker"):
        assert there[name] == list(answers(viewers[name])), name
    assert any(ids for _, _, ids, _, _ in there["guest"])


def test_followers_find_posts_of_a_private_account(
    engine: str, alice: Member, bob: Member, carol: Member
) -> None:
    Member.objects.filter(pk=alice.pk).update(is_private=True)
    Follow.objects.create(follower=bob, followee=alice)
    post = write(Member.objects.get(pk=alice.pk), DIARY)
    write(carol, "A diagnosis of mine")
    for viewer, found in ((bob, 2), (Member.objects.get(pk=alice.pk), 2), (carol, 1), (None, 1)):
        assert len(search_posts("diagnosis", viewer=viewer).items) == found
    assert search_posts("from:alice", viewer=bob).items == [post]
    assert search_posts("from:alice dairy", viewer=bob).items == [], "its words are offered to nobody"
    assert not search_posts("from:alice", viewer=carol)


def test_followers_find_posts_for_followers(engine: str, alice: Member, bob: Member, carol: Member) -> None:
    Follow.objects.create(follower=bob, followee=alice)
    post = write(alice, DIARY, visibility=Post.Visibility.FOLLOWERS)
    write(alice, f"{DIARY} @bob", visibility=Post.Visibility.UNLISTED)
    write(alice, f"{DIARY} @bob", visibility=Post.Visibility.MENTIONED)
    for viewer, found in ((bob, [post]), (alice, [post]), (carol, []), (None, [])):
        assert search_posts("diagnosis", viewer=viewer).items == found
    assert search_posts("from:alice", viewer=bob).items == [post]
    assert not search_posts("from:alice", viewer=carol)
    # Its audience stays when the account is made private and public again.
    for private in (True, False):
        Member.objects.filter(pk=alice.pk).update(is_private=private)
        index_author(member_id=alice.pk)
        assert PostDocument.objects.get().audience == alice.pk


def test_of_many_hits_the_newest_visible_ones_are_scored(
    alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the index doesn't know what is hidden, as with blocks, which it never knows."""
    monkeypatch.setattr("search.engines.database.CANDIDATES", 4)
    old = [write(bob, f"Rain {n}", days_ago=50 + n) for n in range(6)]
    for n in range(11):
        write(alice, f"Rain {n}", days_ago=n)
    block_member(member=alice, by=bob)
    assert [post.pk for post in search_posts("rain", viewer=bob).items] == [post.pk for post in old[:4]]


# --- Corrections ------------------------------------------------------------------------------------------------------


def test_a_hidden_term_is_no_correction_and_displaces_none(
    engine: str, alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.corrections.MAX_CORRECTIONS", 1)
    near = write(alice, "Such a balcond")
    write(bob, "Such a balconz, such a balconx")
    assert search_posts("balconu", viewer=None).items == [near]
    # Hidden terms that come earlier in the alphabet: held, removed, deleted, and of a private account.
    hidden = [write(bob, f"Such a balcon{letter}") for letter in "abc"]
    for post, state in zip(hidden, ("held", "removed", "deleted"), strict=True):
        Post.objects.filter(pk=post.pk).update(state=state)
    private = make_member("private", is_private=True)
    write(private, "Such a balconaa")
    found = search_posts("balconu", viewer=None)
    assert (found.items, found.corrected) == ([near], True)


def test_terms_of_private_accounts_are_not_in_the_vocabulary(alice: Member) -> None:
    Member.objects.filter(pk=alice.pk).update(is_private=True)
    write(Member.objects.get(pk=alice.pk), "Mesothelioma")
    assert not VocabularyTerm.objects.filter(term="mesothelioma").exists()


# --- Work ------------------------------------------------------------------------------------------------------------


@contextmanager
def counted_steps() -> Iterator[Callable[[], int]]:
    """Count the steps of SQLite's virtual machine, in tens."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.connection.set_progress_handler(step, 10)
    try:
        yield lambda: steps
    finally:
        connection.connection.set_progress_handler(None, 10)


@pytest.mark.sqlite
@pytest.mark.usefixtures("_still")
def test_hidden_posts_do_not_slow_down_a_search(alice: Member, bob: Member) -> None:
    """Posts of a private account add neither queries nor steps within them."""
    for n in range(30):
        write(alice, f"Rain on the roof {n}", days_ago=n)

    def work() -> list[tuple[int, int]]:
        done = []
        for query in ("rain", "roof diagno", "diagnosis", "diagnosys", "from:bob diagnosis", "d"):
            with counted_steps() as steps, CaptureQueriesContext(connection) as queries:
                search_posts(query, viewer=alice)
            done.append((steps(), len(queries)))
        return done

    Member.objects.filter(pk=bob.pk).update(is_private=True)
    work()
    without = work()
    for n in range(60):
        write(Member.objects.get(pk=bob.pk), f"{DIARY}, and rain on the roof {n}", days_ago=n / 2)
    for (steps, queries), (more_steps, more_queries) in zip(without, work(), strict=True):
        assert more_queries == queries
        # A deeper B-tree may add a few.
        assert abs(more_steps - steps) <= 10


# --- Updates of the index ---------------------------------------------------------------------------------------


def audiences(author: Member) -> set[int | None]:
    return set(PostDocument.objects.filter(post__author=author).values_list("audience", flat=True))


def texts(query: str, viewer: Member | None = None) -> list[str]:
    if server := search_server():
        push_pending()
        server.refresh()
    return [post.text for post in search_posts(query, viewer=viewer).items]


def test_posts_follow_an_account_that_becomes_private_and_public(
    engine: str, alice: Member, bob: Member, deliver: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.actions.indexing.CHUNK_SIZE", 2)
    wrote = [f"Rain {n}" for n in range(5)]
    for text in wrote:
        write(alice, text)
    Follow.objects.create(follower=bob, followee=alice)
    for private in (True, False, True, True):
        set_private(by=alice, private=private)
        deliver()
        assert audiences(alice) == {alice.pk if private else None}
        assert sorted(texts("rain")) == ([] if private else wrote)
        assert sorted(texts("rain", bob)) == wrote


def test_a_closed_account_leaves_the_index_and_returns(
    engine: str, alice: Member, deliver: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.actions.indexing.CHUNK_SIZE", 2)
    staff = make_member("staff", is_staff=True)
    for n in range(5):
        write(alice, f"Rain {n}")
    index(members=[alice])
    for _ in range(2):
        deactivate_member(member=alice, by=staff)
        deliver()
        assert audiences(alice) == set()
        assert texts("rain") == []
        assert search_members("alice", viewer=None).items == []
        reactivate_member(member=alice, by=staff)
        deliver()
        assert len(texts("rain")) == 5
        assert search_members("alice", viewer=None).items == [alice]
