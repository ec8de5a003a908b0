"""The content security policy, where browsers uphold it: nothing of ours is stopped by it."""

import pytest
from playwright.sync_api import Page

from tests.services.site import Site

PAGES = ["/", "/explore", "/search?q=a", "/about", "/accounts/login/", "/accounts/signup/", "/nothing/here"]
OF_THE_ADMIN = ["/admin/", "/admin/accounts/member/", "/admin/posts/post/", "/admin/moderation/wordrule/add/"]


@pytest.fixture
def stopped(page: Page) -> list[str]:
    """What the policy stopped on the page."""
    said: list[str] = []
    page.on(
        "console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None
    )
    return said


def test_the_reference_of_the_api_works(page: Page, stopped: list[str]) -> None:
    page.goto("/api/docs")
    rules = page.locator(".opblock", has_text="/api/rules").first
    page.locator(".opblock").first.wait_for()
    for _ in range(100):
        # So many routes are drawn when one scrolls to them.
        if rules.is_visible():
            break
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(50)
    rules.locator(".opblock-summary").click()
    rules.locator(".try-out__btn").click()
    rules.locator(".execute").click()
    rules.locator(".live-responses-table .response", has_text="harassment").first.wait_for()
    assert stopped == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_need_nothing_that_the_policy_stops(page: Page, stopped: list[str], path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("load")
    assert stopped == []


def test_the_admin_needs_nothing_that_the_policy_stops(
    page: Page, live_site: Site, stopped: list[str]
) -> None:
    live_site.shell(
        "from tests.factories import make_member;make_member('policy_root', is_staff=True, is_superuser=True)"
    )
    page.goto("/accounts/login/?next=/admin/")
    page.fill("[name=login]", "policy_root")
    page.fill("[name=password]", "correct horse")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    for path in OF_THE_ADMIN:
        page.goto(path)
        assert page.locator("#content").is_visible()
    assert stopped == []
