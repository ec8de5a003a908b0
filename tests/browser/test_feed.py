"""Following people and reading on, as a person meets them, with and without script."""

import json
from itertools import count
from urllib.parse import quote

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

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
    """A reader, followed by a writer of 45 notes; `place(width=…)` opens a page as the reader."""

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
def test_following_shows_on_the_button_the_count_and_beside_the_name(place, width):
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


def test_who_was_signed_out_meanwhile_is_led_to_sign_in_and_back(place):
    page = place()
    page.goto(place.writer)
    page.context.clear_cookies(name="sessionid")
    page.locator(".profile-actions .btn-follow").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert f"next={quote(place.writer)}" in page.url


def test_the_timeline_goes_on_as_one_scrolls_and_ends(place):
    page = place()
    page.goto(place.writer)
    # The button flips before the answer is there: whoever leaves at once has followed all the same.
    page.locator(".profile-actions .btn-follow").click()
    page.goto("/about")
    cards = page.locator("#timeline article.post")
    # It arrives when it arrives: a busy machine may draw the next page first.
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
    expect(page.locator(".end-row")).to_contain_text("everything")


def test_the_first_post_takes_the_place_of_the_empty_words(place):
    page = place()
    page.goto("/")
    expect(page.get_by_role("heading", name="Your timeline is still empty")).to_be_visible()
    page.locator("#composer textarea").fill("Hello, neighbours")
    page.locator("#composer button[type=submit]").click()
    expect(page.locator("#timeline article.post")).to_contain_text("Hello, neighbours")
    expect(page.get_by_role("heading", name="Your timeline is still empty")).to_be_hidden()


def test_without_script_one_follows_and_reads_on(place):
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


def test_what_was_on_screen_for_a_second_is_logged_also_when_one_leaves(place, live_site):
    page = place()
    page.goto(place.writer)
    with page.expect_response("**/follow*"):
        page.locator(".profile-actions .btn-follow").click()
    page.goto("/")
    expect(page.locator("#timeline article.post")).not_to_have_count(0)
    page.wait_for_timeout(1300)
    # Sooner than the batch is due: it is sent on the way out.
    page.goto("/about")
    page.wait_for_timeout(500)
    code = (
        "from feed.models import Interaction\n"
        f"rows = Interaction.objects.filter(post__author__username={place.writer[2:]!r})\n"
        "print('ROWS', *sorted(set(rows.values_list('kind', 'source'))))"
    )
    logged = live_site.shell(code)
    assert "ROWS ('dwell', 'following') ('view', 'following')" in logged
