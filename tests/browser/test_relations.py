"""Two members in two browsers: follow requests and blocks, on a phone and on a desktop."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.community import sign_in
from tests.services.site import Site

MAKE = """
import json
from social.actions import follow_member
from tests.factories import make_member, make_post
from core.events import deliver_pending
made = {}
for shown in ("Pia", "Fan", "Wes"):
    name = "%s_" + shown.lower()
    member = make_member(name, display_name=shown, is_private=shown == "Pia")
    member.set_password("correct horse battery"); member.save()
    made[shown.lower()] = name
    post = make_post(member, "Hello from " + shown)
    made[shown.lower() + "_post"] = str(post.id)
deliver_pending()
print(json.dumps(made))
"""


@pytest.fixture
def made(live_site: Site, request: pytest.FixtureRequest) -> dict[str, str]:
    """Create Pia, whose account is private, Fan and Wes; new ones for each test."""
    prefix = "r" + re.sub(r"[^a-z0-9]", "", request.node.name.lower())[-12:]
    return dict(json.loads(live_site.shell(MAKE % prefix).strip().splitlines()[-1]))


@pytest.fixture
def open_as(made: dict[str, str], new_page: Callable[..., Page]) -> Callable[..., Page]:
    def opened(who: str, path: str = "/", **options: Any) -> Page:
        page = new_page(**options)
        sign_in(page, made[who])
        page.goto(path)
        return page

    return opened


def live(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-live", "yes")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_follow_request_is_approved_live(
    made: dict[str, str], open_as: Callable[..., Page], width: int
) -> None:
    pia = open_as("pia", "/notifications", width=width)
    fan = open_as("fan", f"/@{made['pia']}", width=width)
    live(pia)
    live(fan)
    expect(fan.locator("#timeline")).to_contain_text("Only followers can see these posts")
    expect(fan.locator("#timeline")).not_to_contain_text("Hello from Pia")
    follow = fan.locator(".profile-actions .btn-follow")
    follow.click()
    expect(follow).to_have_text(re.compile("Requested"))
    expect(pia.locator("#notifications")).to_contain_text("Fan wants to follow you")
    pia.locator("#notifications .note-link", has_text="Fan").click()
    expect(pia).to_have_url(re.compile("/follow-requests$"))
    pia.get_by_role("button", name="Approve Fan").click()
    expect(pia.locator("#requests")).to_contain_text("Fan now follows you.")
    expect(fan.locator(".toast")).to_contain_text("Pia accepted your follow request")
    fan.reload()
    expect(follow).to_have_text(re.compile("Following"))
    expect(fan.locator("#timeline")).to_contain_text("Hello from Pia")


def test_pressing_again_cancels_a_follow_request(made: dict[str, str], open_as: Callable[..., Page]) -> None:
    fan = open_as("fan", f"/@{made['pia']}")
    follow = fan.locator(".profile-actions .btn-follow")
    follow.click()
    expect(follow).to_have_attribute("formaction", re.compile("unfollow"))
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "false")
    expect(follow).to_have_attribute("formaction", re.compile("/follow"))


@pytest.mark.parametrize("width", [390, 1440])
def test_a_block_removes_each_from_the_others_open_page(
    made: dict[str, str], open_as: Callable[..., Page], width: int
) -> None:
    wes = open_as("wes", f"/@{made['fan']}/{made['fan_post']}", width=width)
    fan = open_as("fan", f"/@{made['wes']}", width=width)
    live(wes)
    live(fan)
    wes.goto("/explore?tab=latest")
    theirs = wes.locator(f"#post-{made['fan_post']}")
    expect(theirs).to_be_visible()
    live(wes)
    theirs.get_by_label("Post options").click()
    wes.get_by_role("link", name=f"Block @{made['fan']}").click()
    wes.get_by_role("dialog").get_by_role("button", name="Block").click()
    expect(wes.locator(".toast")).to_contain_text(f"You blocked @{made['fan']}.")
    expect(theirs).to_have_count(0)
    # The blocked member isn't told; what their page shows of the other disappears.
    expect(fan.locator("#timeline")).to_contain_text("isn’t available any more")
    assert fan.goto(f"/@{made['wes']}").status == 404  # type: ignore[union-attr]
    wes.goto(f"/@{made['fan']}")
    expect(wes.locator("main")).to_contain_text(f"You’ve blocked @{made['fan']}")
    wes.get_by_role("button", name="Unblock").click()
    expect(wes.locator(".profile-name")).to_contain_text("Fan")


def test_a_block_from_the_menu_of_a_post_can_be_undone(
    made: dict[str, str], open_as: Callable[..., Page]
) -> None:
    wes = open_as("wes", f"/@{made['fan']}/{made['fan_post']}")
    wes.get_by_label("Post options").click()
    wes.get_by_role("link", name=f"Block @{made['fan']}").click()
    wes.get_by_role("dialog").get_by_role("button", name="Block").click()
    wes.locator(".toast-undo").click()
    expect(wes.locator(f"#post-{made['fan_post']}")).to_contain_text("Hello from Fan")


def test_relations_work_without_javascript(made: dict[str, str], open_as: Callable[..., Page]) -> None:
    fan = open_as("fan", f"/@{made['pia']}", javascript=False, width=390)
    fan.locator(".profile-actions .btn-follow").click()
    expect(fan.locator(".profile-actions .btn-follow")).to_contain_text("Requested")
    pia = open_as("pia", "/follow-requests", javascript=False, width=390)
    pia.get_by_role("button", name="Approve Fan").click()
    expect(pia.locator(".toast")).to_contain_text("Fan now follows you.")
    fan.reload()
    expect(fan.locator("#timeline")).to_contain_text("Hello from Pia")
    pia.goto(f"/@{made['pia']}/followers")
    pia.get_by_role("button", name="Remove Fan").click()
    expect(pia.locator("main")).to_contain_text("No followers yet")
    fan.goto(f"/@{made['wes']}")
    fan.locator(".profile-actions summary").click()
    fan.get_by_role("link", name=f"Block @{made['wes']}").click()
    expect(fan.locator("h1")).to_contain_text(f"Block @{made['wes']}?")
    fan.get_by_role("button", name="Block").click()
    expect(fan.locator("main")).to_contain_text(f"You’ve blocked @{made['wes']}")
    fan.get_by_role("button", name="Unblock").click()
    expect(fan.locator(".profile-name")).to_contain_text("Wes")
