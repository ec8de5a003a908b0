"""Pages fit the window: on a phone, zoomed to 400 %, with text at 200 %, and in a low window."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.community import sign_in, until
from tests.services.site import Site

MAKE = """
from core.events import deliver_pending
from messaging.actions import send_message
from social.actions import follow_member
from tests.factories import make_member, make_post
ada = make_member("fit_ada", display_name="Ada")
ada.set_password("correct horse battery"); ada.save()
others = [
    make_member("fit_bea", display_name="Bea"),
    make_member("fit_long", display_name="Wolfeschlegelsteinhausenbergerdorff" * 3),
    make_member("fit_noor", display_name="نور الهدى"),
]
for other in others:
    follow_member(member=other, by=ada)
    for n in range(4):
        make_post(other, f"Post {n} of {other.username}")
for n, name in enumerate(("Gabriela Konstantinopoulos", "Maximilian von Hohenfels", "Aleksandra Wiśniewska")):
    stranger = make_member(f"fit_stranger_{n}", display_name=name)
    for other in others:
        follow_member(member=stranger, by=other)
send_message(by=others[0], to=ada, text="Are you there?")
deliver_pending()
"""
CUT = """selector => [...document.querySelectorAll(selector)]
    .filter((element) => element.scrollWidth > element.clientWidth + 1).map((element) => element.innerText)"""
BEYOND = """() => [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def made(live_site: Site) -> None:
    live_site.shell(MAKE)


@pytest.fixture
def open_as_ada(made: None, new_page: Callable[..., Page]) -> Callable[..., Page]:
    def opened(**options: Any) -> Page:
        page = new_page(**options)
        sign_in(page, "fit_ada")
        return page

    return opened


def box(page: Page, selector: str) -> Any:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return found


def test_on_a_phone_the_post_button_hides_where_it_is_in_the_way_and_menus_stay_in_the_window(
    open_as_ada: Callable[..., Page],
) -> None:
    page = open_as_ada(width=390, height=844)
    button = page.get_by_role("link", name="Write a post")
    expect(button).to_be_visible()
    assert page.evaluate(BEYOND) == []
    # At the bottom of the window, a menu opens upwards and stays above the navigation.
    post = page.locator("article.post").nth(6)
    post.evaluate("post => scrollBy(0, post.getBoundingClientRect().top - innerHeight + 140)")
    for more in (post, page.locator("article.post").nth(3)):
        more.get_by_role("link", name="Post options").click()
        menu = box(page, "details.menu[open] .menu-list")
        assert menu["x"] >= 0
        assert menu["x"] + menu["width"] <= 390
        assert menu["y"] >= 0
        assert menu["y"] + menu["height"] <= box(page, ".nav")["y"]
        page.keyboard.press("Escape")
    # Hidden when it would cover a text field, and on Messages, where it could be mistaken for a new message.
    page.locator("article.post").nth(3).locator("[data-action=reply]").click()
    expect(page.locator(".post-reply textarea")).to_be_focused()
    expect(button).to_be_hidden()
    page.goto(str(page.locator(".post-time").first.get_attribute("href")))
    expect(button).to_be_hidden()
    for path, name in (("/messages", "Messages"), ("/bookmarks", "Bookmarks")):
        page.goto(path)
        assert page.locator(".nav [aria-current=page] .nav-label").text_content() == name
    page.goto("/messages")
    expect(button).to_be_hidden()


def test_at_400_percent_zoom_the_bars_scroll_away_and_with_double_size_text_the_icons_stay(
    open_as_ada: Callable[..., Page],
) -> None:
    page = open_as_ada(width=320, height=256, bypass_csp=True)
    expect(page.get_by_role("link", name="Home", exact=True)).to_be_in_viewport()
    page.evaluate("scrollTo(0, 400)")
    for bar in (".nav", ".bar"):
        assert box(page, bar)["y"] + box(page, bar)["height"] <= 0
    assert page.evaluate(BEYOND) == []
    page.evaluate("scrollTo(0, 0)")
    page.add_style_tag(content="html { font-size: 200% }")
    for width in (390, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for icon in page.locator(".nav-link .icon").all():
            if icon.is_visible():
                size = icon.bounding_box()
                assert size is not None
                assert size["width"] >= 40, width


def test_names_and_buttons_are_visible_and_a_followed_button_does_not_turn_into_unfollow_at_once(
    open_as_ada: Callable[..., Page],
) -> None:
    page = open_as_ada(width=1440, height=900)
    # The count is part of the link’s accessible name.
    expect(page.get_by_role("link", name=re.compile(r"^Messages\s*1 unread$"))).to_be_visible()
    beside = page.locator("#suggestions-beside")
    expect(beside.locator(".person-suggested").nth(1)).to_be_visible()
    assert page.evaluate(CUT, "#suggestions-beside .who-name") == []
    # Each post begins with a heading that names its author.
    expect(page.locator("article.post").get_by_role("heading", name="Bea").first).to_be_visible()
    assert (
        page.locator("article .who-name", has_text="نور").first.evaluate("e => getComputedStyle(e).direction")
        == "rtl"
    )
    # After a click the button shows the new state, and offers to unfollow only when the pointer returns.
    follow = beside.locator(".btn-follow").first
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(follow.locator(".when-on")).to_be_visible()
    page.wait_for_timeout(300)
    expect(follow.locator(".when-leave")).to_be_hidden()
    page.mouse.move(5, 5)
    follow.hover()
    expect(follow.locator(".when-leave")).to_be_visible()
    # In a low window, the dialog’s buttons are visible, with the confirming one last.
    page.set_viewport_size({"width": 844, "height": 390})
    post = page.locator("article.post", has_text="Post 3 of fit_bea")
    post.get_by_role("link", name="Post options").click()
    page.get_by_role("link", name="Report").click()
    send = page.locator("dialog").get_by_role("button", name="Report")
    expect(send).to_be_in_viewport(ratio=1)
    assert page.locator("dialog form .row .btn").all_inner_texts() == ["Cancel", "Report"]


def test_messages_and_results_are_announced_to_screen_readers(open_as_ada: Callable[..., Page]) -> None:
    page = open_as_ada(width=820)
    page.goto("/search")
    page.locator("#search-words").press_sequentially("fit_bea")
    expect(page.get_by_role("status").filter(has_text="results")).to_have_text(re.compile("^4 results$"))
    page.locator("#search-words").fill("zzzzzz")
    expect(page.get_by_role("status").filter(has_text="No results")).to_have_count(1)
    page.goto("/messages/with/fit_bea")
    expect(page.get_by_role("log")).to_contain_text("Are you there?")
    # Messages rendered with the page are written into the live region again, because only changes are announced.
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => new MutationObserver(() => { document.body.dataset.heard = ""; })
            .observe(document.getElementById("toasts"), { childList: true, subtree: true }))"""
    )
    page.goto("/settings/notifications")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    until(page, "'heard' in document.body.dataset")
