"""Muting: in a menu, in the settings, and as a warning that opens by click, by key and without JavaScript."""

import json
import re
from itertools import count

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

_numbers = count(1)

SETUP = """
import json
from django.test import Client
from social.actions import follow_member
from tests.factories import make_member, make_post
from django.utils import timezone
out = {{}}
people = {{}}
for name in ("ana", "ben"):
    people[name] = make_member(name + "{n}", display_name=name.title(), onboarded_at=timezone.now())
    client = Client()
    client.force_login(people[name], backend="django.contrib.auth.backends.ModelBackend")
    out[name] = client.cookies["sessionid"].value
follow_member(member=people["ben"], by=people["ana"])
first = make_post(people["ben"], "Rain all day")
make_post(people["ben"], "A spoiler: the gardener did it")
make_post(people["ben"], "And an answer below", in_reply_to=first)
out["path"] = first.path
print("JSON" + json.dumps(out))
"""


@pytest.fixture
def world(live_site, new_page):
    n = next(_numbers)
    found = json.loads(live_site.shell(SETUP.format(n=f"_mute{n}")).split("JSON")[1])

    def open_page(name="ana", **options):
        page = new_page(**options)
        page.context.add_cookies([{"name": "sessionid", "value": found[name], "url": live_site.url}])
        return page

    open_page.path = found["path"]  # type: ignore[attr-defined]
    open_page.ben = f"ben_mute{n}"  # type: ignore[attr-defined]
    return open_page


def cards(page, text):
    return page.locator("article.post", has_text=text)


def mute_word(page, text, *, warn=False):
    page.goto("/settings/words")
    page.get_by_label("Word, phrase or #hashtag").fill(text)
    if warn:
        page.get_by_label("Show a warning").check()
    page.get_by_role("button", name="Mute", exact=True).click()
    expect(page.locator("main")).to_contain_text("Currently muted")
    expect(page.locator("main .setting", has_text=text)).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_member_is_muted_from_a_post_and_unmuted_in_the_settings(world, width):
    page = world(width=width)
    page.goto("/")
    expect(cards(page, "Rain all day").first).to_be_visible()
    cards(page, "Rain all day").first.get_by_label("Post options").click()
    page.get_by_role("link", name=f"Mute @{world.ben}").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("7 days").check()
    dialog.get_by_role("button", name="Mute", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("They aren’t told")
    expect(cards(page, "Rain all day")).to_have_count(0)
    page.reload()
    expect(cards(page, "Rain all day")).to_have_count(0)
    page.goto(f"/@{world.ben}")
    expect(cards(page, "Rain all day").first).to_be_visible()
    page.goto("/settings/muted")
    expect(page.locator("[id^=muted-]")).to_contain_text("Until")
    page.get_by_role("button", name=f"Unmute @{world.ben}").click()
    expect(page.locator("[id^=muted-]")).to_have_count(0)
    page.goto("/")
    expect(cards(page, "Rain all day").first).to_be_visible()


def test_a_post_behind_a_warning_opens_by_click_and_key(world):
    page = world()
    mute_word(page, "Spoiler", warn=True)
    page.goto("/")
    covered = page.locator("article.post:has(> .filtered)")
    hidden = covered.get_by_text("the gardener did it")
    expect(covered).to_have_count(1)
    expect(covered).to_contain_text("Muted: Spoiler")
    expect(hidden).to_be_hidden()
    covered.locator("summary").click()
    expect(hidden).to_be_visible()
    assert page.url.endswith("/"), "the card is no link while its cover is pressed"
    covered.locator("summary").click()
    expect(hidden).to_be_hidden()
    covered.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(hidden).to_be_visible()
    hidden.click()
    page.wait_for_url(re.compile(r"/@"))
    expect(page.locator(".post-focus")).to_contain_text("the gardener did it")


def test_a_post_behind_a_warning_opens_without_javascript(world):
    page = world(javascript=False)
    mute_word(page, "spoiler", warn=True)
    page.goto("/")
    hidden = page.get_by_text("the gardener did it")
    expect(hidden).to_be_hidden()
    page.locator(".filtered > summary").first.click()
    expect(hidden).to_be_visible()


def test_muting_works_without_javascript(world):
    page = world(javascript=False)
    page.goto(world.path)
    page.locator(".post-focus").get_by_label("Post options").click()
    page.get_by_role("link", name=f"Mute @{world.ben}").click()
    page.get_by_role("button", name="Mute", exact=True).click()
    expect(page.locator("body")).to_contain_text("They aren’t told")
    page.goto("/")
    expect(cards(page, "Rain all day")).to_have_count(0)
    page.goto(world.path)
    page.get_by_role("link", name="1 reply you muted").click()
    expect(page.get_by_text("And an answer below")).to_be_visible()


def test_posts_with_a_muted_word_are_hidden_until_it_is_removed(world):
    page = world(width=390)
    mute_word(page, "spoiler")
    page.goto("/")
    expect(cards(page, "Rain all day").first).to_be_visible()
    expect(cards(page, "gardener")).to_have_count(0)
    page.goto("/settings/words")
    page.get_by_role("button", name="Remove spoiler").click()
    expect(page.locator("#toasts")).to_contain_text("unmuted")
    page.goto("/")
    expect(cards(page, "gardener")).to_have_count(1)


def test_a_conversation_is_muted_and_unmuted_from_the_menu(world):
    page = world()
    page.goto(world.path)
    page.locator(".post-focus").get_by_label("Post options").click()
    page.get_by_role("button", name="Mute this conversation").click()
    expect(page.locator("#toasts")).to_contain_text("Conversation muted")
    page.reload()
    page.locator(".post-focus").get_by_label("Post options").click()
    page.get_by_role("button", name="Unmute this conversation").click()
    expect(page.locator("#toasts")).to_contain_text("Conversation unmuted")
