"""Joining a community that isn't open to everyone: by approval and by invite."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.services.site import Site, start_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "correct horse"
MAKE = """
from tests.factories import make_member
make_member("mona", display_name="Mona", is_moderator=True)
make_member("ina", display_name="Ina")
"""


@pytest.fixture(scope="module", params=["approval", "invite"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    site = start_site(environment={"SIGNUP_MODE": request.param})
    site.shell(MAKE)
    yield site
    site.stop()


@pytest.fixture
def someone(browser: "Browser", site: Site) -> Iterator[Callable[..., "Page"]]:
    """Open a page in a new browser profile; signed in if a name is given."""
    contexts = []

    def open_page(name: str = "", *, width: int = 1440, javascript: bool = True) -> "Page":
        context = browser.new_context(
            base_url=site.url, viewport={"width": width, "height": 900}, java_script_enabled=javascript
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        if name:
            page.goto("/accounts/login/")
            page.get_by_label("Email or username").fill(name)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url(re.compile(rf"{site.url}/(start/profile)?$"))
        return page

    yield open_page
    for context in contexts:
        context.close()


def fill(page: "Page", name: str) -> None:
    page.get_by_label("Email").fill(f"{name}@example.org")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("a long sentence")


@pytest.mark.parametrize("site", ["approval"], indirect=True)
@pytest.mark.parametrize("javascript", [True, False])
def test_a_sign_up_request_is_approved_by_a_moderator(someone, javascript):
    name = "dora" if javascript else "dorothea"
    page = someone(width=390, javascript=javascript)
    page.goto("/accounts/signup/")
    fill(page, name)
    page.get_by_label("Why do you want to join?").fill("I build small robots.")
    page.get_by_role("button", name="Request to join").click()
    page.get_by_role("heading", name="Your request is waiting for a moderator").wait_for()
    mona = someone("mona", javascript=javascript)
    mona.goto("/moderation")
    mona.get_by_role("link", name=re.compile("Sign-up requests 1")).click()
    mona.get_by_text("I build small robots.").wait_for()
    mona.get_by_role("button", name=f"Approve @{name}").click()
    mona.get_by_text("Approved. They’ll get an email.").wait_for()
    mona.locator(".signup").wait_for(state="detached")
    page.goto("/accounts/login/")
    page.get_by_label("Email or username").fill(name)
    page.get_by_label("Password").fill("a long sentence")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/(start/profile)?$"))


@pytest.mark.parametrize("site", ["approval"], indirect=True)
def test_a_declined_sign_up_leaves_the_queue(someone):
    page = someone()
    page.goto("/accounts/signup/")
    fill(page, "eve")
    page.get_by_label("Why do you want to join?").fill("Buy my watches")
    page.get_by_role("button", name="Request to join").click()
    page.get_by_role("heading", name="Your request is waiting for a moderator").wait_for()
    mona = someone("mona")
    mona.goto("/moderation/signups")
    mona.get_by_text("Decline …").click()
    mona.get_by_label("Message to them").fill("No advertising here.")
    mona.get_by_role("button", name="Decline @eve").click()
    mona.locator("#toasts").get_by_text("Declined.").wait_for()
    mona.locator(".signup").wait_for(state="detached")


@pytest.mark.parametrize("site", ["invite"], indirect=True)
@pytest.mark.parametrize("javascript", [True, False])
def test_a_member_creates_an_invite_and_someone_joins_with_it(someone, javascript):
    page = someone(width=390, javascript=javascript)
    page.goto("/accounts/signup/")
    page.get_by_role("heading", name="Invite only").wait_for()
    ina = someone("ina", javascript=javascript)
    note = "With script" if javascript else "Without"
    ina.goto("/settings/invites")
    ina.get_by_label("Label").fill(note)
    ina.get_by_role("button", name="Create link").click()
    row = ina.locator(".invite", has_text=note)
    link = row.get_by_label("Link").input_value()
    assert "0 of 1 joined" in row.inner_text()
    page.goto(link)
    page.get_by_role("heading", name="Ina invites you").wait_for()
    page.get_by_role("link", name="Create an account").click()
    page.get_by_text("Invited by Ina").wait_for()
    fill(page, "guest_a" if javascript else "guest_b")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(re.compile(r"/(start/profile)?$"))
    ina.reload()
    assert "1 of 1 joined" in ina.locator(".invite", has_text=note).inner_text()
    somebody = someone()
    somebody.goto(link)
    somebody.get_by_role("heading", name="This invite isn’t valid").wait_for()


@pytest.mark.parametrize("site", ["invite"], indirect=True)
def test_the_settings_menu_is_beside_the_page_on_desktops_only(someone):
    wide, phone = someone("ina"), someone("ina", width=390)
    for page in (wide, phone):
        page.goto("/settings/privacy")
    side = wide.get_by_role("navigation", name="Settings")
    assert side.get_by_role("link", name="Privacy").get_attribute("aria-current") == "page"
    side.get_by_role("link", name="Notifications").click()
    wide.wait_for_url("**/settings/notifications")
    wide.get_by_role("checkbox", name="Likes").uncheck()
    wide.get_by_role("button", name="Save").click()
    wide.get_by_text("Saved.").wait_for()
    assert not wide.get_by_role("checkbox", name="Likes").is_checked()
    assert not phone.get_by_role("navigation", name="Settings").is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_role("link", name="Back").click()
    phone.wait_for_url("**/settings")
