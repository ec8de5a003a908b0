"""Back restores the position and later changes, and the keyboard focus is never lost."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_posts import World, card

TOP_OF = "element => element.getBoundingClientRect().top"
LONG = "A long line. " * 30


@pytest.fixture
def world(live_site, new_page) -> World:
    return World(live_site, new_page)


def press(target: Locator) -> None:
    target.focus()
    target.press("Enter")


def test_back_restores_the_position_and_shows_later_changes(world: World) -> None:
    posts = [(f"p{n}", "ana", f"Number {n}. {LONG}", "") for n in range(8)]
    posts += [("r1", "ben", f"First reply. {LONG}", "p4"), ("r2", "ana", f"Reply to it. {LONG}", "r1")]
    page = world.make(["ana", "ben"], posts).page("ben")
    profile = f"/@{world.names['ana']}"
    page.goto(profile)
    post = card(page, "Number 4.")
    post.scroll_into_view_if_needed()
    top, y = post.evaluate(TOP_OF), page.evaluate("scrollY")
    assert y > 300
    post.locator("[data-action=like]").click()
    expect(post.locator("[data-action=like]")).to_have_attribute("aria-pressed", "true")
    post.locator(".post-time").click()
    page.wait_for_url(f"**{world.paths['p4']}")
    focus = page.locator(".post-focus")
    focus.locator("[data-action=bookmark]").click()
    expect(focus.locator("[data-action=bookmark]")).to_have_attribute("aria-pressed", "true")
    # After visiting another page and returning, the arrow still leads to the page where the post was opened.
    card(page, "First reply.").locator(".post-time").click()
    page.wait_for_url(re.compile(rf"{world.paths['r1']}#post-\d+$"))
    expect(page.locator(".post-focus")).to_be_in_viewport()
    expect(page.locator(".post-focus")).to_be_focused()
    page.go_back()
    expect(focus.locator("[data-action=bookmark]")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Back", exact=True).click()
    page.wait_for_url(f"**{profile}")
    expect(post.locator("[data-action=like]")).to_have_attribute("aria-pressed", "true")
    expect(post.locator("[data-action=bookmark]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(300)
    assert abs(post.evaluate(TOP_OF) - top) <= 2
    # A URL without a fragment also opens with the reply in view. Without history, the arrow leads home.
    fresh = page.context.new_page()
    fresh.set_viewport_size({"width": 390, "height": 600})
    fresh.goto(world.paths["r2"])
    expect(fresh.locator(".post-focus")).to_be_focused()
    assert 0 <= fresh.locator(".post-focus").evaluate(TOP_OF) < 200
    fresh.get_by_role("link", name="Back", exact=True).click()
    expect(fresh.get_by_role("heading", name="Home", exact=True)).to_be_visible()


def test_after_signing_out_back_shows_nothing_private(world: World) -> None:
    page = world.make(["ana"]).page("ana")
    page.goto("/")
    page.locator("#composer textarea").press_sequentially("A private draft")
    page.wait_for_timeout(500)
    page.goto("/bookmarks")
    page.locator("details.account > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    for _ in range(2):
        page.go_back()
        expect(page.locator("details.account")).to_have_count(0)
        expect(page.locator("body[data-member]")).to_have_count(0)
    assert not page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:')).length")
    assert not page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('kith-list')).length")


def test_the_focus_moves_to_the_replacing_element(world: World) -> None:
    page = world.make(["ana", "ben"], [("a", "ana", "One", ""), ("b", "ana", "Two", "")]).page("ben")
    page.goto(f"/@{world.names['ana']}")
    post = card(page, "Two")
    reply = post.locator("[data-action=reply]").first
    # A reply in place is closed with Escape and with its button, which keep the draft, and then sent.
    press(reply)
    text = post.get_by_label("Your reply")
    expect(text).to_be_focused()
    text.press_sequentially("Later")
    text.press("Escape")
    expect(text).to_have_count(0)
    expect(reply).to_be_focused()
    press(reply)
    expect(text).to_have_value("Later")
    press(post.get_by_role("button", name="Close"))
    expect(reply).to_be_focused()
    press(reply)
    text.press("Control+Enter")
    mine = post.locator(".post-reply article.post")
    expect(mine).to_be_focused()
    expect(page.locator("#toasts")).to_contain_text("Reply sent.")
    expect(mine.locator(".notice")).to_have_count(0)

    def choose(item: str) -> None:
        press(mine.locator("summary, .post-more").first)
        press(mine.get_by_role("link", name=item))

    choose("Edit")
    mine_edited = page.get_by_label("Your post")
    expect(mine_edited).to_be_focused()
    mine_edited.press("Control+Enter")
    expect(page.locator(".post-reply article.post:not(.post-editing)")).to_be_focused()
    choose("Delete")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(mine.locator("summary")).to_be_focused()
    choose("Delete")
    press(page.get_by_role("dialog").get_by_role("button", name="Delete"))
    expect(post.locator(".post-gone")).to_be_focused()
    # A dialog that is opened and closed.
    press(post.locator("summary, .post-more").first)
    press(post.get_by_role("link", name="Report"))
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(post.locator("summary").first).to_be_focused()


def test_enter_sends_the_first_message_and_deleting_one_keeps_the_focus_in_the_field(
    world: World,
) -> None:
    page: Page = world.make(["ana", "ben"]).page("ana")
    page.goto(f"/messages/with/{world.names['ben']}")
    field = page.locator("#write-text")
    expect(field).to_be_focused()
    page.keyboard.type("First line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/messages/\d+#end$"))
    expect(page.locator("[data-message]")).to_have_count(1)
    expect(page.locator("[data-message]")).to_contain_text("First line\nsecond line")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    page.keyboard.type("Another")
    page.keyboard.press("Enter")
    expect(page.locator("[data-message]")).to_have_count(2)
    press(page.locator(".bubble-take").last)
    press(page.get_by_role("dialog").get_by_role("button", name="Delete"))
    expect(page.locator("[data-message]")).to_have_count(1)
    expect(field).to_be_focused()
