"""In a browser: a report with and without scripts, a decision by keyboard, and the author's view of the reason."""

import pytest

from tests.services.site import Site

PASSWORD = "correct horse battery"
MAKE = f"""
from datetime import timedelta
from django.utils import timezone
from accounts.models import Member
from posts.actions import publish_post, write_post
long_ago = timezone.now() - timedelta(days=30)
for name in ("rita", "walt", "judy"):
    if not Member.objects.named(name).exists():
        more = dict(joined_at=long_ago, is_moderator=name == "judy")
        Member.objects.create_user(name, name + "@example.com", "{PASSWORD}", **more)
post = write_post(by=Member.objects.named("walt").get(), text="Watches, watches, who wants watches?")
publish_post(post=post)
print(post.get_absolute_url())
"""


@pytest.fixture
def post_path(live_site: Site) -> str:
    return live_site.shell(MAKE).strip().splitlines()[-1]


def sign_in(page, username):
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit], form button[type=submit]").first.click()
    page.wait_for_url("**/")


def test_a_reported_post_is_removed_and_its_author_sees_the_reason(new_page, post_path):
    rita = new_page(width=390)
    sign_in(rita, "rita")
    rita.goto(post_path)
    rita.get_by_label("Post options").first.click()
    rita.get_by_text("Report", exact=True).click()
    dialog = rita.get_by_role("dialog")
    dialog.get_by_role("radio", name="Something else").check()
    dialog.get_by_role("button", name="Report").click()
    dialog.get_by_text("Tell us in your own words what’s wrong.").last.wait_for()
    dialog.get_by_role("radio", name="No spam").check()
    dialog.get_by_role("button", name="Report").click()
    rita.get_by_text("Thanks. Moderators will review it.").wait_for()
    assert dialog.count() == 0

    judy = new_page(theme="dark")
    sign_in(judy, "judy")
    judy.goto("/moderation?tab=reports")
    # Other tests share this site and have left reports.
    case_id = "case-" + post_path.rpartition("/")[2]
    for _ in range(30):
        judy.keyboard.press("j")
        if judy.evaluate("document.activeElement.id") == case_id:
            break
    judy.keyboard.press("x")
    judy.keyboard.press("Tab")
    judy.keyboard.type("Advertising.")
    judy.keyboard.press("Tab")
    judy.keyboard.press("Enter")
    judy.get_by_text("Removed. The author can see why.").wait_for()
    # The decided case has the focus, so keyboard navigation continues from it.
    assert judy.evaluate("document.activeElement.className") == "case"

    walt = new_page()
    sign_in(walt, "walt")
    walt.goto(post_path)
    walt.get_by_text("No spam: Advertising.").wait_for()
    assert rita.goto(post_path).status == 404


def test_reporting_and_deciding_work_without_scripts(new_page, post_path):
    rita = new_page(javascript=False)
    sign_in(rita, "rita")
    rita.goto(post_path)
    rita.get_by_label("Post options").first.click()
    rita.get_by_text("Report", exact=True).click()
    rita.get_by_role("radio", name="No harassment").check()
    rita.get_by_role("textbox", name="In your own words").fill("It is about me.")
    rita.get_by_role("button", name="Report").click()
    rita.get_by_text("Thanks. Moderators will review it.").wait_for()

    judy = new_page(javascript=False)
    sign_in(judy, "judy")
    judy.goto("/moderation?tab=reports")
    assert judy.get_by_text("It is about me.").is_visible()
    case = judy.locator("#case-" + post_path.rpartition("/")[2])
    case.get_by_role("button", name="No action").click()
    judy.get_by_text("No action taken.").first.wait_for()
    assert "tab=reports" in judy.url
