"""Test what each viewer finds and in which order, with every engine."""

import pytest

from core.refusals import Invalid
from posts.models import Post
from search.queries import search_members, search_posts
from tests.factories import make_member
from tests.search.writing import index, write

pytestmark = pytest.mark.django_db


def test_an_empty_query_finds_nothing(engine, alice):
    write(alice, "Hello")
    assert not search_posts("", viewer=alice)
    assert not search_posts(" ' \" () * ", viewer=alice)
    assert not search_members("\0", viewer=alice)


def texts(query, viewer=None, **options):
    return [post.text for post in search_posts(query, viewer=viewer, **options).items]


def names(query, viewer=None, **options):
    return [member.username for member in search_members(query, viewer=viewer, **options).items]


# --- Posts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Rain on the balcony again", "balcony"),
        ("Rain on the balcony again", "BALCONY rain"),
        ("Rain on the balcony again", "rain balc"),
        ("Crème brûlée au café", "creme cafe"),
        ("creme brulee", "brûlée"),
        ("今日は黒い猫がいる", "黒い猫"),
        ("今日は黒い猫がいる", "猫"),
        ("สวัสดีครับทุกคน", "ครับ"),
        ("नमस्ते दुनिया", "दुनिया"),
        ("Привет, мир", "МИР"),
        ("Two cities", "city"),
        ("A #Winter walk", "#winter"),
        ("A #Winter walk", "winter"),
        ("Thanks @bob for this", "@bob"),
        ("Rocket 🚀 launch", "🚀"),
        ("it's a don't", "dont"),
        ("under_score and 42", "score 42"),
    ],
)
def test_a_post_is_found_by_its_terms(engine, alice, text, query):
    write(alice, "Something else entirely")
    write(alice, text)
    assert texts(query) == [text]


@pytest.mark.parametrize("query", ["balcony zebra", "alcony", "#rain", "@rain", "from:bob balcony"])
def test_a_post_is_not_found_without_all_terms(engine, alice, bob, query):
    write(alice, "Rain on the balcony again")
    if query != "alcony":
        assert texts(query) == []
    else:
        assert search_posts(query, viewer=None).corrected


@pytest.mark.parametrize("query", ["balcny", "balcomy", "balcnoy", "rain ballcony", "fotograph"])
def test_a_misspelled_term_is_corrected(engine, alice, query):
    write(alice, "Rain on the balcony, a photograph")
    write(alice, "Something else")
    found = search_posts(query, viewer=None)
    assert [post.text for post in found.items] == ["Rain on the balcony, a photograph"]
    assert found.corrected


def test_an_exact_term_comes_before_a_correction(engine, alice):
    write(alice, "A house")
    write(alice, "A mouse")
    found = search_posts("house", viewer=None)
    assert [post.text for post in found.items] == ["A house"]
    assert not found.corrected


def test_a_whole_term_comes_before_a_prefix(engine, alice):
    write(alice, "In the #winter mood", days_ago=5)
    write(alice, "In the #wintertime mood")
    assert texts("#winter") == ["In the #winter mood", "In the #wintertime mood"]


def test_a_post_is_found_by_its_author(engine, alice, bob):
    write(bob, "Rain again")
    write(alice, "Sun at last")
    assert texts("alice") == ["Sun at last"]
    assert texts("@alice sun") == ["Sun at last"]
    assert texts("alice rain") == []


def test_the_text_weighs_more_than_the_author(engine, alice, bob):
    sun = make_member("sunny", display_name="Sun")
    write(sun, "Good morning everybody")
    write(bob, "Sun this morning everybody")
    assert texts("sun") == ["Sun this morning everybody", "Good morning everybody"]


def test_from_searches_one_author(engine, alice, bob):
    write(alice, "Rain again")
    write(bob, "Rain on @alice")
    assert texts("rain from:alice") == ["Rain again"]
    assert texts("from:@BOB") == ["Rain on @alice"]
    assert texts("rain from:nobody") == []


def test_of_equal_posts_the_newer_comes_first(engine, alice):
    for days in (400, 3, 40, 0):
        write(alice, f"Rain again {days}", days_ago=days)
    assert texts("rain again") == ["Rain again 0", "Rain again 3", "Rain again 40", "Rain again 400"]


def test_relevance_comes_before_recency(engine, alice):
    write(alice, "Lentil soup", days_ago=20)
    write(
        alice,
        "A long story of many other things in which, near the end of the day, there is also some lentil soup",
    )
    assert texts("lentil soup")[0] == "Lentil soup"


# --- Members --------------------------------------------------------------------------------------------------


def test_members_are_found_by_username_name_and_bio(engine):
    people = [
        make_member("marie_curie", display_name="Marie Skłodowska", bio="I look for radium in pitchblende."),
        make_member("erwin", display_name="Erwin S.", bio="Cats"),
    ]
    index(members=people)
    for query in (
        "marie_curie",
        "@marie_curie",
        "curie",
        "sklodowska",
        "Skłodowska",
        "pitch",
        "marei",
        "mari",
    ):
        assert names(query) == ["marie_curie"], query


def test_the_username_weighs_more_than_the_name_and_the_name_more_than_the_bio(engine):
    people = [
        make_member("a_one", display_name="SearchScope One", bio="I am a gardener"),
        make_member("a_two", display_name="Gardener Two", bio="I am a scope"),
        make_member("gardener_x", display_name="Some Three", bio="I am a writer"),
    ]
    index(members=people)
    assert names("gardener") == ["gardener_x", "a_two", "a_one"]


def test_of_equal_members_the_more_followed_comes_first(engine):
    people = [make_member(f"river_{n}", display_name="River", followers_count=n) for n in (5, 5000, 50)]
    index(members=people)
    assert names("river") == ["river_5000", "river_50", "river_5"]


def test_an_exact_username_comes_before_a_popular_member(engine):
    people = [
        make_member("river", display_name="Someone"),
        make_member("river_fan", display_name="River River", bio="river", followers_count=3000),
    ]
    index(members=people)
    assert names("river")[0] == names("@River")[0] == "river"


# --- Hidden content -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [s for s in Post.State if s != Post.State.PUBLISHED])
def test_a_hidden_post_is_not_found_even_when_the_index_is_behind(engine, alice, bob, state):
    post = write(alice, "Rain again")
    Post.objects.filter(pk=post.pk).update(state=state)
    assert texts("rain") == []
    assert texts("rain", viewer=bob) == []
    index(posts=[post])
    assert texts("rain", viewer=alice) == [], "the index has only what is published"


def test_an_inactive_member_is_not_found_nor_are_their_posts(engine, alice, bob):
    write(alice, "Rain again")
    index(members=[alice, bob])
    alice.is_active = False
    alice.save()
    assert texts("rain", viewer=bob) == []
    assert names("alice", viewer=bob) == []


def test_a_deleted_row_is_not_found(engine, alice):
    post = write(alice, "Rain again")
    Post.objects.filter(pk=post.pk).delete()
    assert texts("rain") == []


def test_an_edited_post_is_found_by_its_new_terms_only(engine, alice):
    post = write(alice, "Rain again")
    Post.objects.filter(pk=post.pk).update(text="Snow instead")
    index(posts=[post])
    assert texts("rain") == []
    assert texts("snow") == ["Snow instead"]


# --- Pages ----------------------------------------------------------------------------------------------------


def test_pages_contain_every_post_once_in_the_same_order(engine, alice):
    wrote = [write(alice, f"Rain {n}", days_ago=n * 3) for n in range(25)]
    whole = [post.pk for post in search_posts("rain", viewer=None, size=50).items]
    assert sorted(whole) == sorted(post.pk for post in wrote)
    seen, cursor = [], None
    while True:
        page = search_posts("rain", viewer=None, cursor=cursor, size=4)
        seen += [post.pk for post in page.items]
        if len(seen) == 8:
            write(alice, "Rain rain rain")  # a new post isn't in later pages
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == whole


def test_a_page_is_full_when_many_hits_are_hidden(engine, alice, bob):
    kept = [write(bob, "Rain again", days_ago=100 + n) for n in range(5)]
    hidden = [write(alice, "Rain again", days_ago=n) for n in range(12)]
    Post.objects.filter(pk__in=[post.pk for post in hidden]).update(state=Post.State.HELD)
    page = search_posts("rain", viewer=None, size=3)
    assert [post.pk for post in page.items] == [post.pk for post in kept[:3]]
    rest = search_posts("rain", viewer=None, size=3, cursor=page.next_cursor)
    assert [post.pk for post in rest.items] == [post.pk for post in kept[3:]]
    assert not rest.next_cursor


def test_members_are_paged(engine):
    people = [make_member(f"river_{n}", display_name="River", followers_count=n * 7) for n in range(9)]
    index(members=people)
    first = search_members("river", viewer=None, size=5)
    second = search_members("river", viewer=None, size=5, cursor=first.next_cursor)
    found = [member.username for member in (*first.items, *second.items)]
    assert found == [f"river_{n}" for n in reversed(range(9))]
    assert not second.next_cursor


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "W10",
        "WyJzIiwwLDEsMSwxXQ",
        "WyJ6IiwwLDEsMSwxLDFd",
        "WyJzIiwwLCJhIiwxLDEsMV0",
        "WyJzIiwwLDEsTmFOLDEsMV0",
    ],
)
def test_a_bad_cursor_is_refused(engine, alice, cursor):
    with pytest.raises(Invalid):
        search_posts("rain", viewer=None, cursor=cursor)


@pytest.mark.parametrize(
    "query",
    [
        "a" * 10_000,
        "rain " * 3_000,
        "\0rain\0",
        'rain" OR words:*',
        "rain' & !x | (y",
        "NEAR(rain again) NOT x",
        "rain AND OR NOT",
        "-rain ^again *",
        "{rain: [again]}",
        "rain\\ \\' :* <-> \\",
        "🙂🙂",
        "🙂",
        "#",
        "@",
        "#1",
        "from:",
        "from:@",
        "from:a from:b",
        "ก็็็็็็็็็็็็็็",
        "a\u0301" * 500,
        "\ud83d",
        "%_%",
    ],
)
def test_an_odd_query_causes_no_error(engine, alice, query):
    write(alice, "Rain again")
    search_posts(query, viewer=alice)
    search_members(query, viewer=alice)
