"""A member's own data in a browser: export, import, deleting the account and returning."""

from __future__ import annotations

import zipfile
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.community import PASSWORD, sign_up


@pytest.mark.parametrize("javascript", [True, False])
def test_a_member_exports_imports_deletes_the_account_and_returns(
    new_page: Any, live_site: Any, javascript: bool, tmp_path: Any
) -> None:
    name = f"data_{'js' if javascript else 'plain'}"
    page = new_page(width=390 if javascript else 1440, javascript=javascript)
    friend = new_page()
    sign_up(friend, f"{name}_friend")
    sign_up(page, name)

    page.goto("/settings/data")
    page.get_by_role("button", name="Request copy").click()
    if "reauthenticate" in page.url:
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
    if not javascript:
        for _ in range(40):
            if page.get_by_text("Your copy is ready").count():
                break
            page.wait_for_timeout(500)
            page.goto("/settings/data")
    # With JavaScript nobody has to reload: the page polls.
    expect(page.get_by_text("Your copy is ready")).to_be_visible(timeout=30_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    target = tmp_path / "copy.zip"
    download.value.save_as(target)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert f"@{name}" in archive.read("index.html").decode()

    page.locator("input[type=file]").set_input_files(
        files=[
            {"name": "f.csv", "mimeType": "text/csv", "buffer": f"{name}_friend\nnobody_at_all\n".encode()}
        ]
    )
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("All 2 rows are done.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=f"{name}_friend")).to_contain_text("Done")
    page.get_by_role("link", name="Not found 1").click()
    expect(page.get_by_role("row").filter(has_text=f"{name}_friend")).to_have_count(0)

    page.goto("/settings/delete")
    page.locator("input[name=username]").fill("somebody")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("That’s not your username")).to_be_visible()
    page.locator("input[name=username]").fill(f"@{name}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("heading", name="Goodbye")).to_be_visible()
    friend.goto(f"/@{name}")
    expect(friend.get_by_text("This account doesn’t exist")).to_be_visible()

    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).last.click()
    expect(page.get_by_role("heading", name="Keep your account?")).to_be_visible()
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_text("Your account is back")).to_be_visible()
    friend.goto(f"/@{name}")
    expect(friend.get_by_role("heading", name=name).first).to_be_visible()
