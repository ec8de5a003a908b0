"""Posts in a browser, with and without JavaScript, for one member and with others watching."""

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
from tests.factories import make_member, make_post
from posts.models import Post
out = {{}}
for name in {names!r}:
    member = make_member(name, display_name=name.title())
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    out[name] = client.cookies["sessionid"].value
made = {{}}
for key, author, text, parent in {posts!r}:
    from accounts.models import Member
    post = make_post(Member.objects.get(username=author), text, in_reply_to=made.get(parent))
    made[key] = post
    out[key] = post.path
print("JSON" + json.dumps(out))
"""


class World:
    """New members and posts on the live site, and pages signed in as them."""

    def __init__(self, site, new_page):
        self.site, self.new_page = site, new_page

    def make(self, people, posts=()):
        n = next(_numbers)
        names = {name: f"{name}{n}" for name in people}
        rows = [(key, names[author], text, parent) for key, author, text, parent in posts]
        printed = self.site.shell(SETUP.format(names=list(names.values()), posts=rows))
        found = json.loads(printed.split("JSON")[1])
        self.sessions = {name: found[names[name]] for name in people}
        self.names = names
        self.paths = {key: found[key] for key, *_ in posts}
        return self

    def page(self, name=None, **options):
        page = self.new_page(**options)
        if name:
            page.context.add_cookies(
                [{"name": "sessionid", "value": self.sessions[name], "url": self.site.url}]
            )
        return page


@pytest.fixture
def world(live_site, new_page):
    return World(live_site, new_page)


def card(page, text):
    return page.locator("article.post", has_text=text)


@pytest.mark.parametrize("width", [390, 1440])
def test_a_new_post_appears_on_top_and_the_composer_is_emptied(world, width):
    page = world.make(["ana"]).page("ana", width=width)
    page.goto("/")
    box = page.locator("#composer textarea")
    box.fill("Hello #firsttime https://example.com/x")
    page.locator("#composer [data-counter-submit]").click()
    mine = page.locator("#timeline article.post").first
    expect(mine).to_contain_text("Hello #firsttime example.com/x")
    expect(page.locator("#composer textarea")).to_have_value("")
    expect(page.locator("#toasts")).to_contain_text("Posted.")
    # The review runs in the background, and the card is updated.
    expect(mine.locator(".notice")).to_have_count(0)
    expect(mine.locator("[data-action=like]")).to_be_visible()
    page.reload()
    expect(card(page, "Hello #firsttime")).to_have_count(1)
    expect(page.locator("#composer textarea")).to_have_value("")


def test_a_draft_survives_a_reload_and_is_deleted_when_sent(world):
    page = world.make(["ana"]).page("ana")
    page.goto("/")
    page.locator("#composer textarea").press_sequentially("A draft")
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("#composer textarea")).to_have_value("A draft")
    page.locator("#composer [data-counter-submit]").click()
    expect(card(page, "A draft")).to_have_count(1)
    expect(page.locator("#composer textarea")).to_have_value("")
    page.reload()
    expect(page.locator("#composer textarea")).to_have_value("")


def test_the_character_counter_agrees_with_the_server(world):
    page = world.make(["ana"]).page("ana")
    page.goto("/compose")
    box, send = page.locator("textarea"), page.locator("#compose [data-counter-submit]")
    box.fill("👍" * 500)
    expect(send).to_be_enabled()
    box.fill("e\u0301" * 500)
    expect(send).to_be_enabled()
    box.fill("👍" * 501)
    expect(send).to_be_disabled()


def test_a_like_appears_live_for_the_author(world):
    world.make(["ana", "ben"], [("p", "ana", "Look at this", None)])
    ana, ben = world.page("ana"), world.page("ben")
    ana.goto(world.paths["p"])
    ben.goto(world.paths["p"])
    like = ben.locator(".post-focus [data-action=like]")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(ana.locator(".post-focus [data-live=likes]")).to_have_text("1")
    expect(ben.locator(".post-focus [data-live=likes]")).to_have_text("1")
    expect(like).to_have_attribute("formaction", re.compile("/unlike$"))
    like.click()
    expect(like).to_have_attribute("aria-pressed", "false")
    expect(ana.locator(".post-focus [data-live=likes]")).to_be_empty()


def test_a_bookmark_is_saved_and_listed(world):
    world.make(["ana", "ben"], [("p", "ana", "Worth keeping", None)])
    page = world.page("ben")
    page.goto(world.paths["p"])
    page.locator("[data-action=bookmark]").click()
    expect(page.locator("[data-action=bookmark]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-action=bookmark]")).to_have_attribute("formaction", re.compile("/unbookmark$"))
    page.goto("/bookmarks")
    expect(card(page, "Worth keeping")).to_have_count(1)


def test_a_reply_appears_under_its_post_and_is_counted_live(world):
    world.make(["ana", "ben"], [("p", "ana", "A question", None)])
    ana, ben = world.page("ana"), world.page("ben")
    ana.goto(world.paths["p"])
    ben.goto(world.paths["p"])
    ben.locator("#reply textarea").fill("An answer")
    ben.locator("#reply button[type=submit]").click()
    expect(ben.locator("#replies article.post")).to_contain_text("An answer")
    expect(ana.locator(".post-focus [data-live=replies]")).to_have_text("1")
    ana.reload()
    expect(ana.locator("#replies article.post")).to_contain_text("An answer")


def test_a_quick_reply_is_written_under_its_card(world):
    world.make(["ana", "ben"], [("p", "ana", "Top", None), ("r", "ben", "A reply", "p")])
    page = world.page("ana")
    page.goto(world.paths["p"])
    reply = card(page, "A reply")
    reply.locator("[data-action=reply]").first.click()
    expect(reply.locator("textarea")).to_be_focused()
    reply.locator("textarea").fill("Quickly")
    reply.locator(".composer [data-counter-submit]").click()
    expect(reply.locator(".post-reply article.post")).to_contain_text("Quickly")
    page.reload()
    expect(card(page, "Quickly")).to_have_count(1)


def test_a_post_is_edited_in_place_or_left_unchanged(world):
    world.make(["ana"], [("p", "ana", "First words", None)])
    page = world.page("ana")
    page.goto(world.paths["p"])

    def edit():
        page.locator(".post-focus [aria-label='Post options']").click()
        page.locator(".menu-item", has_text="Edit").first.click()

    edit()
    page.locator(".post-editing textarea").fill("Never mind")
    page.locator(".post-editing a", has_text="Cancel").click()
    expect(page.locator(".post-focus .post-text")).to_have_text("First words")
    edit()
    page.locator(".post-editing textarea").fill("Second words")
    page.locator(".post-editing button[type=submit]").click()
    expect(page.locator(".post-focus .post-text")).to_have_text("Second words")
    page.locator(".post-meta a", has_text="Edited").click()
    expect(page.locator(".revisions")).to_contain_text("First words")


def test_deleting_asks_for_confirmation(world):
    world.make(["ana", "ben"], [("p", "ana", "Top", None), ("r", "ana", "A slip", "p")])
    page, other = world.page("ana"), world.page("ben")
    page.goto(world.paths["p"])
    other.goto(world.paths["p"])
    slip = card(page, "A slip")

    def ask():
        slip.locator("[aria-label='Post options']").click()
        slip.locator(".menu-item", has_text="Delete").click()

    ask()
    page.locator("dialog[open] button", has_text="Cancel").click()
    expect(slip).to_have_count(1)
    ask()
    page.locator("dialog[open] button", has_text="Delete").click()
    expect(page.locator(".post-gone")).to_contain_text("deleted by its author")
    expect(card(other, "A slip")).to_have_count(0)


def test_an_error_keeps_the_text(world):
    page = world.make(["ana"]).page("ana")
    page.goto("/")
    page.locator("#composer textarea").evaluate("box => box.setAttribute('data-counter-max', '9999')")
    page.locator("#composer textarea").fill("x" * 600)
    page.locator("#composer [data-counter-submit]").click()
    expect(page.locator("#composer [role=alert]")).to_contain_text("too long")
    expect(page.locator("#composer textarea")).to_have_value("x" * 600)


def test_posting_works_without_javascript(world):
    world.make(["ana", "ben"], [("p", "ben", "Something to answer", None)])
    page = world.page("ana", javascript=False)
    page.goto("/")
    page.locator("#composer textarea").fill("Plain and simple")
    page.locator("#composer [data-counter-submit]").click()
    expect(page.locator(".post-focus .post-text")).to_have_text("Plain and simple")
    mine = page.url
    page.goto(world.paths["p"])
    page.locator("[data-action=like]").click()
    expect(page.locator("[data-action=like]")).to_have_attribute("aria-pressed", "true")
    page.locator("[data-action=bookmark]").click()
    expect(page.locator("[data-action=bookmark]")).to_have_attribute("aria-pressed", "true")
    page.locator("#reply textarea").fill("Answered plainly")
    page.locator("#reply button[type=submit]").click()
    expect(page.locator("#replies article.post")).to_contain_text("Answered plainly")
    page.goto(mine)
    page.locator("[aria-label='Post options']").click()
    page.locator(".menu-item", has_text="Edit").first.click()
    page.locator("#main textarea").fill("Plain and changed")
    page.locator("#main button[type=submit]", has_text="Save").click()
    expect(page.locator(".post-focus .post-text")).to_have_text("Plain and changed")
    page.locator("[aria-label='Post options']").click()
    page.locator(".menu-item", has_text="Delete").click()
    page.locator("#main button[type=submit]", has_text="Delete").click()
    expect(page.locator("#toasts")).to_contain_text("deleted")
