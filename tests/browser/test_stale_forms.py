"""What happens to a text in a stale page: another tab has signed in."""

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

from tests.browser.community import PASSWORD, sign_in

SETUP = """
from tests.factories import make_member
made = make_member("stale_ana")
made.set_password("correct horse battery")
made.save()
"""


@pytest.fixture(scope="module")
def ana(live_site):
    live_site.shell(SETUP)
    return "stale_ana"


def grow_old(page, secret="A" * 32):
    """Change the cookie, as signing in from another tab does."""
    [token] = [cookie for cookie in page.context.cookies() if cookie["name"] == "csrftoken"]
    page.context.add_cookies([token | {"value": secret}])


def test_a_stale_form_keeps_its_text_and_is_sent_on_retry(page, ana):
    sign_in(page, ana)
    page.goto("/")
    field = page.locator("main textarea[name=text]").first
    button = page.locator("main form[data-composer] [data-counter-submit]").first
    for text, secret in (("The first", "A" * 32), ("The second", "B" * 32)):
        grow_old(page, secret)
        field.fill(text)
        with page.expect_response(lambda answer: answer.request.method == "POST") as refused:
            button.click()
        assert refused.value.status == 403
        expect(page.get_by_text("Please try again")).to_be_visible()
        expect(field).to_have_value(text)
        button.click()
        expect(page.locator("article").get_by_text(text)).to_be_visible()


def test_a_stale_form_comes_back_as_a_page_without_javascript(new_page, ana):
    page = new_page(javascript=False, width=390)
    sign_in(page, ana)
    page.goto("/compose")
    grow_old(page)
    page.locator("textarea[name=text]").first.fill("Not lost")
    page.locator("form[data-composer] [data-counter-submit]").first.click()
    expect(page.get_by_role("heading", name="This page has expired")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Not lost").first).to_be_visible()


def test_two_tabs_can_sign_in_at_once(new_page, ana):
    first = new_page()
    second = first.context.new_page()
    for tab in (first, second):
        tab.goto("/accounts/login/?next=/settings/profile")
    for tab in (first, second):
        tab.get_by_label("Email or username").fill(ana)
        tab.get_by_label("Password").fill(PASSWORD)
        tab.get_by_role("button", name="Sign in", exact=True).click()
        expect(tab).to_have_url("/settings/profile")
