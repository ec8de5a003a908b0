"""Test the page /search, with and without scripts."""

import pytest
from django.urls import reverse

from posts.models import Post
from search.actions import index_members, index_posts
from tests.factories import make_member

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def rain(alice):
    """Create thirty posts about rain."""
    posts = [Post(author=alice, text=f"Rain {n}", html=f"Rain {n}", state="published") for n in range(30)]
    Post.objects.bulk_create(posts)
    index_posts(ids=[post.pk for post in posts])
    index_members(ids=[alice.pk])
    return posts


def page(client, headers=None, **asked):
    return client.get(reverse("search:search"), asked, headers=headers or {})


def test_an_empty_search_says_what_to_search_for(client):
    response = page(client)
    assert response.status_code == 200
    assert "What are you looking for?" in response.text
    assert response.headers["Vary"].find("HX-Request") >= 0


def test_the_page_is_in_german_for_german_members(client, rain):
    german = {"accept-language": "de"}
    assert "Was suchst du?" in page(client, german).text
    nothing = page(client, german, q="zzzz", **{"in": "people"}).text
    assert "Keine Leute gefunden" in nothing
    assert ">Leute</a>" in nothing
    assert page(client, german, q="rain").text.count("<article") == 20


def test_visitors_can_search(client, rain):
    response = page(client, q="rain")
    assert response.text.count("<article") == 20
    assert "<!doctype html>" in response.text
    assert 'value="rain"' in response.text


def test_members_have_their_own_tab(client, rain):
    response = page(client, q="ali", **{"in": "people"})
    assert 'id="person-' in response.text
    assert "<article" not in response.text


def test_htmx_gets_only_the_results(client, rain):
    response = page(client, HTMX, q="rain")
    assert response.text.lstrip().startswith('<div id="results"')
    assert response.text.count("<article") == 20


def test_history_restore_gets_the_whole_page(client, rain):
    response = page(client, HTMX | {"HX-History-Restore-Request": "true"}, q="rain")
    assert "<!doctype html>" in response.text


def test_more_results_load_with_and_without_scripts(client, rain):
    cursor = page(client, q="rain").context["page"].next_cursor
    part = page(client, HTMX, q="rain", cursor=cursor)
    assert part.text.count("<article") == 10
    assert 'id="results"' not in part.text
    whole = page(client, q="rain", cursor=cursor)
    assert whole.text.count("<article") == 10
    assert "<!doctype html>" in whole.text


def test_more_members_load(client):
    people = [make_member(f"river_{n}") for n in range(25)]
    index_members(ids=[member.pk for member in people])
    first = page(client, q="river", **{"in": "people"})
    assert first.text.count('id="person-') == 20
    part = page(client, HTMX, q="river", cursor=first.context["page"].next_cursor, **{"in": "people"})
    assert part.text.count('id="person-') == 5


def test_no_results_suggests_another_search(client, rain):
    response = page(client, q="<b>zebra</b>")
    assert "No posts found" in response.text
    assert "<b>zebra" not in response.text
    assert "in=people" in response.text
    assert "No people found" in page(client, q="zebra", **{"in": "people"}).text


def test_corrected_results_are_marked(client, rain):
    index_posts(ids=[])
    post = Post.objects.create(author=rain[0].author, text="Thunder", html="Thunder", state="published")
    index_posts(ids=[post.pk])
    assert "Showing similar posts" in page(client, q="thnuder").text


@pytest.mark.parametrize("query", ["a" * 10_000, "\0", '"' * 50, "🙂", "' OR 1=1 --", "(*)", "#", "from:"])
@pytest.mark.parametrize("kind", ["posts", "people", "nonsense"])
def test_an_odd_query_gets_a_page(client, rain, query, kind):
    assert page(client, q=query, **{"in": kind}).status_code == 200


def test_a_bad_cursor_is_refused_with_a_sentence(client, rain):
    response = page(client, q="rain", cursor="nonsense")
    assert response.status_code == 422


def test_only_get_and_head_are_allowed(client):
    assert client.post(reverse("search:search")).status_code in (403, 405)


@pytest.mark.parametrize("count", [5, 50])
def test_a_page_of_posts_takes_the_same_queries_for_few_and_many(
    client, alice, bob, count, django_assert_max_num_queries
):
    posts = [Post(author=alice, text=f"Rain {n}", html=f"Rain {n}", state="published") for n in range(count)]
    Post.objects.bulk_create(posts)
    index_posts(ids=[post.pk for post in posts])
    client.force_login(bob)
    page(client, q="rain")
    with django_assert_max_num_queries(8):
        page(client, q="rain")
    with django_assert_max_num_queries(7):
        page(client, HTMX, q="rain")


@pytest.mark.parametrize("count", [5, 50])
def test_a_page_of_members_takes_the_same_queries_for_few_and_many(
    client, bob, count, django_assert_max_num_queries
):
    people = [make_member(f"river_{n}") for n in range(count)]
    index_members(ids=[member.pk for member in people])
    client.force_login(bob)
    page(client, q="river", **{"in": "people"})
    with django_assert_max_num_queries(7):
        page(client, q="river", **{"in": "people"})
