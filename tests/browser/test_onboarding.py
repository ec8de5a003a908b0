"""Onboarding, from sign-up to the first post."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.community import PASSWORD
from tests.services.site import Site

MAKE = """
from accounts.actions import choose_interests
from tests.factories import make_member, make_post
from core.events import deliver_pending
for name, topics in (("start_mila", ["music", "tech"]), ("start_noa", ["food"])):
    member = make_member(name, display_name=name[6:].title(), bio="Bread, records and other slow things.")
    choose_interests(by=member, topics=topics)
    make_post(member, "Hello from " + name)
deliver_pending()
"""


@pytest.fixture(scope="module")
def place(live_site: Site) -> None:
    live_site.shell(MAKE)


def join(page: Page, username: str) -> None:
    """Sign up with the suggested username."""
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(f"{username}@example.com")
    if page.evaluate("matchMedia('(scripting: enabled)').matches"):
        page.get_by_label("Password").focus()
    else:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
    # When a test is run again, the username is taken and gets a digit.
    expect(page.get_by_label("Username")).to_have_value(re.compile(rf"^{username}\d?$"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/start/profile")


def no_wider_than_the_window(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1440, True), (390, False)])
def test_onboarding_from_sign_up_to_the_first_post(
    place: None, new_page: Callable[..., Page], width: int, javascript: bool
) -> None:
    page = new_page(width=width, javascript=javascript)
    join(page, f"first_{width}_{'with' if javascript else 'without'}")

    expect(page.get_by_role("heading", name="How others see you")).to_be_visible()
    page.get_by_label("Display name").fill("First One")
    no_wider_than_the_window(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="What are you interested in?")).to_be_visible()
    expect(page.locator(".progress-steps [aria-current=step]")).to_have_text("Interests")
    page.get_by_label("Music", exact=True).check()
    page.get_by_label("Food", exact=True).check()
    no_wider_than_the_window(page)
    page.get_by_role("button", name="Continue").click()

    page.wait_for_url("**/start/people")
    mila = page.locator(".person", has_text="@start_mila")
    expect(mila).to_contain_text("Also interested in music")
    expect(page.locator(".person", has_text="@start_noa")).to_contain_text("Also interested in food")
    no_wider_than_the_window(page)
    mila.get_by_role("button", name="Follow Mila").click()
    if javascript:
        expect(mila.locator(".btn-follow")).to_have_attribute("aria-pressed", "true")
        noa = page.locator(".person", has_text="@start_noa")
        noa.get_by_role("button", name="Don’t suggest Noa").click()
        expect(noa).to_have_count(0)
        expect(page.locator(".toast")).to_contain_text("Noa won’t be suggested again.")
    else:
        expect(page.get_by_text("You already follow 1 person.")).to_be_visible()
    page.get_by_role("link", name="Continue").click()

    page.wait_for_url("**/start/post")
    no_wider_than_the_window(page)
    page.get_by_label("Your post").fill("Hello, I am new here. #hello")
    page.get_by_role("button", name="Post", exact=True).click()
    page.wait_for_url("**/")
    expect(page.locator("#timeline")).to_contain_text("Hello, I am new here.")
    expect(page.locator("#timeline")).to_contain_text("Hello from start_mila")
    expect(page.get_by_role("heading", name="Finish setting up")).to_have_count(0)


def test_onboarding_can_be_skipped_for_good(place: None, new_page: Callable[..., Page]) -> None:
    page = new_page(width=390)
    join(page, "first_leaves")
    page.get_by_role("link", name="Skip", exact=True).click()
    page.wait_for_url("**/start")
    page.get_by_role("link", name="Skip", exact=True).click()
    page.wait_for_url("**/start/people")
    page.get_by_role("link", name="home").click()
    expect(page.get_by_role("heading", name="Finish setting up")).to_be_visible()
    page.locator("#start-card").get_by_role("button", name="Not now").click()
    expect(page.get_by_role("heading", name="Finish setting up")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Finish setting up")).to_have_count(0)


def test_who_to_follow_loads_in_the_sidebar_without_layout_shift(
    place: None, new_page: Callable[..., Page]
) -> None:
    page: Any = new_page(width=1440)
    join(page, "first_beside")
    page.get_by_role("button", name="Skip for now").click()
    page.wait_for_url(re.compile("/$"))
    page.goto("/settings")
    assert page.locator("#suggestions-beside").count() == 1
    page.goto("/explore?tab=latest")
    beside = page.locator("#suggestions-beside")
    expect(beside.locator(".person-suggested")).to_have_count(3)
    shift = page.evaluate(
        """() => new Promise(done => new PerformanceObserver(
            list => done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))
        ).observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done(0), 300))"""
    )
    assert shift < 0.02
    name = beside.locator(".who-name").first.inner_text()
    beside.get_by_role("button", name=f"Don’t suggest {name}").click()
    expect(page.locator(".toast")).to_contain_text(f"{name} won’t be suggested again.")
    expect(beside.locator(".who-name").first).not_to_have_text(name)
    beside.get_by_role("button", name=re.compile("^Follow")).first.click()
    expect(beside.locator(".btn-follow").first).to_have_attribute("aria-pressed", "true")
