"""Hovercards: by pointer, by keyboard, by a long press, and never in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.community import sign_in
from tests.services.site import Site

MAKE = """
import json
from accounts.models import Member
from social.actions import follow_member
from tests.factories import make_member, make_post
from core.events import deliver_pending
def member(name, shown):
    made = make_member(name, display_name=shown, bio="Bread, and what goes with it.")
    made.set_password("correct horse battery"); made.save()
    return made
eva, finn, gus = member("card_eva", "Eva"), member("card_finn", "Finn"), member("card_gus", "Gus")
follow_member(member=finn, by=eva)
follow_member(member=gus, by=finn)
posts = [make_post(gus, f"A loaf, number {n}") for n in range(30)]
deliver_pending()
print(json.dumps([str(post.id) for post in posts]))
"""


@pytest.fixture(scope="module")
def posts(live_site: Site) -> list[str]:
    return list(json.loads(live_site.shell(MAKE).strip().splitlines()[-1]))


@pytest.fixture
def page_of(posts: list[str], new_page: Callable[..., Page]) -> Callable[..., Page]:
    def opened(**options: Any) -> Page:
        page = new_page(**options)
        sign_in(page, "card_eva")
        page.goto("/explore?tab=latest")
        return page

    return opened


def name_of(page: Page, post: str) -> Any:
    return page.locator(f"#post-{post} .who-name")


def test_the_hovercard_opens_on_hover_and_stays_open_while_hovered(
    page_of: Callable[..., Page], posts: list[str]
) -> None:
    page = page_of()
    card = page.locator("#hovercard")
    name_of(page, posts[-1]).hover()
    expect(card).to_be_visible()
    expect(card).to_contain_text("@card_gus")
    expect(card).to_contain_text("Followed by Finn")
    expect(card).to_contain_text("Bread, and what goes with it.")
    box = card.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1440
    card.locator(".person-card-handle").hover()
    page.wait_for_timeout(500)
    expect(card).to_be_visible()
    card.get_by_role("button", name="Follow Gus").click()
    expect(card.locator(".btn-follow")).to_have_attribute("aria-pressed", "true")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(item => item.id)")
    assert len(ids) == len(set(ids))
    page.mouse.move(2, 2)
    expect(card).to_be_hidden()
    # Changes are fetched again.
    name_of(page, posts[-2]).hover()
    expect(card.locator(".btn-follow")).to_have_attribute("aria-pressed", "true")
    card.get_by_role("button", name="Unfollow Gus").or_(card.locator(".btn-follow")).first.click()
    expect(card.locator(".btn-follow")).to_have_attribute("aria-pressed", "false")


def test_a_passing_pointer_opens_no_hovercard(page_of: Callable[..., Page], posts: list[str]) -> None:
    page = page_of()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/card") else None)
    for post in posts[-1:-5:-1]:
        name_of(page, post).hover()
    page.mouse.move(2, 2)
    page.wait_for_timeout(700)
    assert asked == []
    expect(page.locator("#hovercard")).to_have_count(0)


def test_the_hovercard_opens_and_closes_by_keyboard(page_of: Callable[..., Page], posts: list[str]) -> None:
    page = page_of()
    card = page.locator("#hovercard")
    before = page.locator(f"#post-{posts[-2]} .post-more")
    before.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(name_of(page, posts[-2])).to_be_focused()
    expect(card).to_be_visible()
    page.keyboard.press("Tab")
    expect(card.locator(".btn-follow")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(name_of(page, posts[-2])).to_be_focused()
    # After Escape it doesn't reopen by itself, and Tab continues through the page.
    page.keyboard.press("Tab")
    expect(page.locator(f"#post-{posts[-2]} .post-time").first).to_be_focused()


def test_tab_moves_through_the_hovercard_and_on(page_of: Callable[..., Page], posts: list[str]) -> None:
    page = page_of()
    card = page.locator("#hovercard")
    page.locator(f"#post-{posts[-2]} .post-time").first.focus()
    page.keyboard.press("Shift+Tab")
    expect(card).to_be_visible()
    stops = card.locator("a[href]:not([tabindex='-1']), button").count()
    for _ in range(stops + 1):
        page.keyboard.press("Tab")
    expect(card).to_be_hidden()
    expect(page.locator(f"#post-{posts[-2]} .post-time").first).to_be_focused()


def test_a_tap_opens_the_profile_and_a_long_press_the_hovercard(
    page_of: Callable[..., Page], posts: list[str]
) -> None:
    page = page_of(width=390, has_touch=True, is_mobile=True)
    name = name_of(page, posts[-1])
    box = name.bounding_box()
    assert box is not None
    at = {"x": box["x"] + 8, "y": box["y"] + 8}
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    page.wait_for_timeout(800)
    expect(page.locator("#hovercard")).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(400)
    expect(page.locator("#hovercard")).to_be_visible()
    assert page.url.endswith("/explore?tab=latest")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.touchscreen.tap(200, 20)
    expect(page.locator("#hovercard")).to_be_hidden()
    page.goto("/explore?tab=latest")
    name_of(page, posts[-1]).tap()
    page.wait_for_url("**/@card_gus")


def test_a_closed_account_has_no_hovercard(
    page_of: Callable[..., Page], posts: list[str], live_site: Site
) -> None:
    page = page_of()
    live_site.shell(
        "from social.actions import block_member, unblock_member\nfrom accounts.models import Member\n"
        "m = Member.objects.get\nblock_member(member=m(username='card_eva'), by=m(username='card_gus'))"
    )
    with page.expect_response("**/card") as answer:
        name_of(page, posts[-1]).hover()
    assert answer.value.status == 404
    page.wait_for_timeout(200)
    expect(page.locator("#hovercard")).to_have_count(0)
    expect(page.locator(".toast")).to_have_count(0)
    live_site.shell(
        "from social.actions import unblock_member\nfrom accounts.models import Member\n"
        "m = Member.objects.get\nunblock_member(member=m(username='card_eva'), by=m(username='card_gus'))"
    )
