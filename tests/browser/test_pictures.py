"""Pictures in cards and their viewer, with and without scripts."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.community import sign_in
from tests.services.site import Site

MAKE = """
import json
from io import BytesIO
from demo.portraits import landscape
from media.actions import upload_attachment
from tests.factories import make_member, make_post
pia = make_member("pic_pia", display_name="Pia")
pia.set_password("correct horse battery"); pia.save()
media = [upload_attachment(by=pia, file=BytesIO(landscape(alt, 600, 400)), alt=alt).pk for alt in ("Hills", "A lake")]
print(json.dumps(make_post(pia, "Look", media=tuple(media)).path))
"""


@pytest.fixture(scope="module")
def path(live_site: Site) -> str:
    return str(json.loads(live_site.shell(MAKE).strip().splitlines()[-1]))


def test_pictures_open_in_the_viewer(path: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    sign_in(page, "pic_pia")
    page.goto(path)
    first = page.get_by_role("link", name="Hills")
    first.click()
    viewer = page.get_by_role("dialog", name="Pictures")
    expect(viewer.get_by_role("img")).to_have_attribute("alt", "Hills")
    expect(viewer.get_by_text("1 of 2")).to_be_visible()
    expect(viewer.get_by_role("button", name="Previous picture")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_role("img")).to_have_attribute("alt", "A lake")
    with page.expect_download() as saved:
        viewer.get_by_role("link", name="Download").click()
    assert saved.value.suggested_filename.endswith("-2.jpg")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(first).to_be_focused()
    # A description opens beside its picture.
    page.get_by_role("button", name="Show description").first.click()
    expect(page.locator(".pic-alt:popover-open")).to_contain_text("Hills")


def test_a_picture_whose_address_has_ended_is_loaded_again(path: str, new_page: Callable[..., Page]) -> None:
    page = new_page()
    sign_in(page, "pic_pia")
    page.goto(path)
    expect(page.locator(".pic")).to_have_count(2)
    page.locator(".pic source").evaluate_all("all => all.forEach((one) => one.remove())")
    page.locator(".pic picture img").first.evaluate("one => { one.src = '/attachments/ended'; }")
    expect(page.locator(".pic source")).to_have_count(2)
    page.wait_for_function(
        "[...document.querySelectorAll('.pic picture img')].every((one) => one.complete && one.naturalWidth)"
    )


def test_without_scripts_a_picture_opens_by_its_link(path: str, new_page: Callable[..., Page]) -> None:
    page = new_page(javascript=False)
    sign_in(page, "pic_pia")
    page.goto(path)
    page.get_by_role("link", name="Hills").click()
    assert "/attachments/" in page.url
    assert page.locator("img").count() == 1
