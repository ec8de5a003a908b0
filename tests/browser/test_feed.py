"""Following and paging through feeds, with and without JavaScript."""

import json
from itertools import count
from urllib.parse import quote

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

from tests.browser.community import until

_numbers = count(1)

SETUP = """
import json
from django.test import Client
from social.actions import follow_member
from tests.factories import make_member, make_post
reader, writer = make_member("reader{n}"), make_member("writer{n}")
follow_member(member=reader, by=writer)
for i in range(45):
    make_post(writer, f"note {{i}}")
client = Client()
client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
print("JSON" + json.dumps(client.cookies["sessionid"].value))
"""


class Place:
    """A reader who follows the author of 45 posts; `place(width=…)` opens a page as the reader."""

    def __init__(self, site, new_page):
        n = next(_numbers)
        self.site, self.new_page = site, new_page
        self.session = json.loads(site.shell(SETUP.format(n=n)).split("JSON")[1])
        self.writer = f"/@writer{n}"

    def __call__(self, **options):
        page = self.new_page(**options)
        page.context.add_cookies([{"name": "sessionid", "value": self.session, "url": self.site.url}])
        return page


@pytest.fixture
def place(live_site, new_page):
    return Place(live_site, new_page)


@pytest.mark.parametrize("width", [390, 1440])
def test_following_updates_the_button_the_count_and_the_badge(place, width):
    page = place(width=width)
    page.goto(place.writer)
    button, counts = page.locator(".profile-actions .btn-follow"), page.locator(".profile-counts")
    handle = page.locator(".profile-handle")
    expect(counts).to_contain_text("0 followers")
    expect(handle).to_contain_text("Follows you")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(counts).to_contain_text("1 follower")
    expect(handle).to_contain_text("Mutual")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(counts).to_contain_text("0 followers")
    expect(handle).to_contain_text("Follows you")


def test_an_ended_session_leads_to_sign_in_and_back(place):
    page = place()
    page.goto(place.writer)
    page.context.clear_cookies(name="sessionid")
    page.locator(".profile-actions .btn-follow").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert f"next={quote(place.writer)}" in page.url


def test_home_loads_more_while_scrolling_and_ends(place):
    page = place()
    page.goto(place.writer)
    # The button toggles before the response arrives: leaving immediately doesn't undo the follow.
    page.locator(".profile-actions .btn-follow").click()
    page.goto("/about")
    cards = page.locator("#timeline article.post")
    # Timing varies: a busy machine may render the next page first.
    for _ in range(50):
        page.goto("/")
        if cards.count():
            break
        page.wait_for_timeout(200)
    for _ in range(20):
        if cards.count() == 45:
            break
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(200)
    expect(cards).to_have_count(45)
    texts = page.locator("#timeline .post-text").all_inner_texts()
    assert [text.strip() for text in texts] == [f"note {i}" for i in range(44, -1, -1)]
    expect(page.locator(".end-row")).to_contain_text("all caught up")


def test_the_first_post_replaces_the_empty_state(place):
    page = place()
    page.goto("/")
    expect(page.get_by_role("heading", name="Your home feed is empty")).to_be_visible()
    page.locator("#composer textarea").fill("Hello, neighbours")
    page.locator("#composer [data-counter-submit]").click()
    expect(page.locator("#timeline article.post")).to_contain_text("Hello, neighbours")
    expect(page.get_by_role("heading", name="Your home feed is empty")).to_be_hidden()


def test_following_and_paging_work_without_javascript(place):
    page = place(javascript=False, width=390)
    page.goto(place.writer)
    page.locator(".profile-actions .btn-follow").click()
    assert page.url.endswith(place.writer)
    expect(page.locator(".profile-actions .btn-follow")).to_have_attribute("aria-pressed", "true")
    page.goto("/")
    seen = []
    while True:
        seen += page.locator("#timeline article.post").evaluate_all("cards => cards.map(card => card.id)")
        more = page.locator(".more-row a")
        if not more.count():
            break
        with page.expect_navigation():
            more.click()
    assert len(seen) == len(set(seen)) == 45
    page.goto(place.writer)
    page.locator(".profile-actions .btn-follow").click()
    expect(page.locator(".profile-actions .btn-follow")).to_have_attribute("aria-pressed", "false")


def test_impressions_of_a_second_are_logged_even_when_leaving(place, live_site):
    page = place()
    page.goto(place.writer)
    with page.expect_response("**/follow*"):
        page.locator(".profile-actions .btn-follow").click()
    page.goto("/")
    expect(page.locator("#timeline article.post")).not_to_have_count(0)
    page.wait_for_timeout(1300)
    # Before the batch is due: it is sent on leaving.
    page.goto("/about")
    page.wait_for_timeout(500)
    code = (
        "from feed.models import Interaction\n"
        f"rows = Interaction.objects.filter(post__author__username={place.writer[2:]!r})\n"
        "print('ROWS', *sorted(set(rows.values_list('kind', 'source'))))"
    )
    logged = live_site.shell(code)
    assert "ROWS ('dwell', 'following') ('view', 'following')" in logged


def logged(live_site, writer: str) -> list[tuple[str, str, str, int]]:
    code = (
        "import json\nfrom feed.models import Interaction\n"
        f"rows = Interaction.objects.filter(post__author__username={writer!r}).exclude(kind__in=['view', 'dwell'])\n"
        "print('JSON' + json.dumps(sorted(rows.values_list('kind', 'post__text', 'source', 'position'))))"
    )
    return [
        (kind, text, source, place)
        for kind, text, source, place in json.loads(live_site.shell(code).split("JSON")[1])
    ]


def test_interactions_are_logged_with_their_list_and_position(place, live_site):
    page = place()
    page.goto(place.writer)
    with page.expect_response("**/follow*"):
        page.locator(".profile-actions .btn-follow").click()
    page.goto("/")
    cards = page.locator("#timeline article.post")
    cards.nth(0).locator("[data-action=like]").click()
    expect(cards.nth(0).locator("[data-action=like]")).to_have_attribute("aria-pressed", "true")
    # Removing the like isn't a like.
    cards.nth(0).locator("[data-action=like]").click()
    expect(cards.nth(0).locator("[data-action=like]")).to_have_attribute("aria-pressed", "false")
    cards.nth(1).locator("[data-share]").click()
    cards.nth(2).locator("[data-action=reply]").click()
    cards.nth(2).locator("textarea").fill("An answer")
    cards.nth(2).locator(".composer [type=submit]").click()
    expect(cards.nth(2).locator(".post-reply article.post")).to_contain_text("An answer")
    menu = page.locator("article.post", has_text="note 41").first
    menu.get_by_role("link", name="Post options").click()
    menu.get_by_role("link", name="Report").click()
    page.get_by_label("No spam").check()
    page.get_by_role("dialog").get_by_role("button", name="Report").click()
    expect(page.locator(".toast", has_text="Moderators will review it")).to_be_visible()
    # On its own page it still counts as the opened card.
    page.locator("article.post", has_text="note 40").first.locator(".post-text").click()
    page.wait_for_url("**/@writer*/*")
    with page.expect_response("**/like"):
        page.locator("[data-action=like]").first.click()
    expect(page.locator("[data-action=like]").first).to_have_attribute("aria-pressed", "true")
    page.goto("/about")
    page.wait_for_timeout(500)
    assert logged(live_site, place.writer[2:]) == [
        ("click", "note 40", "following", 5),
        ("hide", "note 41", "following", 4),
        ("like", "note 40", "following", 5),
        ("like", "note 44", "following", 0),
        ("reply", "note 42", "following", 2),
        ("share", "note 43", "following", 1),
    ]


def test_muting_the_author_of_a_card_is_logged_as_hiding_it(place, live_site):
    page = place()
    page.goto(place.writer)
    with page.expect_response("**/follow*"):
        page.locator(".profile-actions .btn-follow").click()
    page.goto("/")
    card = page.locator("#timeline article.post").nth(1)
    card.get_by_role("link", name="Post options").click()
    card.get_by_role("link", name="Mute @").click()
    page.get_by_role("dialog").get_by_role("button", name="Mute", exact=True).click()
    expect(page.locator("#timeline article.post")).to_have_count(0)
    page.goto("/about")
    page.wait_for_timeout(500)
    assert logged(live_site, place.writer[2:]) == [("hide", "note 43", "following", 1)]


def pull(page, by: int, *, sideways: int = 0) -> None:
    """Drag one finger down the screen in steps and lift it."""
    cdp = page.context.new_cdp_session(page)
    for step in range(9):
        kind = "touchStart" if step == 0 else "touchMove"
        point = {"x": 150 + sideways * step / 8, "y": 460 + by * step / 8}
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        page.wait_for_timeout(16)
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_pull_to_refresh_loads_new_posts_and_keeps_the_text(place, live_site):
    page = place(width=390, has_touch=True, is_mobile=True)
    page.goto(place.writer)
    with page.expect_response("**/follow*"):
        page.locator(".profile-actions .btn-follow").click()
    page.goto("/")
    page.evaluate("window.neverReloaded = true")
    page.locator("#composer textarea").fill("Being written")
    live_site.shell(
        "from accounts.models import Member; from tests.factories import make_post\n"
        f"make_post(Member.objects.named({place.writer[2:]!r}).get(), 'The newest')"
    )
    first = page.locator("#timeline article.post").first
    # Not far enough, upwards, sideways, or from further down the page: nothing is requested.
    until(page, "document.documentElement.classList.contains('pulls')")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/") else None)
    pull(page, 60)
    pull(page, -150)
    page.evaluate("scrollTo(0, 0)")
    pull(page, 40, sideways=200)
    page.evaluate("scrollTo(0, 600)")
    page.wait_for_timeout(100)
    pull(page, 200)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(200)
    assert asked == []
    pull(page, 260)
    expect(first).to_contain_text("The newest")
    expect(page.locator("#composer textarea")).to_have_value("Being written")
    expect(page.locator(".pull [role=status]")).to_have_text("Up to date.")
    assert page.evaluate("window.neverReloaded")
    assert len(asked) == 1
    # The new cards are interactive too.
    first.locator("[data-action=like]").click()
    expect(first.locator("[data-action=like]")).to_have_attribute("aria-pressed", "true")
    page.context.set_offline(True)
    pull(page, 260)
    expect(page.locator(".toast", has_text="Connection lost")).to_be_visible()
    expect(first).to_contain_text("The newest")


@pytest.mark.parametrize("path", ["/notifications", "/messages"])
def test_pull_to_refresh_works_on_other_lists(place, path):
    page = place(width=390, has_touch=True, is_mobile=True)
    page.goto(path)
    until(page, "document.documentElement.classList.contains('pulls')")
    with page.expect_response(f"**{path}"):
        pull(page, 260)
    expect(page.locator(".pull [role=status]")).to_have_text("Up to date.")
