"""Times are shown in the reader's time zone; without JavaScript in UTC, and labeled so."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.live.people import people


def test_a_time_in_three_time_zones_and_without_javascript(new_page, live_site):
    ana = people(live_site, "zone_ana")[0]
    path = f"/@{ana.name}/{ana.post}"

    def told(page: Page) -> tuple[str, datetime]:
        page.goto(path)
        time = page.locator(".post-focus .post-meta time").first
        return time.inner_text(), datetime.fromisoformat(time.get_attribute("datetime") or "")

    plain, moment = told(new_page(javascript=False, locale="en-GB"))
    assert plain == f"{moment.day} {moment:%B %Y, %H:%M} UTC"
    for zone in ("Asia/Tokyo", "America/St_Johns", "UTC"):
        page = new_page(timezone_id=zone, locale="en-GB")
        local = moment.astimezone(ZoneInfo(zone))
        wanted = re.compile(rf"^{local.day} {local:%B %Y} at {local:%H:%M}$")
        page.goto(path)
        expect(page.locator(".post-focus .post-meta time").first).to_have_text(wanted)
        page.goto(f"/@{ana.name}")
        card = page.locator(f"#post-{ana.post} .post-time time").first
        expect(card).to_have_attribute("title", wanted)
        joined = page.get_by_text("Joined").locator("time")
        since = datetime.fromisoformat(joined.get_attribute("datetime") or "").astimezone(ZoneInfo(zone))
        expect(joined).to_have_text(f"{since:%B %Y}")
        expect(page.locator("time", has_text="UTC")).to_have_count(0)
