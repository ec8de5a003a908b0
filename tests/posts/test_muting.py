"""Muted posts are hidden or get a warning in every list, but their own pages still open."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Member
from core.pages import Page, decode_cursor, encode_cursor, filled
from feed.actions.trends import compute_trends
from feed.queries.explore import latest_posts, posts_tagged
from feed.queries.for_you import for_you
from feed.queries.lists import list_timeline
from feed.queries.timeline import following_timeline
from feed.queries.trending import trending_posts, trending_tags
from messaging.actions import send_message
from messaging.queries import inbox_of, unread_messages
from notifications.actions import notify
from notifications.models import Notification, NotificationKind
from notifications.queries import entries, unseen_count
from posts.actions import edit_post, like_post, mute_thread, unmute_thread
from posts.models import Post
from posts.muting import mute_filter_for
from posts.queries import Thread, thread_of, viewer_marks, visible_post, visible_tag
from search.queries import search_members, search_posts
from social.actions import (
    edit_muted_word,
    follow_member,
    mute_member,
    mute_word,
    unmute_member,
    unmute_word,
)
from social.actions.lists import add_to_list, create_list
from social.models import Mute, MutedWord
from social.queries import Place
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PLACES: tuple[Place, ...] = ("home", "notifications", "threads", "search")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def as_(member: Member | None) -> Client:
    client = Client()
    if member is not None:
        client.force_login(member)
    return client


def texts(page: Page[Post]) -> list[str]:
    return [post.text for post in page.items]


# --- Verdicts: place × action × spelling ----------------------------------------------------------------------

KINDS = {
    "a word": ("zebra", "Look, a ZÉBRA!"),
    "a phrase": ("blue moon", "once in a Blue Moon"),
    "a tag": ("#zebra", "stripes #Zebra"),
    "Chinese": ("斑马", "看那匹斑马在跑"),
    "an emoji": ("🦓", "so🦓much"),
    "a name": ("@zed", "hello @zed!"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("act", ["hide", "warn"])
@pytest.mark.parametrize("muted_in", PLACES)
def test_a_muted_word_applies_in_its_places_only(
    alice: Member, bob: Member, kind: str, act: str, muted_in: Place
) -> None:
    word, text = KINDS[kind]
    mute_word(by=alice, text=word, places=[muted_in], act=act)
    mute_filter = mute_filter_for(alice)
    for place in PLACES:
        verdict = mute_filter.verdict(text, bob.pk, place)
        assert (verdict.action, verdict.word) == ((act, word) if place == muted_in else ("show", "")), place
        assert mute_filter.verdict(text, alice.pk, place).action == "show"
        assert mute_filter.verdict("zebras under moons of blue", bob.pk, place).action == "show"
    assert mute_filter.verdict(text, bob.pk, None).action == act
    assert mute_filter_for(bob).verdict(text, carol_id(), muted_in).action == "show"


def carol_id() -> int:
    return make_member().pk


def test_hiding_wins_over_warning(alice: Member, bob: Member) -> None:
    mute_word(by=alice, text="moon", act="warn")
    mute_word(by=alice, text="tide", act="hide")
    assert mute_filter_for(alice).verdict("moon and tide", bob.pk, "home").action == "hide"
    assert mute_filter_for(alice).verdict("moon and sea", bob.pk, "home").word == "moon"


def test_the_mute_filter_takes_one_query_and_none_for_guests(
    alice: Member, django_assert_num_queries: Any
) -> None:
    for n in range(5):
        mute_word(by=alice, text=f"word{n}")
    with django_assert_num_queries(1):
        mute_filter_for(alice).verdict("any words", 1, "home")
    with django_assert_num_queries(0):
        mute_filter_for(None).verdict("any words", 1, "home")


# --- Every list of posts --------------------------------------------------------------------------------------


def following(viewer: Member) -> Page[Post]:
    return following_timeline(viewer)


def ranked(viewer: Member) -> Page[Post]:
    return for_you(viewer)


def on_a_list(viewer: Member) -> Page[Post]:
    made = create_list(by=viewer, title="All of them")
    for member in Member.objects.exclude(pk=viewer.pk):
        add_to_list(list_=made, member=member, by=viewer)
    return list_timeline(made, viewer=viewer)


def with_the_tag(viewer: Member) -> Page[Post]:
    return posts_tagged(visible_tag("stripes", viewer=viewer), viewer=viewer)


def latest(viewer: Member) -> Page[Post]:
    return latest_posts(viewer)


def trending(viewer: Member) -> Page[Post]:
    compute_trends()
    return Page(trending_posts(viewer), "")


def search(viewer: Member) -> Page[Post]:
    return search_posts("stripes", viewer=viewer)


FEEDS: list[Callable[[Member], Page[Post]]] = [
    following,
    ranked,
    on_a_list,
    with_the_tag,
    latest,
    trending,
    search,
]


@pytest.fixture
def posts(alice: Member, bob: Member, carol: Member, deliver: Callable[[], None]) -> list[Post]:
    """Create a post with the word and one without, by two members alice follows, with enough likes to trend."""
    made = [make_post(bob, "a zebra #stripes"), make_post(carol, "a tiger #stripes")]
    for member in (bob, carol):
        follow_member(member=member, by=alice)
    for post in made:
        for _ in range(4):
            like_post(post=post, by=make_member())
    deliver()
    return made


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.__name__)
class TestEveryFeed:
    def test_hides_posts_by_muted_members(
        self, feed: Callable[[Member], Page[Post]], alice: Member, bob: Member, posts: list[Post]
    ) -> None:
        assert len(feed(alice)) == 2
        cache.clear()
        mute_member(member=bob, by=alice)
        assert texts(other_list(feed, alice)) == ["a tiger #stripes"]

    def test_hides_posts_with_a_muted_word(
        self, feed: Callable[[Member], Page[Post]], alice: Member, posts: list[Post]
    ) -> None:
        mute_word(by=alice, text="Zebra", act="hide")
        assert texts(feed(alice)) == ["a tiger #stripes"]

    def test_shows_a_warning_for_a_muted_word(
        self, feed: Callable[[Member], Page[Post]], alice: Member, posts: list[Post]
    ) -> None:
        mute_word(by=alice, text="Zebra", act="warn")
        page = feed(alice)
        assert viewer_marks(page.items, alice).filtered_words == {posts[0].id: "Zebra"}
        assert len(page) == 2

    def test_shows_posts_muted_in_other_places(
        self, feed: Callable[[Member], Page[Post]], alice: Member, posts: list[Post]
    ) -> None:
        elsewhere = "home" if feed is search else "search"
        mute_word(by=alice, text="zebra", places=[elsewhere])
        assert len(feed(alice)) == 2

    def test_shows_posts_again_when_a_mute_ends(
        self, feed: Callable[[Member], Page[Post]], alice: Member, bob: Member, posts: list[Post]
    ) -> None:
        mute_member(member=bob, by=alice, for_=timedelta(hours=1))
        word = mute_word(by=alice, text="tiger", for_=timedelta(hours=1))
        assert texts(feed(alice)) == []
        past = timezone.now() - timedelta(seconds=1)
        Mute.objects.update(until=past)
        MutedWord.objects.update(until=past)
        cache.clear()
        assert len(other_list(feed, alice)) == 2
        cache.clear()
        word = mute_word(by=alice, text="tiger")
        mute_member(member=bob, by=alice)
        unmute_member(member=bob, by=alice)
        unmute_word(word=word, by=alice)
        assert len(other_list(feed, alice)) == 2

    def test_shows_muted_posts_to_others(
        self, feed: Callable[[Member], Page[Post]], alice: Member, bob: Member, posts: list[Post]
    ) -> None:
        dora = make_member("dora")
        for post in posts:
            follow_member(member=post.author, by=dora)
        mute_member(member=bob, by=alice)
        mute_word(by=alice, text="tiger")
        assert len(feed(dora)) == 2

    def test_shows_your_own_posts(
        self, feed: Callable[[Member], Page[Post]], bob: Member, posts: list[Post]
    ) -> None:
        mute_word(by=bob, text="zebra")
        if feed in (ranked, on_a_list):
            pytest.skip("it never shows one's own")
        assert "a zebra #stripes" in texts(feed(bob))


def other_list(feed: Callable[[Member], Page[Post]], viewer: Member) -> Page[Post]:
    from social.models import List

    List.objects.all().delete()
    return feed(viewer)


def test_muting_applies_to_an_existing_ranking(alice: Member, bob: Member, posts: list[Post]) -> None:
    many = [make_post(make_member(), f"note {n}") for n in range(30)]
    for post in many:
        follow_member(member=post.author, by=alice)
    first = for_you(alice)
    assert first.next_cursor
    rest = for_you(alice, cursor=first.next_cursor).items
    mute_member(member=rest[0].author, by=alice)
    mute_word(by=alice, text=rest[1].text)
    after = for_you(alice, cursor=first.next_cursor)
    assert [post.id for post in after.items] == [post.id for post in rest[2:]]


def test_home_hides_replies_to_muted_members(alice: Member, bob: Member, carol: Member) -> None:
    for member in (bob, carol):
        follow_member(member=member, by=alice)
    post = make_post(bob, "a question")
    make_post(carol, "an answer to bob", in_reply_to=post)
    make_post(alice, "my own answer", in_reply_to=post)
    assert len(following_timeline(alice)) == 3
    mute_member(member=bob, by=alice)
    assert texts(following_timeline(alice)) == ["my own answer"]
    assert texts(for_you(alice)) == []


def test_muted_tags_are_left_out_of_trends(alice: Member, posts: list[Post]) -> None:
    for n in range(3):
        make_post(make_member(), f"{n} #stripes")
    compute_trends()
    assert [tag.name for tag in trending_tags(viewer=alice)] == ["stripes"]
    mute_word(by=alice, text="#Stripes")
    assert trending_tags(viewer=alice) == []
    assert [tag.name for tag in trending_tags()] == ["stripes"]


def test_a_tag_page_with_only_muted_posts_still_opens(alice: Member, posts: list[Post]) -> None:
    mute_word(by=alice, text="#stripes")
    assert as_(alice).get("/tags/stripes").status_code == 200
    assert as_(alice).get("/tags/nobody").status_code == 404


def test_muted_members_are_found_by_search(alice: Member, bob: Member, deliver: Callable[[], None]) -> None:
    from search.actions import index_members

    index_members(ids=[bob.pk])
    mute_member(member=bob, by=alice)
    assert search_members("bob", viewer=alice).items == [bob]


# --- Pages stay full and have a next page --------------------------------------------------------------------


def test_a_page_is_filled_when_posts_are_hidden(alice: Member, bob: Member) -> None:
    follow_member(member=bob, by=alice)
    for n in range(60):
        make_post(bob, f"{n} {'noise' if n % 2 else 'signal'}")
    mute_word(by=alice, text="noise")
    seen: list[str] = []
    cursor, sizes = None, []
    for _ in range(9):
        page = following_timeline(alice, cursor=cursor)
        seen += texts(page)
        sizes.append(len(page))
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == [f"{n} signal" for n in range(58, -1, -2)]
    assert sizes == [20, 10]


def test_a_page_is_filled_when_most_posts_are_hidden(alice: Member, bob: Member) -> None:
    follow_member(member=bob, by=alice)
    make_post(bob, "the first of all")
    for n in range(70):
        make_post(bob, f"{n} noise")
    mute_word(by=alice, text="noise")
    page = following_timeline(alice, size=2)
    assert (texts(page), page.next_cursor) == (["the first of all"], "")


def test_there_is_a_next_page_only_if_it_has_posts() -> None:
    numbers = list(range(10))

    def fetch(cursor: str | None, count: int) -> Page[int]:
        start = decode_cursor(cursor, 1)[0] if cursor else 0
        end = start + count
        return Page(numbers[start:end], encode_cursor([end]) if end < len(numbers) else "")

    def page(cursor: str | None, size: int) -> Page[int]:
        def cursor_of(n: int) -> str:
            return encode_cursor([n + 1])

        return filled(
            fetch, lambda found: [n for n in found if n < 4], cursor=cursor, cursor_of=cursor_of, size=size
        )

    for size in range(1, 6):
        seen, cursor = [], None
        while cursor != "":
            found = page(cursor, size)
            assert found.items
            assert len(found.items) == size or not found.next_cursor
            seen += found.items
            cursor = found.next_cursor
        assert seen == [0, 1, 2, 3]


def test_filling_a_page_stops_after_some_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.pages.SCANNED_MAX", 50)

    def fetch(cursor: str | None, count: int) -> Page[int]:
        start = decode_cursor(cursor, 1)[0] if cursor else 0
        return Page(list(range(start, start + count)), encode_cursor([start + count]))

    def page(keep: set[int]) -> Page[int]:
        return filled(
            fetch,
            lambda found: [n for n in found if n in keep],
            cursor=None,
            cursor_of=lambda n: encode_cursor([n + 1]),
            size=5,
        )

    assert page(set()) == Page([], "")
    assert page({3}) == Page([3], encode_cursor([4]))


def test_a_page_without_hidden_posts_takes_one_fetch() -> None:
    asked: list[str | None] = []

    def fetch(cursor: str | None, count: int) -> Page[int]:
        asked.append(cursor)
        return Page(list(range(count)), encode_cursor([count]))

    page = filled(fetch, lambda items: items, cursor=None, cursor_of=lambda n: encode_cursor([n]))
    assert (page.items, page.next_cursor, asked) == (list(range(20)), encode_cursor([19]), [None])


# --- Threads --------------------------------------------------------------------------------------------------


@pytest.fixture
def thread(alice: Member, bob: Member, carol: Member) -> Post:
    """Return carol’s reply to bob’s reply to her post; bob and dora replied to it, and bob and carol to dora."""
    first = make_post(carol, "the question")
    second = make_post(bob, "bob's answer", in_reply_to=first)
    third = make_post(carol, "the third", in_reply_to=second)
    make_post(bob, "bob below", in_reply_to=third)
    below = make_post(make_member("dora"), "dora below zebra", in_reply_to=third)
    make_post(bob, "bob under dora", in_reply_to=below)
    make_post(carol, "carol under dora", in_reply_to=below)
    return third


def shape(thread: Thread) -> tuple[list[str], list[str]]:
    above = [branch.post.text for branch in thread.ancestors if branch.post]
    below = [
        post.text for branch in thread.replies.items if branch.post for post in (branch.post, *branch.replies)
    ]
    return above, below


def test_muted_ancestors_get_a_warning_and_muted_replies_are_hidden(
    alice: Member, bob: Member, thread: Post
) -> None:
    mute_member(member=bob, by=alice)
    found = thread_of(visible_post(thread.id, alice), alice)
    assert shape(found) == (["the question", "bob's answer"], ["dora below zebra", "carol under dora"])
    assert set(found.marks.filtered_words.values()) == {"@bob"}
    assert found.muted_count == 1
    assert found.replies.items[0].more
    page = as_(alice).get(thread.path).content.decode()
    assert "1 reply you muted" in page
    assert "bob below" not in page
    everything = as_(alice).get(f"{thread.path}?muted=1").content.decode()
    assert "bob below" in everything
    assert "you muted" not in everything


def test_muted_words_apply_in_threads(alice: Member, thread: Post) -> None:
    word = mute_word(by=alice, text="zebra", places=["threads"])
    assert shape(thread_of(thread, alice))[1] == ["bob below"]
    edit_muted_word(word=word, by=alice, act="warn")
    found = thread_of(thread, alice)
    assert list(found.marks.filtered_words.values()) == ["zebra"]
    assert len(shape(found)[1]) == 4
    edit_muted_word(word=word, by=alice, text="answer", act="hide")
    found = thread_of(thread, alice)
    assert shape(found)[0] == ["the question", "bob's answer"]
    assert list(found.marks.filtered_words.values()) == ["answer"]


def test_the_focused_post_never_gets_a_warning(alice: Member, bob: Member, carol: Member) -> None:
    post = make_post(bob, "a zebra")
    mute_member(member=bob, by=alice)
    mute_word(by=alice, text="zebra")
    client = as_(alice)
    for path in (post.path, f"/posts/{post.id}/card?focus=1"):
        page = client.get(path).content.decode()
        assert "a zebra" in page, path
        assert 'class="filtered"' not in page, path
    one = client.get(f"/api/posts/{post.id}").json()
    assert (one["text"], one["filtered"]) == ("a zebra", None)


def test_the_api_hides_and_marks_muted_replies(alice: Member, bob: Member, thread: Post) -> None:
    mute_member(member=bob, by=alice)
    mute_word(by=alice, text="zebra", act="warn")
    [reply] = as_(alice).get(f"/api/posts/{thread.id}/comments").json()["items"]
    assert reply["filtered"] == {"word": "zebra"}


def test_a_refreshed_card_keeps_its_warning(alice: Member, bob: Member) -> None:
    post = make_post(bob, "plain")
    mute_word(by=alice, text="zebra")
    edit_post(post=post, by=bob, text="now a zebra")
    post.refresh_from_db()
    card = f"/posts/{post.id}/card"
    assert 'class="filtered"' in as_(alice).get(card).content.decode()
    assert 'class="filtered"' not in as_(bob).get(card).content.decode()
    MutedWord.objects.all().delete()
    mute_member(member=bob, by=alice)
    assert 'class="filtered"' not in as_(alice).get(card).content.decode()
    assert "@bob" in as_(alice).get(f"{card}?filtered=1").content.decode()


# --- Notifications --------------------------------------------------------------------------------------------


def told(member: Member) -> list[tuple[str, str]]:
    return [
        (entry.group.kind, entry.latest.actor.username if entry.latest.actor else "")
        for entry in entries(member).items
    ]


def test_muted_members_cause_no_notifications(
    alice: Member, bob: Member, deliver: Callable[[], None]
) -> None:
    post = make_post(alice)
    mute_member(member=bob, by=alice)
    like_post(post=post, by=bob)
    make_post(bob, "@alice!", in_reply_to=post)
    make_post(bob, "hello @alice")
    follow_member(member=alice, by=bob)
    deliver()
    assert not Notification.objects.filter(member=alice).exists()


def test_muting_hides_notifications_and_unmuting_shows_them_again(
    alice: Member, bob: Member, carol: Member, deliver: Callable[[], None]
) -> None:
    post = make_post(alice)
    for member in (bob, carol):
        like_post(post=post, by=member)
    make_post(bob, "hello @alice")
    deliver()
    assert (len(told(alice)), unseen_count(alice)) == (2, 3)
    mute_member(member=bob, by=alice)
    assert (told(alice), unseen_count(alice)) == ([("like", "carol")], 1)
    assert as_(alice).get("/api/notifications/unread").json() == {"unread": 1}
    live = as_(alice).get("/live/since", {"streams": f"member.{alice.pk}", "after": "1"}).json()
    assert [fact["unread"] for fact in live["facts"]] == [1, 1]
    unmute_member(member=bob, by=alice)
    assert (len(told(alice)), unseen_count(alice)) == (2, 3)


def test_a_mute_can_keep_notifications(alice: Member, bob: Member, deliver: Callable[[], None]) -> None:
    mute_member(member=bob, by=alice, with_notifications=False)
    make_post(bob, "hello @alice")
    deliver()
    assert told(alice) == [("mention", "bob")]
    assert unseen_count(alice) == 1


@pytest.mark.parametrize(
    ("act", "place"), [("hide", "notifications"), ("hide", "home"), ("warn", "notifications")]
)
def test_a_muted_word_prevents_a_notification(
    alice: Member, bob: Member, deliver: Callable[[], None], act: str, place: Place
) -> None:
    mute_word(by=alice, text="zebra", act=act, places=[place])
    make_post(bob, "a zebra for @alice")
    deliver()
    kept = not (act == "hide" and place == "notifications")
    assert (unseen_count(alice), len(told(alice))) == ((1, 1) if kept else (0, 0))
    page = as_(alice).get("/notifications").content.decode()
    assert ('class="filtered"' in page) == (act == "warn")


def test_muting_a_word_marks_its_notifications_as_read(
    alice: Member, bob: Member, deliver: Callable[[], None]
) -> None:
    make_post(bob, "a zebra for @alice")
    make_post(bob, "a tiger for @alice")
    deliver()
    word = mute_word(by=alice, text="zebra")
    deliver()
    assert (unseen_count(alice), len(told(alice))) == (1, 1)
    unmute_word(word=word, by=alice)
    assert (unseen_count(alice), len(told(alice))) == (1, 2)


def test_likes_of_your_own_posts_are_notified_despite_muted_words(
    alice: Member, bob: Member, deliver: Callable[[], None]
) -> None:
    mute_word(by=alice, text="zebra")
    like_post(post=make_post(alice, "my zebra"), by=bob)
    deliver()
    assert told(alice) == [("like", "bob")]


def test_a_muted_thread_causes_no_notifications(
    alice: Member, bob: Member, carol: Member, deliver: Callable[[], None]
) -> None:
    first = make_post(alice, "a quarrel")
    reply = make_post(bob, "no!", in_reply_to=first)
    deliver()
    before = told(alice)
    assert mute_thread(post=reply, by=alice)
    assert not mute_thread(post=first, by=alice)
    make_post(carol, "yes!", in_reply_to=reply)
    make_post(bob, "no! @alice", in_reply_to=first)
    like_post(post=first, by=carol)
    deliver()
    assert told(alice) == before
    assert unmute_thread(post=first, by=alice)
    assert not unmute_thread(post=first, by=alice)
    make_post(carol, "still yes", in_reply_to=first)
    deliver()
    assert len(told(alice)) == len(before) + 1


def test_muting_a_thread_affects_nobody_else(
    alice: Member, bob: Member, carol: Member, deliver: Callable[[], None]
) -> None:
    first = make_post(alice)
    mute_thread(post=first, by=bob)
    make_post(carol, "@bob and alice", in_reply_to=first)
    deliver()
    assert told(alice) == [("reply", "carol")]
    assert told(bob) == []


def test_muting_a_hidden_thread_is_not_found(alice: Member, bob: Member) -> None:
    mute_member(member=bob, by=alice)
    assert notify(member=alice, kind=NotificationKind.FOLLOW, by=bob) is None


# --- Messages -------------------------------------------------------------------------------------------------


def test_messages_from_muted_members_are_not_counted_as_unread(
    alice: Member,
    bob: Member,
    carol: Member,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts: list[tuple[str, dict[str, Any]]] = []
    mute_member(member=bob, by=alice)
    monkeypatch.setattr("core.streams.publish", lambda stream, fact: facts.append((stream, fact)))
    with django_capture_on_commit_callbacks(execute=True):
        message = send_message(by=bob, to=alice, text="Hello?")
        send_message(by=carol, to=alice, text="Hello!")
    assert unread_messages(alice) == 1
    assert {row.other: row.unread for row in inbox_of(alice).items} == {bob: 0, carol: 1}
    quiet = {fact["conversation"]: fact["quiet"] for stream, fact in facts if stream == f"member.{alice.pk}"}
    assert list(quiet.values()).count(True) == 1
    assert quiet[str(message.conversation_id)]
    assert not any(fact["quiet"] for stream, fact in facts if stream != f"member.{alice.pk}")
    mute_member(member=bob, by=alice, with_notifications=False)
    assert unread_messages(alice) == 2


# --- Every URL that lists posts -------------------------------------------------------------------------------

LISTS = [
    "/", "/?tab=for-you", "/explore", "/explore?tab=tags", "/explore?tab=latest", "/tags/zzmuted", "/tags/shown",
    "/lists/{list}", "/notifications", "/notifications?tab=mentions", "/@carol/{parent}", "/search?q=zzmuted",
    "/api/latest", "/api/timeline", "/api/feed", "/api/trends", "/api/trends/posts", "/api/search/posts?q=zzmuted",
    "/api/notifications", "/api/posts/{parent}/comments", "/api/lists/{list}/timeline",
]  # fmt: skip
"""Lists without muted posts. Bookmarks and likes show what the member chose, profiles and threads show a warning, and
muted members can still be found.
"""
OF_ITSELF = [
    "/@bob/{post}",
    "/posts/{post}/card?focus=1",
    "/api/posts/{post}",
    "/@bob",
    "/api/users/{bob}/posts",
]


@pytest.mark.parametrize("how", ["person", "word", "phrase", "tag"])
def test_muted_posts_are_in_no_list_but_their_pages_open(
    how: str, alice: Member, bob: Member, carol: Member, deliver: Callable[[], None]
) -> None:
    parent = make_post(carol, "The parent")
    make_post(carol, "Something else #shown")
    make_post(bob, "zzmuted zzagain #zzmuted #shown @alice")
    post = make_post(bob, "@alice zzmuted zzagain #zzmuted", in_reply_to=parent)
    people = create_list(by=alice, title="Everybody")
    for member in (bob, carol):
        follow_member(member=member, by=alice)
        add_to_list(list_=people, member=member, by=alice)
    for other in Post.objects.all():
        for _ in range(3):
            like_post(post=other, by=make_member())
    for n in range(3):
        make_post(make_member(), f"{n} zzmuted zzagain #zzmuted") if how != "person" else None
    deliver()
    compute_trends()
    shown = 0
    names = {"post": post.id, "parent": parent.id, "list": people.id, "bob": bob.id}
    client = as_(alice)
    for path in LISTS:
        shown += "zzmuted" in bare(client.get(path.format(**names)).content.decode())
    assert shown >= len(LISTS) - 4, "before, nearly all of them show it"
    cache.clear()
    match how:
        case "person":
            mute_member(member=bob, by=alice)
        case "word":
            mute_word(by=alice, text="ZZMuted")
        case "phrase":
            mute_word(by=alice, text="zzmuted zzagain")
        case "tag":
            mute_word(by=alice, text="#zzmuted")
    deliver()
    for path in LISTS:
        answer = client.get(path.format(**names))
        assert answer.status_code == 200, path
        said = bare(answer.content.decode())
        assert "zzagain" not in said, path
        if how in ("word", "tag") and ("trends" in path or "tab=tags" in path):
            assert "zzmuted" not in said, path
    for path in OF_ITSELF:
        answer = client.get(path.format(**names))
        assert answer.status_code == 200, path
        assert "zzagain" in answer.content.decode(), path
    assert as_(carol).get("/api/latest").content.decode().count("zzagain")


@pytest.mark.parametrize("act", ["hide", "warn"])
@pytest.mark.parametrize("tab", ["posts", "replies"])
def test_a_profile_shows_all_posts_and_warns_of_muted_words(
    act: str, tab: str, alice: Member, bob: Member
) -> None:
    parent = make_post(alice, "The parent") if tab == "replies" else None
    make_post(bob, "a zebra", in_reply_to=parent)
    make_post(bob, "a tiger", in_reply_to=parent)
    path, listed = ("/@bob", "posts") if tab == "posts" else ("/@bob/replies", "replies")
    app = APIClient()
    app.force_authenticate(alice)

    def filtered() -> list[tuple[str, Any]]:
        items = app.get(f"/api/users/{bob.pk}/{listed}").json()["items"]
        return [(item["text"], item["filtered"]) for item in items]

    mute_word(by=alice, text="zebra", act=act, places=["threads", "search", "notifications"])
    assert "filtered-line" not in as_(alice).get(path).content.decode()
    mute_word(by=alice, text="a zebra", act=act, places=["home"])
    assert filtered() == [("a tiger", None), ("a zebra", {"word": "a zebra"})]
    assert as_(alice).get(path).content.decode().count("filtered-line") == 1
    for other in (None, bob):
        assert "filtered-line" not in as_(other).get(path).content.decode()


def bare(page: str) -> str:
    """Return the page without the sidebar and without repetitions of the search query."""
    page = re.sub(
        r"<aside.*?</aside>|<h1.*?</h1>|<title>.*?</title>|<head>.*?</head>", "", page, flags=re.DOTALL
    )
    page = re.sub(r'value="[^"]*"|(?:href|hx-get|action|formaction|content)="[^"]*"', "", page)
    return re.sub(r"“[^”]*”", "", page)


def test_no_live_messages_about_muted_posts(alice: Member, bob: Member, deliver: Callable[[], None]) -> None:
    mute_member(member=bob, by=alice)
    make_post(bob, "hello @alice")
    deliver()
    found = as_(alice).get("/live/since", {"streams": f"member.{alice.pk}", "after": "1"}).json()
    assert [(fact["type"], fact["unread"]) for fact in found["facts"]] == [("notification.counted", 0)]
