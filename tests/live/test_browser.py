"""Test live updates of pages in a real browser. Other members act through HTTP."""

import re

import pytest
from playwright.sync_api import expect

from tests.live.people import people

NO_SOCKETS = "window.WebSocket = class { constructor() { throw new Error('blocked') } };"


@pytest.fixture
def open_as(new_page):
    def open_page(person=None, path: str = "/", script: str = ""):
        page = new_page()
        if person is not None:
            page.context.add_cookies(person.cookies)
        if script:
            page.add_init_script(script)
        page.goto(path)
        return page

    return open_page


def live(page) -> None:
    """Wait until the page has subscribed to its streams."""
    expect(page.locator("html")).to_have_attribute("data-live", "yes")


def likes(page, post: str):
    return page.locator(f'[data-post="{post}"] [data-live="likes"]')


def test_a_like_appears_on_every_open_page_and_notifies_the_author(live_site, open_as):
    alice, bob = people(live_site, "b1_alice", "b1_bob")
    path = f"/@{alice.name}/{alice.post}"
    hers, visitors = open_as(alice, path), open_as(None, path)
    live(hers)
    live(visitors)
    bob.act(f"/posts/{alice.post}/like")
    for page in (hers, visitors):
        expect(likes(page, alice.post)).to_have_text("1")
        expect(page.locator("[data-action=like]")).to_have_attribute("aria-label", "Like, 1 like")
    expect(hers.locator("#notifications-badge")).to_have_text(re.compile("^1"))
    expect(hers).to_have_title(re.compile(r"^\(1\) "))
    expect(hers.locator(".toast")).to_contain_text("Bob liked your post")
    hers.locator(".toast a").click()
    expect(hers).to_have_url(re.compile(f"{alice.post}$"))
    expect(hers.locator("#notifications-badge")).to_be_hidden()
    expect(visitors.locator(".toast")).to_have_count(0)


def test_a_hidden_post_leaves_the_page(live_site, open_as):
    alice, bob = people(live_site, "b2_alice", "b2_bob")
    page = open_as(bob, f"/@{alice.name}/{alice.post}")
    live(page)
    alice.act(f"/posts/{alice.post}/delete")
    expect(page.locator(".post-gone")).to_contain_text("isn’t available any more")
    expect(page.locator(f'[data-post="{alice.post}"]')).to_have_count(0)


def test_a_new_notification_appears_at_the_top_of_the_list(live_site, open_as):
    alice, bob, carol = people(live_site, "b3_alice", "b3_bob", "b3_carol")
    bob.act(f"/posts/{alice.post}/like")
    bob.act(f"/@{alice.name}/follow")
    page = open_as(alice, "/notifications")
    live(page)
    expect(page.locator(".note-row")).to_have_count(2)
    expect(page.locator("#notifications-badge")).to_be_hidden()
    elsewhere = open_as(alice, "/explore")
    live(elsewhere)
    carol.act(f"/posts/{alice.post}/like")
    expect(page.locator(".note-row").first).to_contain_text("Carol and Bob liked your post")
    expect(page.locator(".note-row")).to_have_count(2)
    expect(page.locator(".toast")).to_have_count(0)
    # It arrived on a visible page, so no page shows a badge, but the row is unread.
    expect(page.locator("#notifications-badge")).to_be_hidden()
    expect(elsewhere.locator("#notifications-badge")).to_be_hidden()
    expect(page.locator(".note-row[data-unread]")).to_have_count(2)
    # After a reload, catching up returns notifications that are already on the page, so nothing moves.
    page.reload()
    live(page)
    page.wait_for_timeout(500)
    expect(page.locator(".note-row")).to_contain_text(["Carol and Bob liked your post", "Bob followed you"])
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".note-row[data-unread]")).to_have_count(0)
    expect(page.locator("#notifications-badge")).to_be_hidden()
    expect(page).to_have_title(re.compile("^Notifications"))


def test_reading_on_one_page_updates_the_others(live_site, open_as):
    alice, bob = people(live_site, "b4_alice", "b4_bob")
    bob.act(f"/posts/{alice.post}/like")
    page = open_as(alice, "/explore")
    live(page)
    expect(page.locator("#notifications-badge")).to_have_text(re.compile("^1"))
    alice.act("/notifications/read")
    expect(page.locator("#notifications-badge")).to_be_hidden()


def test_without_sockets_the_page_polls(live_site, open_as):
    alice, bob = people(live_site, "b5_alice", "b5_bob")
    bob.act(f"/@{alice.name}/follow")
    page = open_as(alice, f"/@{alice.name}/{alice.post}", NO_SOCKETS)
    expect(page.locator("html")).to_have_attribute("data-live", "polling")
    bob.act(f"/posts/{alice.post}/like")
    page.wait_for_timeout(1000)
    # The page polls at its next interval, or when it becomes visible again.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(likes(page, alice.post)).to_have_text("1")
    expect(page.locator("#notifications-badge")).to_have_text(re.compile("^2"))
    expect(page.locator("#offline")).to_be_hidden()


def test_missed_messages_arrive_after_reconnecting(live_site, open_as):
    alice, bob = people(live_site, "b6_alice", "b6_bob")
    page = open_as(alice, f"/@{alice.name}/{alice.post}")
    live(page)
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    page.evaluate(
        "dispatchEvent(new Event('pagehide'))"
    )  # Chromium keeps sockets open while it emulates being offline.
    bob.act(f"/posts/{alice.post}/like")
    page.context.set_offline(False)
    live(page)
    expect(likes(page, alice.post)).to_have_text("1")
    expect(page.locator(".toast")).to_contain_text("Bob liked your post")
    expect(page.locator("#offline")).to_be_hidden()


def test_signing_out_elsewhere_shows_a_message(live_site, open_as):
    (alice,) = people(live_site, "b7_alice")
    page = open_as(alice, "/notifications")
    live(page)
    alice.act("/accounts/logout/")
    expect(page.locator("#offline")).to_contain_text("You’ve been signed out")


def test_the_page_subscribes_to_new_posts_and_unsubscribes_from_removed_ones(live_site, open_as):
    alice, bob = people(live_site, "b8_alice", "b8_bob")
    page = open_as(None, f"/@{alice.name}/{alice.post}")
    live(page)
    page.evaluate(
        """async (path) => {
            const text = await (await fetch(path)).text();
            const card = new DOMParser().parseFromString(text, "text/html").querySelector("[data-post]");
            document.querySelector("[data-post]").replaceWith(card);
        }""",
        f"/posts/{bob.post}/card",
    )
    page.wait_for_timeout(500)
    alice.act(f"/posts/{bob.post}/like")
    expect(likes(page, bob.post)).to_have_text("1")
