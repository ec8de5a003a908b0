"""A small community with content for every page, and helpers that use the site's own forms."""

from __future__ import annotations

import json
import re
import time
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.services.site import Site

PASSWORD = "correct horse battery"

MAKE = r"""
import json
from io import BytesIO
from allauth.account.models import EmailAddress
from accounts.models import Member
from core.events import deliver_pending
from feed.actions.trends import compute_trends
from demo.portraits import landscape, portrait
from media.actions import change_avatar, change_cover
from messaging.actions import send_message
from moderation.actions import decide_post, report_post
from moderation.queries import queue_item
from accounts.actions import make_invite
from posts.actions import follow_tag
from social.actions import mute_word
from social.actions.lists import add_to_list, create_list
from datetime import timedelta
from django.utils import timezone
from posts.models import Draft
from posts.options import PostContent
from posts.actions import bookmark_post, create_draft, edit_post, hold_post, like_post, remove_post, write_post
from social.actions import block_member, follow_member
from tests.factories import make_member, make_post

def member(name, **fields):
    made = make_member(name, **fields)
    made.set_password("correct horse battery")
    made.save()
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made

ana = member(
    "look_ana", display_name="Ana Petrović", pronouns="she/her", location="Novi Sad",
    website="https://example.org/a/rather/long/address/of/a/page?with=a-query", is_verified=True,
    bio="Gardens, trains and other slow things. #gardening with @look_ben, mostly on Sundays.",
)
ben = member("look_ben", display_name="Ben", bio="Bread.")
long = member("look_longest_of_all_name", display_name="Maximiliane Konstantinopolitanische-Überlandstraßenbahn " * 2)
cai = member("look_cai", display_name="蔡文姬", is_simulated=True)
noor = member("look_noor", display_name="نور الهدى")
mod = member("look_mod", display_name="Judy", is_moderator=True)
empty = member("look_empty")
shy = member("look_shy", display_name="Siiri", bio="Wool and lakes.", is_private=True)
loud = member("look_loud", display_name="Otto", bio="Buy.")
for one in (ben, long, noor):
    follow_member(member=shy, by=one)
block_member(member=loud, by=shy)
for one in (ana, ben, cai, mod, shy):
    change_avatar(member=one, file=BytesIO(portrait(one.username)), by=one)
change_cover(member=ana, file=BytesIO(landscape("a")), by=ana)
for one in (ben, long, cai, noor, mod):
    follow_member(member=ana, by=one)
    follow_member(member=one, by=ana)

texts = [
    (ben, "Sourdough, day four: it smells of apples, which I am told is right. #bread #gardening"),
    (noor, "صباح الخير يا جيران، من يريد أن يزور الحديقة اليوم؟ #gardening"),
    (cai, "今日は朝から雨。窓辺で本を読む。#雨"),
    (long, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3),
    (long, "https://example.org/" + "very/long/address/" * 12 + " and then some words"),
    (ana, "First line\n\nA second paragraph, after an empty line.\nAnd a third line <b>that is not bold</b> & so on."),
    (ben, "😀👩‍👩‍👧‍👦🏳️‍🌈 " * 6),
    (ana, "The tomatoes are in. If anyone has a spare cane or two, I would trade them for jam. #gardening @look_ben"),
]
posts = [make_post(author, text) for author, text in texts]
main = posts[-1]
for one in (ben, long, cai, noor, mod):
    like_post(post=main, by=one)
    like_post(post=posts[0], by=one)
like_post(post=posts[0], by=ana)
bookmark_post(post=posts[0], by=ana)
bookmark_post(post=posts[2], by=ana)
reply = make_post(ben, "I have three canes, and I would never say no to jam.", in_reply_to=main)
answer = make_post(ana, "Come by on Sunday then!", in_reply_to=reply)
make_post(cai, "Me too, if there is some left.", in_reply_to=main)
make_post(ben, "Sunday it is.", in_reply_to=answer)
make_post(long, "A reply with a very long word: " + "Wort" * 60, in_reply_to=main)
draft = create_draft(
    by=ana,
    posts=[PostContent(text="How I keep slugs off the lettuce, in three steps."), PostContent(text="First, beer.")],
    in_reply_to=main,
)
create_draft(
    by=ana, posts=[PostContent(text="The market opens at nine.")], scheduled_at=timezone.now() + timedelta(days=3)
)
Draft.objects.filter(pk=create_draft(by=ana, posts=[PostContent(text="Too late for this one.")]).pk).update(
    failure="The post you replied to isn’t available any more."
)
edited = make_post(ana, "The tomtoes are in.")
edit_post(post=edited, by=ana, text="The tomatoes are in.")
from posts.actions import publish_post
edited.refresh_from_db()
if edited.state != "published":
    publish_post(post=edited)
reported = make_post(long, "Watches, watches, who wants watches? Cheap as never before, only today.")
report_post(post=reported, by=ana, rule="spam", comment="The third time this week.")
report_post(post=reported, by=ben, rule="other", comment="What is this?")
held = write_post(by=ben, text="A post that a person has to look at first.")
hold_post(post=held, reason="Waits for a moderator.")
removed = make_post(ana, "Something that had to go.")
decide_post(post_id=removed.id, by=mod, act="remove", reason="Leave people alone.", rule="harassment")
gone = make_post(ana, "To be deleted")
for n in range(25):
    make_post(ben, f"A short note, number {n + 1}, about the oven. #bread")
for one, other, text in [
    (ben, ana, "Hello! Are the canes still wanted?"), (ana, ben, "They are. Two would do."),
    (ben, ana, "Then I bring three, and a bag that is " + "very " * 30 + "large. https://example.org/map"),
    (cai, ana, "雨が止みました"), (ana, cai, "😀"),
]:
    said = send_message(by=one, to=other, text=text)
talk = send_message(by=ben, to=ana, text="See you on Sunday.").conversation_id
deliver_pending(); deliver_pending()
compute_trends()
friends = create_list(by=ana, title="Neighbours")
add_to_list(list_=friends, member=ben, by=ana)
word = mute_word(by=ana, text="sailing")
follow_tag(name="bread", by=ana)
invite = make_invite(by=mod)
from tests.visibility.owned import _import_id
print(json.dumps({
    "import": _import_id(ana),
    "list": friends.id, "word": word.id, "invite": invite.code,
    "draft": draft.id,
    "main": main.id, "reply": answer.id, "edited": edited.id, "reported": reported.id, "removed": removed.id,
    "talk": talk, "other": posts[0].id,
}))
"""


def make_community(site: Site) -> dict[str, str]:
    """Return the values that paths contain, by name."""
    made: dict[str, int | str] = json.loads(site.shell(MAKE).strip().splitlines()[-1])
    return {name: str(value) for name, value in made.items()}


def sign_in(page: Page, username: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/")


def sign_up(page: Page, username: str) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(f"{username}@example.com")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/start/profile")
    page.get_by_role("button", name="Skip for now").click()
    page.wait_for_url("**/")


def mail_to(site: Site, address: str, *, seconds: float = 15) -> str:
    """Return the text of the newest email to the address, from the folder where emails are stored."""
    folder = Path((site.environment or {})["DATA_DIR"]) / "mail"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for file in sorted(folder.glob("*"), reverse=True):
            # A file contains the emails of one connection, with a line of dashes after each.
            for raw in reversed(re.split(rb"\n-{70,}\n", file.read_bytes())):
                mail = BytesParser(policy=policy.default).parsebytes(raw.lstrip())
                if address in str(mail["To"]):
                    body: Any = mail.get_body(("plain",))
                    return str(body.get_content())
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address} in {folder}")


def write(page: Page, text: str) -> str:
    """Post with the page's composer and return the id."""
    page.locator("#composer textarea").fill(text)
    page.locator("#composer").get_by_role("button", name="Post").click()
    card = page.locator("article.post", has_text=text).first
    expect(card).to_be_visible()
    return str(card.get_attribute("data-post"))


def live(page: Page) -> None:
    """Wait until the page receives live updates."""
    expect(page.locator("html")).to_have_attribute("data-live", "yes")


def until(page: Page, expression: str, *, seconds: float = 10) -> None:
    """Wait until the expression is true in the page. Playwright's own method evaluates text, which the CSP forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"not within {seconds} s: {expression}"
        page.wait_for_timeout(50)
