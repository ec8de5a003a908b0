"""In a browser: passkeys, the profile dialog, and pages without scripts."""

import re

import pytest

from tests.services.oidc import CLIENT_ID, CLIENT_SECRET, running_provider
from tests.services.site import start_site

PASSWORD = "correct horse battery"


def join(page, base, username):
    page.goto(f"{base}/accounts/signup/")
    page.get_by_label("Email").fill(f"{username}@example.com")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(f"{base}/start/profile")


@pytest.fixture
def named_site(live_site):
    """Return the site’s URL with a host name, because browsers refuse passkeys for IP addresses."""
    return live_site.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def with_authenticator(page):
    """Add a virtual security key that always confirms."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return page


def test_a_passkey_is_added_and_signs_in_without_a_password(with_authenticator, named_site, live_site):
    page = with_authenticator
    join(page, named_site, "pasha")
    live_site.shell(
        "from allauth.account.models import EmailAddress as E; "
        "E.objects.filter(user__username='pasha').update(verified=True)"
    )
    page.goto(f"{named_site}/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label(re.compile("Password")).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/webauthn/add/")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url(re.compile("webauthn/$|recovery-codes"))
    page.goto(f"{named_site}/accounts/2fa/webauthn/")
    assert page.get_by_text("Master key").is_visible()
    page.goto(f"{named_site}/settings")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{named_site}/")
    page.goto(f"{named_site}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{named_site}/start/profile")
    page.goto(f"{named_site}/settings/account")
    assert page.get_by_text("@pasha").first.is_visible()


def test_a_passkey_on_an_ip_address_is_refused_with_a_message(page, live_site):
    page.goto(f"{live_site.url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("Passkeys need a domain name").wait_for()


def test_signing_up_and_editing_the_profile_work_without_scripts(new_page, live_site, tmp_path):
    from PIL import Image

    page = new_page(javascript=False)
    join(page, live_site.url, "quiet")
    page.goto("/settings/profile")
    page.get_by_label("Display name").fill("Quiet One")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    assert page.get_by_label("Display name").input_value() == "Quiet One"
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "me.jpg")
    page.get_by_label("Choose a picture").set_input_files(tmp_path / "me.jpg")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    assert page.get_by_alt_text("Your picture").is_visible()
    page.goto("/settings/appearance")
    page.get_by_label("Dark", exact=True).check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).first.click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.get_by_role("button", name="Sign in with a passkey").count() == 0


def test_character_counters_update_while_typing(page, live_site):
    join(page, live_site.url, "counter")
    page.goto("/settings/profile")
    page.get_by_label("Bio").fill("héllo 🐈")
    counter = page.locator("[data-counter-for=id_bio]")
    assert counter.inner_text() == "7 / 500"
    page.get_by_label("Bio").fill("x" * 501)
    assert counter.get_attribute("data-state") == "over"


def test_the_profile_is_edited_in_place(page, live_site, tmp_path):
    from PIL import Image

    Image.new("RGB", (300, 200), "teal").save(tmp_path / "me.jpg")
    join(page, live_site.url, "inplace")
    page.goto("/@inplace")
    page.get_by_role("link", name="Edit profile").click()
    dialog = page.get_by_role("dialog", name="Edit profile")
    dialog.get_by_label("Choose a picture").set_input_files(tmp_path / "me.jpg")
    assert dialog.locator("#avatar-preview").get_attribute("src").startswith("blob:")
    dialog.get_by_label("Website").fill("ftp://no")
    dialog.get_by_role("button", name="Save", exact=True).click()
    dialog.get_by_text("starts with http").wait_for()
    dialog.get_by_label("Website").fill("https://example.org")
    dialog.get_by_label("Display name").fill("In Place")
    dialog.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="In Place").first.wait_for()
    # The picture chosen before the refusal is saved too.
    page.locator("main").get_by_role("img", name="In Place").wait_for()
    assert page.url == f"{live_site.url}/@inplace"
    assert page.get_by_role("dialog").count() == 0


def test_escape_discards_the_profile_dialog_which_can_be_opened_again(page, live_site):
    join(page, live_site.url, "escaper")
    page.goto("/@escaper")
    for _ in range(2):
        page.get_by_role("link", name="Edit profile").click()
        page.get_by_role("dialog", name="Edit profile").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")


@pytest.mark.slow
def test_social_sign_in_redirects_to_the_provider_and_back(browser):
    """Browsers apply the Content-Security-Policy to redirects of forms; the test client doesn't."""
    with running_provider() as provider:
        provider.person = {
            "sub": "1",
            "email": "elsa@example.com",
            "email_verified": True,
            "name": "Elsa Where",
        }
        site = start_site(
            environment={
                "OIDC_ISSUER": provider.url,
                "OIDC_CLIENT_ID": CLIENT_ID,
                "OIDC_CLIENT_SECRET": CLIENT_SECRET,
                "OIDC_NAME": "Our school",
            }
        )
        try:
            page = browser.new_page(base_url=site.url)
            page.goto("/accounts/login/")
            page.get_by_role("button", name="Continue with Our school").click()
            # The provider has no username, so one is suggested.
            page.wait_for_url(f"{site.url}/accounts/3rdparty/signup/")
            assert page.get_by_label("Username").input_value() == "elsa"
            page.get_by_role("button", name="Create account").click()
            page.wait_for_url(f"{site.url}/start/profile")
            page.goto("/settings/account")
            assert page.get_by_text("@elsa").first.is_visible()
            page.close()
        finally:
            site.stop()
