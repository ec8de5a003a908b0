"""Two members in two browsers, from sign-up to private messages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.community import live, mail_to, sign_up, until, write
from tests.live.people import Person, people

NO_RELOAD = "window.neverReloaded = true"
NO_SOCKETS = "window.WebSocket = class { constructor() { throw new Error('blocked') } };"


@pytest.fixture
def open_as(new_page):
    """Return a function: `open_as(member, "/explore")` opens that page in their browser."""

    def open_page(person: Person, path: str = "/", *, script: str = "", **options):
        page = new_page(**options)
        page.add_init_script(script)
        page.context.add_cookies(person.cookies)
        page.goto(path)
        return page

    return open_page


def test_from_sign_up_to_a_reply_that_arrives_live(new_page, live_site):
    # Ana joins, confirms her address by email, and posts.
    ana = new_page()
    sign_up(ana, "walk_ana")
    link = re.search(r"https?://\S+/confirm-email/\S+", mail_to(live_site, "walk_ana@example.com"))
    assert link is not None
    ana.goto(link[0])
    with ana.expect_navigation():
        ana.get_by_role("button", name="Confirm").click()
    ana.goto("/accounts/email/")
    expect(ana.get_by_text("Confirmed", exact=True)).to_be_visible()
    ana.goto("/")
    post = write(ana, "The tomatoes are in #walkinggarden")
    # Without a click: the review is a job, and her page is updated live.
    card = ana.locator(f"#post-{post}")
    expect(card.locator('[data-action="like"]')).to_be_visible()

    # Ben joins, finds her by search, follows her, and sees her post on home.
    ben = new_page(width=390, theme="dark")
    sign_up(ben, "walk_ben")
    ben.goto("/explore")
    ben.locator(".explore-search input[type=search]").fill("walk_ana")
    ben.keyboard.press("Enter")
    ben.locator("#results").get_by_role("link", name="People").click()
    ben.locator("#results").get_by_role("link", name="walk_ana").first.click()
    expect(ben).to_have_url(re.compile("/@walk_ana$"))
    follow = ben.get_by_role("button", name="Follow")
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(ben.locator(".profile-counts")).to_contain_text("1 follower")
    ben.goto("/")
    bens_card = ben.locator(f"#post-{post}")
    expect(bens_card).to_contain_text("The tomatoes are in")

    # It's in For you, too.
    ben.get_by_role("link", name="For you").click()
    expect(ben.get_by_role("link", name="For you")).to_have_attribute("aria-current", "page")
    expect(bens_card).to_be_visible()

    # He likes it. Her page shows the number and the badge without a reload.
    live(ana)
    ana.evaluate(NO_RELOAD)
    unread_before = int(ana.locator("#notifications-badge").inner_text().split()[0] or 0)
    bens_card.get_by_role("button", name=re.compile("^Like")).click()
    expect(bens_card.locator('[data-action="like"]')).to_have_attribute("aria-pressed", "true")
    expect(card.locator(".action-like .action-count")).to_have_text("1", timeout=3000)
    expect(ana.locator("#notifications-badge")).to_have_text(
        re.compile(f"^{unread_before + 1}"), timeout=3000
    )
    assert ana.evaluate("window.neverReloaded")

    # He replies, and her notifications show it on top.
    ana.goto("/notifications")
    live(ana)
    ana.evaluate(NO_RELOAD)
    ben.goto(f"/@walk_ana/{post}")
    ben.locator("#reply textarea").fill("I would trade bread for some.")
    ben.locator("#reply").get_by_role("button", name="Reply").click()
    expect(ben.locator("#replies")).to_contain_text("I would trade bread for some.")
    expect(ana.locator(".note-row").first).to_contain_text("replied to you", timeout=5000)
    expect(ana.locator(".note-row").first).to_contain_text("I would trade bread")
    assert ana.evaluate("window.neverReloaded")
    for said in ("liked your post", "followed you"):
        expect(ana.locator(".note-row", has_text=said)).to_be_visible()

    # An app reads the same.
    told = ana.request.get(f"/api/posts/{post}").json()
    assert (told["author"]["username"], told["likes_count"], told["replies_count"]) == ("walk_ana", 1, 1)


def test_a_draft_edited_until_it_was_sent_is_deleted(live_site, open_as):
    (ana,) = people(live_site, "draft_ana")
    page = open_as(ana)
    field = page.locator("#composer textarea")
    field.fill("Half a thought")
    until(page, "Object.values(localStorage).includes('Half a thought')")
    page.reload()
    expect(field).to_have_value("Half a thought")
    # Sent right after the last word, before the draft is saved again.
    write(page, "Half a thought, and the rest")
    expect(field).to_have_value("")
    page.reload()
    expect(field).to_have_value("")


def test_the_theme_can_be_switched_and_is_kept(live_site, open_as):
    (ana,) = people(live_site, "theme_ana")
    page = open_as(ana)
    by_day = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.locator("summary", has_text="theme_ana").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    until(page, f"getComputedStyle(document.documentElement).backgroundColor !== '{by_day}'")
    page.goto("/explore")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_rejected_like_is_reverted_with_a_message(live_site, open_as):
    ana, ben = people(live_site, "refused_ana", "refused_ben")
    # His page misses that she deletes it.
    page = open_as(ben, f"/@{ana.name}", script=NO_SOCKETS)
    ana.act(f"/posts/{ana.post}/delete")
    button = page.locator(f"#like-button-{ana.post}")
    button.click()
    expect(page.locator(".toast")).to_be_visible()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button.locator(".action-count")).to_have_text("")


def test_a_deleted_post_disappears_from_open_pages(live_site, open_as):
    ana, ben = people(live_site, "gone_ana", "gone_ben")
    reader = open_as(ben, f"/@{ana.name}/{ana.post}")
    live(reader)
    writer = open_as(ana, f"/@{ana.name}")
    card = writer.locator(f"article#post-{ana.post}")
    card.get_by_role("link", name="Post options").click()
    card.get_by_role("link", name="Delete").click()
    writer.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(card).to_have_count(0)
    expect(writer.locator(f"#post-{ana.post}.post-gone")).to_be_visible()
    expect(writer.locator(".toast")).to_contain_text("Deleted.")
    expect(reader.locator(".post-gone").first).to_be_visible(timeout=5000)
    expect(reader.locator(f"article#post-{ana.post}")).to_have_count(0)
    answer = reader.goto(f"/@{ana.name}/{ana.post}")
    assert answer.status == 404


def test_messages_arrive_live(live_site, open_as):
    ana, ben = people(live_site, "talk_ana", "talk_ben")
    hers = open_as(ana, f"/@{ben.name}")
    hers.get_by_role("link", name="Message Ben").click()
    hers.get_by_label("Your message to Ben").fill("Are you there?")
    hers.get_by_role("button", name="Send").click()
    expect(hers.locator(".bubble.is-mine")).to_contain_text("Are you there?")

    his = open_as(ben, "/messages", width=390)
    his.get_by_text("Are you there?").click()
    live(his)
    live(hers)
    hers.evaluate(NO_RELOAD)
    his.get_by_label("Your message to Ana").fill("I am.")
    his.get_by_role("button", name="Send").click()
    expect(his.locator(".bubble.is-mine")).to_have_count(1)
    expect(hers.locator(".bubble:not(.is-mine)")).to_contain_text("I am.", timeout=5000)
    hers.get_by_label("Your message to Ben").fill("Good.")
    hers.keyboard.press("Enter")
    expect(his.locator(".bubble")).to_have_count(3, timeout=5000)
    assert hers.evaluate("window.neverReloaded")

    # Members on other pages are notified too.
    hers.goto("/explore")
    live(hers)
    his.get_by_label("Your message to Ana").fill("Still?")
    his.get_by_role("button", name="Send").click()
    expect(hers.locator("#messages-badge")).to_have_text(re.compile(r"^1\b"), timeout=5000)


def test_keyboard_shortcuts_navigate_like_and_compose(live_site, open_as):
    (ana,) = people(live_site, "keys_ana")
    live_site.shell(
        "from accounts.models import Member; from tests.factories import make_post\n"
        "ana = Member.objects.named('keys_ana').get()\n"
        "for n in range(3): make_post(ana, f'Key {n}')"
    )
    page = open_as(ana)
    focused = "document.activeElement.dataset.post"
    ids = page.locator("#timeline article.post").evaluate_all(
        "cards => cards.map((card) => card.dataset.post)"
    )
    page.keyboard.press("j")
    assert page.evaluate(focused) == ids[0]
    page.keyboard.press("j")
    assert page.evaluate(focused) == ids[1]
    page.keyboard.press("k")
    assert page.evaluate(focused) == ids[0]
    page.keyboard.press("l")
    expect(page.locator(f"#like-button-{ids[0]}")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("n")
    expect(page.locator("#compose-dialog textarea")).to_be_focused()
    # Typing in a field triggers no shortcuts.
    page.keyboard.type("jkl?")
    expect(page.locator("#compose-dialog textarea")).to_have_value("jkl?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline article.post").first).to_contain_text("jkl?")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
