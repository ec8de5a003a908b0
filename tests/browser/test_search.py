"""Search: results while typing, and a form without JavaScript."""

import re
from itertools import count

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

_numbers = count(1)

MAKE = """
from posts.models import Post
from search.actions import index_members, index_posts
from tests.factories import make_member
member = make_member("weather{n}", display_name="Wanda Weather")
posts = [
    Post(author=member, text=f"Thunder{n} over hill {{i}}", html=f"Thunder{n} over hill {{i}}", state="published")
    for i in range(25)
]
Post.objects.bulk_create(posts)
index_posts(ids=[post.pk for post in posts])
index_members(ids=[member.pk])
"""


@pytest.fixture
def thunder(live_site):
    """Return a word that twenty-five new posts contain; the author's name ends with its number."""
    n = next(_numbers)
    live_site.shell(MAKE.format(n=n))
    return f"Thunder{n}", f"weather{n}"


def test_results_appear_while_typing(new_page, thunder):
    word, author = thunder
    page = new_page()
    page.goto("/search")
    expect(page.locator("#search-words")).to_be_focused()
    page.keyboard.type(word.lower(), delay=20)
    expect(page.locator("#results article")).to_have_count(20)
    expect(page).to_have_url(re.compile(rf"q={word.lower()}"))
    expect(page.locator("#search-words")).to_be_focused()
    page.keyboard.type(" qqqq", delay=20)
    expect(page.get_by_text("No posts found")).to_be_visible()
    page.goto(f"/search?q={word}")
    page.locator("#results .more-row").scroll_into_view_if_needed()
    expect(page.locator("#results article")).to_have_count(25)
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.get_by_text("No people found")).to_be_visible()
    page.locator("#search-words").fill(author)
    expect(page.locator("#results .person")).to_have_count(1)
    page.reload()
    expect(page.locator("#results .person")).to_have_count(1)


def test_search_works_without_javascript(new_page, thunder):
    word, _ = thunder
    page = new_page(javascript=False, width=390)
    page.goto("/search")
    page.locator("#search-words").fill(word)
    page.keyboard.press("Enter")
    expect(page.locator("#results article")).to_have_count(20)
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("#results article")).to_have_count(5)
