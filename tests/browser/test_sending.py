"""Text is sent once and never lost: on a slow connection, clicked twice, offline, signed out, with an IME."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.community import until
from tests.live.people import Person, people

COMPOSED_ENTER = """(field) => {
    for (const init of [{ isComposing: true }, { keyCode: 229 }]) {
        field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init }));
    }
}"""


@pytest.fixture(scope="module")
def pair(live_site) -> tuple[Person, Person]:
    """Return ana and ben, who have a conversation. All tests of this file share them: each sends its own text."""
    ana, ben = people(live_site, "send_ana", "send_ben")
    ben.act(f"/messages/with/{ana.name}", text="Hello Ana")
    return ana, ben


@pytest.fixture
def open_as(new_page) -> Callable[..., Page]:
    def open_page(person: Person, path: str = "/", **options: Any) -> Page:
        page = new_page(**options)
        page.context.add_cookies(person.cookies)
        page.goto(path)
        return page

    return open_page


class Slow:
    """A connection on which requests wait until `go()`; `sent` lists the requests."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.sent: list[Request] = []
        self.waiting: list[Route] = []
        page.route(pattern, self._hold)

    def _hold(self, route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        self.sent.append(route.request)
        self.waiting.append(route)

    def go(self) -> None:
        while self.waiting:
            self.waiting.pop(0).continue_()


@pytest.fixture
def room(pair, open_as) -> Page:
    ana, ben = pair
    return open_as(ana, f"/messages/with/{ben.name}")


def field_of(page: Page) -> Any:
    return page.locator("#write-text")


def mine(page: Page) -> Any:
    return page.locator(".bubble.is-mine")


def test_text_typed_while_a_message_is_sent_is_kept(room):
    slow = Slow(room, "**/messages/with/*")
    field = field_of(room)
    field.fill("one")
    field.press("Enter")
    until(room, "document.querySelector('[data-room-write]').dataset.sending === ''")
    expect(room.get_by_role("button", name="Send")).to_have_attribute("aria-busy", "true")
    field.press_sequentially(" and two")
    # The next isn't sent while the first is in progress.
    field.press("Enter")
    field.press("Enter")
    slow.go()
    expect(mine(room).last).to_contain_text("one")
    expect(field).to_have_value("and two")
    expect(room.get_by_role("button", name="Send")).not_to_have_attribute("aria-busy", "true")
    field.press("Enter")
    slow.go()
    room.wait_for_timeout(50)
    slow.go()
    expect(mine(room).last).to_contain_text("and two")
    expect(field).to_have_value("")
    assert len(slow.sent) == 2


def test_a_double_click_or_enter_twice_sends_once_and_the_same_text_can_be_sent_later(room):
    slow = Slow(room, "**/messages/with/*")
    before = mine(room).count()
    field_of(room).fill("only once")
    room.get_by_role("button", name="Send").dblclick()
    field_of(room).press("Enter")
    until(room, "document.querySelector('[data-room-write]').dataset.sending === ''")
    assert len(slow.sent) == 1
    slow.go()
    expect(field_of(room)).to_have_value("")
    expect(mine(room)).to_have_count(before + 1)
    room.unroute("**/messages/with/*")
    field_of(room).fill("only once")
    field_of(room).press("Enter")
    expect(mine(room)).to_have_count(before + 2)


@pytest.mark.parametrize("where", ["message", "post"])
def test_the_enter_that_ends_an_ime_composition_sends_nothing(pair, open_as, where):
    ana, ben = pair
    page = open_as(ana, f"/messages/with/{ben.name}" if where == "message" else "/")
    slow = Slow(page, "**/messages/with/*" if where == "message" else "**/posts*")
    field = field_of(page) if where == "message" else page.locator("#composer textarea")
    field.fill("にほん")
    field.evaluate(COMPOSED_ENTER)
    field.evaluate(COMPOSED_ENTER.replace('"Enter",', '"Enter", ctrlKey: true,'))
    page.wait_for_timeout(100)
    assert slow.sent == []
    expect(field).to_have_value("にほん")


def test_a_message_lost_in_transit_is_retried_and_arrives_once(room, pair, live_site):
    dropped: list[str] = []

    def drop_the_answer(route: Route) -> None:
        dropped.append(route.request.post_data or "")
        route.fetch()
        route.abort()

    room.route("**/messages/with/*", drop_the_answer, times=1)
    field_of(room).fill("did it arrive?")
    field_of(room).press("Enter")
    expect(room.locator("[data-draft-note]")).to_contain_text("Not sent. Your text is saved.")
    expect(field_of(room)).to_have_value("did it arrive?")
    room.reload()
    expect(field_of(room)).to_have_value("did it arrive?")
    expect(room.locator("[data-draft-note]")).to_contain_text("We saved your text.")
    field_of(room).press("Enter")
    expect(field_of(room)).to_have_value("")
    room.reload()
    expect(mine(room).filter(has_text="did it arrive?")).to_have_count(1)


def test_text_written_offline_is_kept_and_sent_later(room):
    room.context.set_offline(True)
    field_of(room).fill("from the tunnel")
    field_of(room).press("Enter")
    expect(room.locator("[data-draft-note]")).to_contain_text("You’re offline. Your text is saved")
    expect(field_of(room)).to_have_value("from the tunnel")
    room.context.set_offline(False)
    field_of(room).press("Enter")
    expect(mine(room).last).to_contain_text("from the tunnel")
    expect(field_of(room)).to_have_value("")
    expect(room.locator("[data-draft-note]")).to_have_text("")


# --- Posts ---------------------------------------------------------------------------------------------------------


def test_pressing_post_twice_posts_once_and_keeps_later_text(pair, open_as):
    ana, _ = pair
    page = open_as(ana)
    slow = Slow(page, "**/posts*")
    field = page.locator("#composer textarea")
    field.fill("Written once.")
    field.press("Control+Enter")
    field.press("Control+Enter")
    until(page, "document.getElementById('composer').dataset.sending === ''")
    page.locator("#composer [type=submit]").click(force=True)
    field.press_sequentially(" And the next")
    assert len(slow.sent) == 1
    slow.go()
    expect(page.locator("#timeline article.post").first).to_contain_text("Written once.")
    expect(field).to_have_value("And the next")
    expect(field).to_be_focused()
    page.reload()
    expect(field).to_have_value("And the next")


def test_a_rejected_post_keeps_text_typed_since(pair, open_as):
    ana, _ = pair
    page = open_as(ana, "/compose")
    slow = Slow(page, "**/posts*")
    field = page.get_by_label("Your post")
    field.fill("x" * 501)
    field.evaluate("field => field.form.requestSubmit()")
    until(page, "document.getElementById('compose').dataset.sending === ''")
    field.press_sequentially("y")
    slow.go()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(field).to_have_value("x" * 501 + "y")


def test_the_composer_page_opens_the_new_post_and_deletes_the_draft(pair, open_as):
    ana, _ = pair
    page = open_as(ana, "/compose")
    page.get_by_label("Your post").fill("From its own page")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".post-focus .post-text")).to_have_text("From its own page")
    page.goto("/compose")
    expect(page.get_by_label("Your post")).to_have_value("")


@pytest.mark.parametrize("path", ["/compose", "/", "post", "edit", "message"])
def test_the_text_is_kept_when_the_session_has_ended(pair, open_as, path):
    ana, ben = pair
    at = {"post": f"/@{ben.name}/{ben.post}", "edit": f"/posts/{ana.post}/edit"}
    page = open_as(ana, at.get(path, path) if path != "message" else f"/messages/with/{ben.name}")
    field = page.locator("[data-draft-key]").first
    field.fill(f"Said from {path}")
    page.context.clear_cookies(name="sessionid")
    field.evaluate("field => field.form.requestSubmit()")
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.context.add_cookies(ana.cookies)
    page.goto(page.evaluate("new URL(location).searchParams.get('next')"))
    field = page.locator("[data-draft-key]").first
    expect(field).to_have_value(f"Said from {path}")
    expect(page.locator("[data-draft-note]").first).to_contain_text(
        "This hasn’t been sent yet. We saved your text."
    )
    field.fill("")
    until(page, "!Object.values(localStorage).some((text) => text.startsWith('Said from'))")


@pytest.mark.parametrize("status", [403, 500])
def test_a_refusal_or_a_server_error_keeps_the_text(pair, open_as, status):
    ana, _ = pair
    page = open_as(ana, "/compose")
    page.route("**/posts*", lambda route: route.fulfill(status=status, body="No."), times=1)
    field = page.get_by_label("Your post")
    field.fill("To be kept")
    field.press("Control+Enter")
    expect(page.locator("[data-draft-note]")).to_contain_text("Not sent. Your text is saved.")
    expect(page.locator(".toast")).to_be_visible()
    page.goto("/")
    expect(page.locator("#composer textarea")).to_have_value("To be kept")
    page.locator("#composer textarea").fill("")


def test_an_unfinished_edit_is_restored_and_cancel_discards_it(pair, open_as):
    ana, _ = pair
    path = f"/posts/{ana.post}/edit"
    page = open_as(ana, path)
    field = page.get_by_label("Your post")
    was = field.input_value()
    field.fill("Half an edit")
    page.goto("/about")
    page.goto(path)
    expect(field).to_have_value("Half an edit")
    page.get_by_role("link", name="Cancel").click()
    page.goto(path)
    expect(field).to_have_value(was)


def test_an_edit_continued_while_it_is_saved_is_kept(pair, open_as):
    ana, _ = pair
    path = f"/posts/{ana.post}/edit"
    page = open_as(ana, path)
    slow = Slow(page, "**/edit*")
    field = page.get_by_label("Your post")
    field.fill("Saved")
    field.press("Control+Enter")
    until(page, "document.querySelector('form.composer').dataset.sending === ''")
    field.press_sequentially(", and more")
    slow.go()
    expect(page.locator(".post-focus .post-text")).to_have_text("Saved")
    page.goto(path)
    expect(field).to_have_value("Saved, and more")
    page.get_by_role("link", name="Cancel").click()


def test_signing_out_deletes_drafts_and_members_never_see_each_others(pair, open_as):
    ana, ben = pair
    page = open_as(ana, "/compose")
    page.get_by_label("Your post").fill("Between me and me")
    until(page, "Object.values(localStorage).includes('Between me and me')")
    page.context.clear_cookies()
    page.context.add_cookies(ben.cookies)
    page.goto("/compose")
    expect(page.get_by_label("Your post")).to_have_value("")
    page.context.clear_cookies()
    page.context.add_cookies(ana.cookies)
    page.goto("/compose")
    expect(page.get_by_label("Your post")).to_have_value("Between me and me")
    # Not a real sign-out, because other tests share the session: the next page says that it has ended.
    page.route("**/accounts/logout/", lambda route: route.fulfill(status=303, headers={"Location": "/about"}))
    page.goto("/settings")
    page.context.clear_cookies()
    page.locator("main form[data-signs-out] button").click()
    page.wait_for_url("**/about")
    until(page, "!JSON.stringify(localStorage).includes('Between me and me')")


def test_a_plain_form_is_sent_once(pair, open_as):
    ana, _ = pair
    page = open_as(ana, "/lists/new")
    page.get_by_label("Title").fill("Neighbours")
    busy = page.locator("main form").evaluate(
        """form => {
            form.requestSubmit();
            form.requestSubmit();
            return form.querySelector("[type=submit]").getAttribute("aria-busy");
        }"""
    )
    assert busy == "true"
    expect(page.locator("header.bar")).to_contain_text("Neighbours")
    page.goto("/lists")
    expect(page.get_by_role("main").get_by_text("Neighbours")).to_have_count(1)
