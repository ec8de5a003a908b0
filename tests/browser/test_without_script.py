"""Everything works without JavaScript, on a phone: forms, links and redirects."""

import re

from playwright.sync_api import expect

from tests.browser.community import sign_up
from tests.live.people import people


def test_a_session_works_without_javascript(new_page, live_site):
    ana, page = people(live_site, "plain_ana")[0], new_page(width=390, javascript=False)
    sign_up(page, "plain_ben")

    # Find and follow.
    page.goto("/search")
    page.get_by_label("Search posts and people").fill("hello from plain_ana")
    page.keyboard.press("Enter")
    page.locator("#results").get_by_role("link", name="Ana").first.click()
    page.get_by_role("button", name="Follow").click()
    expect(page).to_have_url(re.compile(f"/@{ana.name}$"))
    expect(page.get_by_role("button", name="Following")).to_be_visible()
    page.get_by_role("link", name="1 follower").click()
    expect(page.get_by_role("main")).to_contain_text("@plain_ben")

    # Like on home, and stay there.
    page.goto("/")
    page.locator(f"#like-button-{ana.post}").click()
    expect(page.locator(f"#like-button-{ana.post}")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"#like-button-{ana.post}")).to_contain_text("1")
    with page.expect_navigation():
        page.locator(f"#bookmark-button-{ana.post}").click()
    page.goto("/bookmarks")
    expect(page.locator(f"article#post-{ana.post}")).to_be_visible()

    # Reply from the card's link.
    page.locator(f"article#post-{ana.post}").get_by_role("link", name="Reply").click()
    page.get_by_label("Your reply").fill("Hello to you, without script.")
    page.get_by_role("button", name="Reply").click()
    expect(page).to_have_url(re.compile(f"/@{ana.name}/{ana.post}#post-"))
    expect(page.locator("#replies")).to_contain_text("Hello to you, without script.")

    # Report.
    page.goto(f"/@{ana.name}/{ana.post}")
    page.get_by_role("link", name="Post options").first.click()
    page.get_by_role("link", name="Report").click()
    page.get_by_label("No spam").check()
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_text("Thanks. Moderators will review it.")).to_be_visible()

    # Post, get an error, and post again.
    page.goto("/compose")
    page.get_by_label("Your post").fill("x" * 501)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Your post")).to_have_value("x" * 501)
    page.get_by_label("Your post").fill("Bread without sctips")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page).to_have_url(re.compile(r"/@plain_ben/\d+$"))
    expect(page.get_by_role("main")).to_contain_text("Bread without sctips")

    # Edit, and see that it's marked as edited.
    own = page.url
    page.get_by_role("link", name="Post options").first.click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Your post").fill("Bread without scripts")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(own)
    expect(page.get_by_role("main")).to_contain_text("Bread without scripts")
    page.get_by_role("link", name="edited").click()
    expect(page.get_by_role("main")).to_contain_text("Bread without sctips")

    # Delete.
    page.goto(own)
    page.get_by_role("link", name="Post options").first.click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Post deleted.")).to_be_visible()
    answer = page.goto(own)
    assert answer is not None
    assert answer.status == 404

    # Send a private message.
    page.goto(f"/messages/with/{ana.name}")
    page.get_by_label("Your message to Ana").fill("Between us.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".bubble.is-mine")).to_contain_text("Between us.")

    # Sign out.
    page.goto("/accounts/logout/")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
