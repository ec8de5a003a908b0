"""Polls in a browser: vote, live results, and the same without JavaScript."""

import json

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

SETUP = """
import json
from django.test import Client
from tests.factories import make_member, make_post
out = {}
for name in ("polly", "peter", "paula"):
    client = Client()
    client.force_login(make_member(name), backend="django.contrib.auth.backends.ModelBackend")
    out[name] = client.cookies["sessionid"].value
out["path"] = make_post(make_member("pollster"), "Tea or coffee?", poll={"options": ["Tea", "Coffee"]}).path
print("JSON" + json.dumps(out))
"""


def test_votes_with_and_without_script_appear_live(live_site, new_page):
    made = json.loads(live_site.shell(SETUP).split("JSON")[1])

    def visit(name, **options):
        page = new_page(**options)
        page.context.add_cookies([{"name": "sessionid", "value": made[name], "url": live_site.url}])
        page.goto(made["path"])
        return page

    polly, peter = visit("polly"), visit("peter")
    expect(polly.locator(".poll")).to_contain_text("0 votes")
    polly.get_by_label("Coffee").check()
    polly.get_by_role("button", name="Vote").click()
    expect(polly.locator(".poll-result.is-leading")).to_contain_text("Coffee")
    # Who hasn't voted sees how many have, and no results.
    expect(peter.locator(".poll")).to_contain_text("1 vote ·", timeout=10_000)
    expect(peter.locator(".poll-choice")).to_have_count(2)
    expect(peter.locator(".poll")).not_to_contain_text("%")
    paula = visit("paula", javascript=False)
    paula.get_by_label("Tea").check()
    paula.get_by_role("button", name="Vote").click()
    expect(paula.locator(".poll")).to_contain_text("2 votes")
    expect(paula.locator(".poll-result").first).to_contain_text("50%")
    expect(polly.locator(".poll")).to_contain_text("50%", timeout=10_000)
