"""Long lists stay small: distant cards are removed and restored, and nothing being read moves."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

from tests.browser.community import live, until

POSTS = 160
SETUP = """
import json
from datetime import timedelta
from django.test import Client
from django.utils import timezone
from core.ids import id_at
from posts.actions.importing import ImportedPost, import_posts, recount_posts
from social.actions import follow_member
from tests.factories import make_member
writer, other = make_member("long_writer"), make_member("long_other")
made = []
for n in range({posts}):
    at = timezone.now() - timedelta(minutes={posts} - n)
    author = other if n == 40 else writer
    text = f"Note {{n}} " + "and more words " * (n % 7)
    made.append(ImportedPost(id=id_at(at), author_id=author.pk, text=text, at=at))
import_posts(made)
recount_posts()
keys = {{}}
for name in {readers}:
    reader = make_member(name)
    for author in (writer, other):
        follow_member(member=author, by=reader)
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    keys[name] = client.cookies["sessionid"].value
print("JSON" + json.dumps({{"keys": keys, "ids": [str(post.id) for post in made]}}))
"""
CARDS = "#timeline article.post"
SHOWN = """(() => {
    let number = 0;
    for (const item of document.querySelectorAll("#timeline > :is(article.post, .post-gone, [data-far])")) {
        number += Number(item.dataset.far ?? 1);
    }
    return number;
})()"""
READERS = [f"long_reader{n}" for n in range(8)]
_readers = count()


@pytest.fixture(scope="module")
def made(live_site) -> dict[str, Any]:
    return dict(json.loads(live_site.shell(SETUP.format(posts=POSTS, readers=READERS)).split("JSON")[1]))


@pytest.fixture
def home(made, new_page, live_site) -> Callable[..., Page]:
    """Open home as a new reader each time."""

    def open_home(**options: Any) -> Page:
        page = new_page(**options)
        key = made["keys"][READERS[next(_readers)]]
        page.context.add_cookies([{"name": "sessionid", "value": key, "url": live_site.url}])
        page.goto("/")
        return page

    return open_home


def read_on(page: Page, number: int = POSTS) -> None:
    """Scroll down until this many posts have been shown."""
    for _ in range(200):
        if page.evaluate(SHOWN) >= number:
            break
        page.evaluate("scrollBy(0, 1500)")
        page.wait_for_timeout(60)
    assert page.evaluate(SHOWN) >= number
    until(page, "document.querySelectorAll('[data-far]').length > 3")


def numbers(page: Page) -> list[int]:
    """Return the numbers of the posts in the page, in order."""
    return [int(text.split()[1]) for text in page.locator(f"{CARDS} .post-text").all_inner_texts()]


def top_of(page: Page, post: str) -> float:
    return float(page.evaluate(f"document.getElementById('post-{post}').getBoundingClientRect().top"))


@pytest.mark.parametrize("width", [390, 1440])
def test_a_long_list_keeps_few_cards_in_the_document_and_shows_all(home, made, width):
    page = home(width=width)
    read_on(page)
    until(page, f"document.querySelectorAll('{CARDS}').length < 90")
    height = page.evaluate("document.documentElement.scrollHeight")
    # Up again at reading speed: every post appears once, in order, and the page keeps its height.
    seen: list[int] = []
    while page.evaluate("scrollY") > 0:
        for number in reversed(numbers(page)):
            if number not in seen:
                seen.append(number)
        page.evaluate("scrollBy(0, -1200)")
        page.wait_for_timeout(60)
    seen += [number for number in reversed(numbers(page)) if number not in seen]
    assert seen == list(range(POSTS))
    assert abs(page.evaluate("document.documentElement.scrollHeight") - height) <= 1
    until(page, f"document.querySelectorAll('{CARDS}').length < 90")


def test_what_is_being_read_stays_in_place_when_the_window_becomes_narrower(home, made):
    page = home(width=1440)
    read_on(page, 120)
    page.set_viewport_size({"width": 500, "height": 900})
    page.wait_for_timeout(200)
    for _ in range(12):
        shown = page.evaluate(
            f"[...document.querySelectorAll('{CARDS}')].find((c) => c.getBoundingClientRect().top > 100).dataset.post"
        )
        before = top_of(page, shown)
        page.evaluate("scrollBy(0, -400)")
        page.wait_for_timeout(100)
        assert abs(top_of(page, shown) - before - 400) <= 2


def test_keyboard_navigation_continues_into_removed_cards(home, made):
    page = home()
    page.keyboard.press("j")
    page.keyboard.press("j")
    focused = "document.activeElement.dataset.post"
    second = page.evaluate(focused)
    assert second == made["ids"][-2]
    read_on(page)
    # The focused card wasn't removed, its neighbors were.
    assert page.evaluate(focused) == second
    page.keyboard.press("j")
    assert page.evaluate(focused) == made["ids"][-3]
    for _ in range(12):
        page.keyboard.press("j")
    assert page.evaluate(focused) == made["ids"][-15]
    for _ in range(14):
        page.keyboard.press("k")
    assert page.evaluate(focused) == made["ids"][-1]
    expect(page.locator(f"#post-{made['ids'][-1]}")).to_be_in_viewport()


def test_an_anchor_leads_to_a_removed_card(home, made):
    page = home()
    read_on(page, 100)
    post = made["ids"][-5]
    assert page.locator(f"#post-{post}").count() == 0
    page.evaluate(f"location.hash = 'post-{post}'")
    expect(page.locator(f"#post-{post}")).to_be_in_viewport()


def test_back_from_a_post_restores_the_position(home, made):
    page = home()
    read_on(page, 100)
    page.wait_for_timeout(400)
    shown = page.evaluate(
        f"[...document.querySelectorAll('{CARDS}')].find((c) => c.getBoundingClientRect().top > 100).dataset.post"
    )
    before, had = top_of(page, shown), page.evaluate(SHOWN)
    page.locator(f"#post-{shown} .post-time").first.click()
    page.wait_for_url(f"**/{shown}")
    page.locator("[data-action=like]").first.click()
    expect(page.locator("[data-action=like]").first).to_have_attribute("formaction", f"/posts/{shown}/unlike")
    page.go_back()
    expect(page.locator(f"#post-{shown}")).to_be_in_viewport()
    until(
        page, f"Math.abs(document.getElementById('post-{shown}').getBoundingClientRect().top - {before}) <= 2"
    )
    assert page.evaluate(SHOWN) >= had
    assert page.evaluate("document.activeElement.dataset.post") == shown
    # A change made on its own page shows here.
    expect(page.locator(f"#like-button-{shown}")).to_have_attribute("aria-pressed", "true")
    # And further, in both directions.
    read_on(page)
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(f"#post-{made['ids'][-1]}")).to_be_in_viewport()
    # Forward and back again, and a new visit starts at the top.
    page.goto("/")
    assert page.evaluate("scrollY") == 0
    assert page.evaluate(SHOWN) == 20


# Last, because it deletes.
def test_changes_to_a_removed_card_show_when_it_is_restored(home, made, live_site):
    page = home()
    read_on(page, 100)
    changed, gone, liked = (made["ids"][-n] for n in (3, 4, 5))
    assert page.locator(f"#post-{changed}").count() == 0
    live_site.shell(
        "from accounts.models import Member; from posts.actions import *; from posts.models import Post\n"
        "from core.events import deliver_pending\n"
        "writer, other = (Member.objects.named(name).get() for name in ('long_writer', 'long_other'))\n"
        f"changed, gone, liked = (Post.objects.get(pk=pk) for pk in ({changed}, {gone}, {liked}))\n"
        "edit_post(post=changed, by=writer, text='Note 157 said better')\n"
        "changed.refresh_from_db()\n"
        "changed.state == 'published' or publish_post(post=changed)\n"
        "delete_post(post=gone, by=writer)\n"
        "like_post(post=liked, by=other)"
    )
    live(page)
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(f"#post-{changed}")).to_contain_text("said better")
    expect(page.locator(f"article#post-{gone}")).to_have_count(0)
    expect(page.locator(f"#post-{liked} [data-live=likes]")).to_have_text("1")
    # A button of a restored card still works.
    page.locator(f"#like-button-{liked}").click()
    expect(page.locator(f"#like-button-{liked}")).to_have_attribute("formaction", f"/posts/{liked}/unlike")
    expect(page.locator(f"#post-{liked} [data-live=likes]")).to_have_text("2")
