"""A video in a browser: sent in parts, processed, posted and played."""

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

from tests.browser.test_posts import World
from tests.media.clips import clip


@pytest.fixture
def world(live_site, new_page):
    return World(live_site, new_page)


def test_a_large_video_goes_on_after_a_lost_connection_and_plays_in_the_page(world, tmp_path):
    page = world.make(["ana"]).page("ana")
    # Players skip the bytes behind the end.
    (tmp_path / "waves.mp4").write_bytes(
        clip().getvalue() + (9_000_000).to_bytes(4, "big") + b"free" + bytes(8_999_992)
    )
    page.goto("/compose")
    sent = []

    def lose_the_second(route):
        if route.request.method != "PATCH":
            route.continue_()
            return
        sent.append(route.request.headers["upload-offset"])
        if len(sent) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/media/uploads/*", lose_the_second)
    page.locator("textarea[name=text]").first.fill("Waves")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Pictures, video or audio").click()
    chooser.value.set_files(tmp_path / "waves.mp4")
    expect(page.locator(".attachment")).to_have_attribute("data-state", "ready", timeout=40_000)
    assert sent == ["0", "4194304", "4194304", "8388608"]
    page.get_by_label("Description of file 1").fill("Waves at night")
    page.get_by_role("button", name="Post", exact=True).click()
    video = page.get_by_label("Waves at night")
    expect(video).to_be_visible(timeout=20_000)
    # Again, as the card is replaced when the post has been reviewed.
    page.wait_for_function(
        """() => document.querySelector(".player video")?.play().then(() => true, () => false)"""
    )
