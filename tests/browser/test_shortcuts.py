"""The keys listed in the help work, in wide and narrow windows."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from tests.live.people import people

HELP = {
    "Next post, previous post": "j k",
    "Open post": "Enter",
    "Like, reply, bookmark": "l r b",
    "Write a post": "n",
    "Send post or message": "Ctrl+Enter",
    "Show new posts": ".",
    "Search": "/",
    "Home, explore, notifications": "g then h e n",
    "Messages, bookmarks, profile": "g then m b p",
    "This list": "?",
}
PLACES = {
    "h": "/",
    "e": "/explore",
    "n": "/notifications",
    "m": "/messages",
    "b": "/bookmarks",
    "p": "/@{name}",
}


def listed(page: Page) -> dict[str, str]:
    """Return the keys for each action listed in the help."""
    page.keyboard.press("?")
    rows = page.locator("#shortcuts .keys > div")
    expect(rows.first).to_be_visible()
    said = rows.evaluate_all(
        "rows => rows.map((row) => [row.children[0].innerText, row.children[1].innerText])"
    )
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    return {action: keys.strip() for action, keys in said}


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_each_key_in_the_help_works(live_site, new_page, width):
    (member,) = people(live_site, f"keys_of_{width}_{token_hex(2)}")
    page = new_page(width=width)
    page.context.add_cookies(member.cookies)
    page.goto("/")
    assert listed(page) == HELP
    card = page.locator(f"#post-{member.post}")
    focused = "document.activeElement.dataset.post"

    # Next, previous; like, bookmark, reply.
    page.keyboard.press("j")
    assert page.evaluate(focused) == member.post
    page.keyboard.press("k")
    assert page.evaluate(focused) == member.post
    for key, action in (("l", "like"), ("b", "bookmark")):
        page.keyboard.press(key)
        expect(card.locator(f"[data-action={action}]")).to_have_attribute("aria-pressed", "true")
        assert page.evaluate(focused) == member.post, action
    page.keyboard.press("r")
    expect(card.locator("textarea")).to_be_focused()

    # Write a post and send it; show new posts.
    page.goto("/")
    page.keyboard.press("n")
    expect(page.locator("#compose-dialog textarea")).to_be_focused()
    page.keyboard.type("Sent by keys")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Sent by keys").first).to_be_visible()
    page.goto("/")
    live_site.shell(
        "from accounts.models import Member; from tests.factories import make_post\n"
        f"make_post(Member.objects.named('{member.name}').get(), 'Written meanwhile')"
    )
    page.keyboard.press(".")
    expect(page.locator("#timeline").get_by_text("Written meanwhile")).to_be_visible()

    # Search, and open a post.
    page.keyboard.press("/")
    expect(page.locator("input[type=search]:visible").first).to_be_focused()
    page.goto(f"/@{member.name}")
    page.keyboard.press("j")
    opened = page.evaluate(focused)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/@{member.name}/{opened}$"))

    # Go to a page.
    for key, path in PLACES.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page).to_have_url(re.compile(re.escape(path.format(name=member.name)) + "$"))
        page.wait_for_load_state()


def test_the_help_lists_only_working_keys_for_visitors(live_site, new_page):
    page = new_page()
    page.goto("/explore")
    said = listed(page)
    assert "Next post, previous post" in said
    for action in ("Write a post", "Messages, bookmarks, profile"):
        assert action not in said
