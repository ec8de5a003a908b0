"""Lists and followed hashtags, with and without JavaScript."""

import json
import re
from itertools import count

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

_numbers = count(1)

SETUP = """
import json
from django.test import Client
from core.events import deliver_pending
from search.actions import index_members
from social.actions import follow_member
from tests.factories import make_member, make_post
reader = make_member("lister{n}")
baker = make_member("baker{n}", display_name="Baker Number {n}")
sailor = make_member("sailor{n}", display_name="Sailor Number {n}")
index_members(ids=[baker.pk, sailor.pk])
follow_member(member=baker, by=reader)
make_post(baker, "Dough at dawn")
make_post(sailor, "Wind at noon #sails{n}")
client = Client()
client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
print("JSON" + json.dumps(client.cookies["sessionid"].value))
"""


class Place:
    """A reader who follows a baker but not a sailor; `place(width=…)` opens a page as the reader."""

    def __init__(self, site, new_page):
        self.n = next(_numbers)
        self.site, self.new_page = site, new_page
        self.session = json.loads(site.shell(SETUP.format(n=self.n)).split("JSON")[1])

    def __call__(self, **options):
        page = self.new_page(**options)
        page.context.add_cookies([{"name": "sessionid", "value": self.session, "url": self.site.url}])
        return page


@pytest.fixture
def place(live_site, new_page):
    return Place(live_site, new_page)


def make(page, title):
    page.goto("/lists")
    page.get_by_role("link", name="New list").first.click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Create list").click()
    expect(page).to_have_url(re.compile(r"/lists/\d+/people$"))


def texts(page):
    return [text.strip() for text in page.locator("#timeline .post-text").all_inner_texts()]


@pytest.mark.parametrize("width", [390, 1440])
def test_a_list_is_created_filled_and_read(place, width):
    page = place(width=width)
    page.goto("/")
    if width == 390:
        page.locator(".account > summary").click()
        page.locator(".account").get_by_role("link", name="Lists").click()
    else:
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Lists").click()
    expect(page.get_by_role("heading", name="No lists yet")).to_be_visible()
    make(page, "Harbour")
    for who in ("baker", "sailor"):
        # Results shown while typing replace the rows; the same people may be suggested in the sidebar.
        with page.expect_response(f"**q={who}{place.n}*"):
            page.get_by_role("searchbox", name="Find people to add").fill(f"{who}{place.n}")
        expect(page.locator("#list-people .person")).to_have_count(1)
        row = page.locator("#list-people .person", has_text=f"@{who}{place.n}")
        button = row.locator(".btn-follow")
        expect(button).to_have_attribute("aria-pressed", "false")
        with page.expect_response("**/add"):
            button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("link", name="2 people")).to_be_visible()
    assert texts(page) == [f"Wind at noon #sails{place.n}", "Dough at dawn"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # Exclusive: not on home, still here.
    page.goto("/")
    expect(page.locator("#timeline")).to_contain_text("Dough at dawn")
    page.goto("/lists")
    page.get_by_role("link", name="Harbour").click()
    page.get_by_role("link", name="Edit list").click()
    page.get_by_label("Hide these people from Home").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("List saved.")).to_be_visible()
    assert len(texts(page)) == 2
    page.goto("/")
    expect(page.locator("#timeline")).not_to_contain_text("Dough at dawn")


def test_lists_are_chosen_from_a_profile(place):
    page = place()
    make(page, "Harbour")
    page.goto(f"/@sailor{place.n}/lists")
    button = page.locator(".setting", has_text="Harbour").locator(".btn-follow")
    with page.expect_response("**/add"):
        button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_lists_work_without_javascript(place):
    page = place(width=390, javascript=False)
    make(page, "Harbour")
    # Followed members are suggested.
    page.locator(".person", has_text=f"@baker{place.n}").get_by_role("button").click()
    expect(page.locator(".person", has_text=f"@baker{place.n}").get_by_role("button")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("searchbox", name="Find people to add").fill(f"sailor{place.n}")
    page.keyboard.press("Enter")
    with page.expect_navigation():
        page.locator(".person", has_text=f"@sailor{place.n}").get_by_role("button").click()
    with page.expect_navigation():
        page.get_by_role("link", name="Done").click()
    assert texts(page) == [f"Wind at noon #sails{place.n}", "Dough at dawn"]
    page.get_by_role("link", name="Edit list").click()
    page.get_by_role("link", name="Delete list").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("List “Harbour” deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="No lists yet")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_posts_of_a_followed_hashtag_appear_on_home_with_the_reason(place, javascript):
    page = place(javascript=javascript)
    page.goto(f"/tags/sails{place.n}")
    button = page.locator(f"#tag-button-sails{place.n}")
    if javascript:
        with page.expect_response("**/follow"):
            button.click()
    else:
        button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.goto("/")
    expect(page.locator("#timeline")).to_contain_text(f"Because you follow #sails{place.n}")
    page.goto("/followed-tags")
    expect(page.get_by_role("main")).to_contain_text(f"#sails{place.n}")
    if javascript:
        with page.expect_response("**/unfollow"):
            page.locator(f"#tag-button-sails{place.n}").click()
    else:
        with page.expect_navigation():
            page.locator(f"#tag-button-sails{place.n}").click()
    page.goto("/")
    expect(page.locator("#timeline")).not_to_contain_text("Wind at noon")
