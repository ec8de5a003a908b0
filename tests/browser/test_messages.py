"""A conversation in several tabs: marked as read when seen, updated live, deleted everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

from tests.browser.community import live
from tests.live.people import Person, people

IN_THE_BACKGROUND = """
    window.looking = false;
    Object.defineProperty(Document.prototype, "hidden", { get: () => !window.looking });
    document.hasFocus = () => window.looking;
"""
LOOK = "() => { window.looking = true; dispatchEvent(new Event('focus')); }"


@pytest.fixture
def open_as(new_page) -> Callable[..., Page]:
    def open_page(person: Person, path: str, *, script: str = "", **options: Any) -> Page:
        page = new_page(**options)
        page.context.add_cookies(person.cookies)
        if script:
            page.add_init_script(script)
        page.goto(path)
        return page

    return open_page


def tab(page: Page, path: str, script: str = "") -> Page:
    """Open another tab of the same browser."""
    other = page.context.new_page()
    if script:
        other.add_init_script(script)
    other.goto(path)
    return other


def badge(page: Page) -> Any:
    return page.locator("#messages-badge")


def test_a_visible_conversation_is_marked_as_read_in_every_tab(live_site, open_as):
    ana, ben = people(live_site, "tabs_ana", "tabs_ben")
    ben.act(f"/messages/with/{ana.name}", text="One")
    elsewhere = open_as(ana, "/explore")
    inbox = tab(elsewhere, "/messages")
    room = tab(elsewhere, f"/messages/with/{ben.name}", IN_THE_BACKGROUND)
    for page in (elsewhere, inbox, room):
        live(page)
    ben.act(f"/messages/with/{ana.name}", text="Two")
    expect(room.locator(".bubble")).to_have_count(2)
    for page in (elsewhere, inbox):
        expect(badge(page)).to_have_text(re.compile(r"^2\b"))
    line = inbox.locator(".convo")
    expect(line).to_contain_text("Two")
    expect(line).to_have_attribute("data-unread", "")
    room.evaluate(LOOK)
    for page in (elsewhere, inbox, room):
        expect(badge(page)).to_be_hidden()
    expect(line).not_to_have_attribute("data-unread", "")
    elsewhere.reload()
    expect(badge(elsewhere)).to_be_hidden()


def test_a_deleted_message_disappears_from_every_page(live_site, open_as):
    ana, ben = people(live_site, "back_ana", "back_ben")
    hers = open_as(ana, f"/messages/with/{ben.name}")
    for text in ("Kept", "Said too much"):
        hers.get_by_label("Your message to Ben").fill(text)
        hers.get_by_role("button", name="Send").click()
        expect(hers.locator(".bubble.is-mine").last).to_contain_text(text)
    inbox = open_as(ben, "/messages")
    room = tab(inbox, f"/messages/with/{ana.name}", IN_THE_BACKGROUND)
    for page in (hers, inbox, room):
        live(page)
    expect(badge(inbox)).to_have_text(re.compile(r"^2\b"))
    hers.get_by_role("button", name="Delete").last.click()
    hers.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(room.locator(".bubble")).to_have_count(1)
    expect(room.locator("main")).not_to_contain_text("Said too much")
    expect(badge(inbox)).to_have_text(re.compile(r"^1\b"))
    expect(inbox.locator(".convo")).to_contain_text("Kept")
    expect(inbox.locator(".convo .count-badge")).to_have_text(re.compile(r"^1\b"))


def test_missed_messages_are_caught_up_after_reconnecting(live_site, open_as):
    ana, ben = people(live_site, "gap_ana", "gap_ben")
    hers = open_as(ana, f"/messages/with/{ben.name}")
    for text in ("First", "Second"):
        hers.get_by_label("Your message to Ben").fill(text)
        hers.get_by_role("button", name="Send").click()
        expect(hers.locator(".bubble.is-mine").last).to_contain_text(text)
    his = open_as(ben, f"/messages/with/{ana.name}")
    live(his)
    his.context.set_offline(True)
    # Chromium keeps sockets open when it emulates being offline.
    his.evaluate("dispatchEvent(new Event('pagehide'))")
    hers.get_by_role("button", name="Delete").first.click()
    hers.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(hers.locator(".bubble")).to_have_count(1)
    hers.get_by_label("Your message to Ben").fill("Third")
    hers.get_by_role("button", name="Send").click()
    expect(hers.locator(".bubble")).to_have_count(2)
    his.context.set_offline(False)
    expect(his.locator(".bubble")).to_contain_text([re.compile("Second"), re.compile("Third")])
    expect(his.locator(".bubble")).to_have_count(2)


def test_older_messages_do_not_move_the_page_and_unseen_ones_stay_unread(live_site, open_as):
    ana, ben = people(live_site, "long_ana", "long_ben")
    live_site.shell(
        "from accounts.models import Member; from messaging.actions import send_message\n"
        "ana, ben = (Member.objects.named(name).get() for name in ('long_ana', 'long_ben'))\n"
        "for n in range(60): send_message(by=ben, to=ana, text=f'message {n}')"
    )
    page = open_as(ana, f"/messages/with/{ben.name}", height=600)
    live(page)
    expect(page.get_by_text("message 59")).to_be_in_viewport()
    expect(badge(page)).to_be_hidden()
    page.evaluate("scrollTo(0, 0)")
    first = page.locator(".bubble").first
    expect(first).to_contain_text("message 20")
    before = first.bounding_box()["y"]
    page.get_by_role("link", name="Show earlier messages").click()
    expect(page.locator(".bubble")).to_have_count(60)
    after = page.locator(".bubble", has_text="message 20").bounding_box()["y"]
    # The clicked row above it is gone.
    assert abs(after - before) <= 2
    ben.act(f"/messages/with/{ana.name}", text="Meanwhile")
    expect(page.locator(".bubble").last).to_contain_text("Meanwhile")
    expect(page.locator(".bubble").last).not_to_be_in_viewport()
    expect(badge(page)).to_have_text(re.compile(r"^1\b"))
    page.locator(".bubble").last.scroll_into_view_if_needed()
    expect(badge(page)).to_be_hidden()


def test_a_message_behind_a_warning_opens_by_click_and_sends_no_alert(live_site, open_as):
    ana, ben = people(live_site, "muted_ana", "muted_ben")
    ana.act("/settings/words", text="zebra", places="threads", act="hide", duration="")
    page = open_as(ana, "/messages")
    live(page)
    ben.act(f"/messages/with/{ana.name}", text="Look, a zebra")
    expect(page.locator(".convo")).to_contain_text("Muted: zebra")
    expect(badge(page)).to_be_hidden()
    page.locator(".convo").click()
    expect(page.get_by_text("Look, a zebra")).to_be_hidden()
    page.locator(".bubble summary").press("Enter")
    expect(page.get_by_text("Look, a zebra")).to_be_visible()


def test_opening_a_conversation_marks_it_as_read_without_javascript(live_site, open_as):
    ana, ben = people(live_site, "plain_ana2", "plain_ben2")
    ben.act(f"/messages/with/{ana.name}", text="One")
    page = open_as(ana, "/messages", javascript=False)
    expect(badge(page)).to_have_text(re.compile(r"^1\b"))
    with page.expect_response("**/seen"):
        page.locator(".convo").click()
    page.goto("/messages")
    expect(badge(page)).to_be_hidden()
