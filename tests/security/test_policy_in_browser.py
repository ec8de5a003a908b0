"""Test in a real browser that the content security policy blocks nothing on our pages."""

import pytest
from playwright.sync_api import Page

from tests.services.site import Site

PAGES = ["/", "/explore", "/search?q=a", "/about", "/accounts/login/", "/accounts/signup/", "/nothing/here"]
OF_THE_ADMIN = ["/admin/", "/admin/accounts/member/", "/admin/posts/post/", "/admin/moderation/wordrule/add/"]


@pytest.fixture
def stopped(page: Page) -> list[str]:
    """Collect what the policy blocks on the page."""
    said: list[str] = []
    page.on(
        "console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None
    )
    return said


def test_the_api_reference_works(page: Page, stopped: list[str]) -> None:
    page.goto("/api/docs")
    rules = page.locator(".opblock", has_text="/api/rules").first
    page.locator(".opblock").first.wait_for()
    for _ in range(100):
        # The page renders routes only when they are scrolled into view.
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
def test_the_policy_blocks_nothing_on_pages(page: Page, stopped: list[str], path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("load")
    assert stopped == []


def test_the_policy_blocks_nothing_in_the_admin(page: Page, live_site: Site, stopped: list[str]) -> None:
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
