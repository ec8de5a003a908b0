"""Every page of the site in a real browser: at the width of a phone, a tablet and a desktop, light and dark."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Page as BrowserPage

from tests.browser.community import PASSWORD, make_community, sign_in
from tests.conftest import Chromium, Theme
from tests.services.site import Site
from tests.visibility.manifest import ROUTES

WIDTHS = {390: 844, 820: 1180, 1440: 900}
THEMES: tuple[Theme, ...] = ("light", "dark")
AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    who: str = "look_ana"
    """Who is signed in: nobody, look_ana, look_empty, look_shy or look_mod."""
    status: int = 200


PAGES = [
    Page("welcome", "/", "nobody"),
    Page("home", "/"),
    Page("home-empty", "/", "look_empty"),
    Page("home-for-you", "/?tab=for-you"),
    *(Page(f"explore-{tab}", f"/explore?tab={tab}") for tab in ("trending", "tags", "people", "latest")),
    Page("explore-stranger", "/explore", "nobody"),
    Page("tag", "/tags/gardening"),
    Page("about", "/about", "nobody"),
    Page("profile-own", "/@look_ana"),
    Page("profile-stranger", "/@look_ana", "nobody"),
    Page("profile-long", "/@look_longest_of_all_name"),
    Page("profile-empty", "/@look_empty"),
    Page("profile-replies", "/@look_ana/replies"),
    Page("profile-media", "/@look_ana/media"),
    Page("profile-likes", "/@look_ana/likes"),
    Page("followers", "/@look_ana/followers"),
    Page("following", "/@look_ana/following"),
    Page("followers-known", "/@look_noor/followers/known"),
    Page("suggestions", "/suggestions", "look_empty"),
    Page("suggestions-none", "/suggestions", "look_mod"),
    Page("start-profile", "/start/profile", "look_empty"),
    Page("start", "/start", "look_empty"),
    Page("start-people", "/start/people", "look_empty"),
    Page("start-post", "/start/post", "look_empty"),
    Page("settings-interests", "/settings/interests"),
    Page("thread", "/@look_ana/{main}"),
    Page("thread-reply", "/@look_ana/{reply}"),
    Page("thread-stranger", "/@look_ana/{main}", "nobody"),
    Page("thread-removed", "/@look_ana/{removed}"),
    Page("compose", "/compose"),
    Page("drafts", "/drafts"),
    Page("drafts-scheduled", "/drafts?tab=scheduled"),
    Page("drafts-empty", "/drafts", "look_empty"),
    Page("draft", "/drafts/{draft}"),
    Page("draft-delete", "/drafts/{draft}/delete"),
    Page("edit", "/posts/{main}/edit"),
    Page("embed-code", "/posts/{main}/embed"),
    Page("embed", "/embed/posts/{main}", "nobody"),
    Page("delete", "/posts/{main}/delete"),
    Page("menu", "/posts/{main}/menu"),
    Page("repost", "/posts/{main}/repost"),
    Page("reposts", "/posts/{main}/reposts"),
    Page("quotes", "/posts/{main}/quotes"),
    Page("quoting", "/posts/{main}/quoting"),
    Page("compose-quote", "/compose?quote={main}"),
    Page("history", "/posts/{edited}/history"),
    Page("report", "/posts/{other}/report"),
    Page("bookmarks", "/bookmarks"),
    Page("bookmarks-empty", "/bookmarks", "look_empty"),
    Page("notifications", "/notifications"),
    Page("notifications-empty", "/notifications", "look_empty"),
    Page("messages", "/messages"),
    Page("messages-empty", "/messages", "look_empty"),
    Page("conversation", "/messages/{talk}"),
    Page("conversation-new", "/messages/with/look_noor"),
    Page("search", "/search"),
    Page("search-posts", "/search?q=tomatoes"),
    Page("search-people", "/search?q=ben&in=people"),
    Page("search-nothing", "/search?q=zzzzzzzz"),
    Page("follow-requests", "/follow-requests", "look_shy"),
    Page("follow-requests-empty", "/follow-requests", "look_empty"),
    Page("profile-private", "/@look_shy"),
    Page("followers-private", "/@look_shy/followers"),
    Page("profile-asking", "/@look_ben", "look_shy"),
    Page("block", "/@look_ben/block"),
    Page("blocked-profile", "/@look_loud", "look_shy"),
    Page("settings-blocked", "/settings/blocked", "look_shy"),
    Page("settings-blocked-empty", "/settings/blocked", "look_empty"),
    Page("settings", "/settings"),
    Page("settings-profile", "/settings/profile"),
    Page("settings-account", "/settings/account"),
    Page("settings-appearance", "/settings/appearance"),
    Page("settings-language", "/settings/language"),
    Page("settings-files", "/settings/files"),
    Page("settings-posting", "/settings/posting"),
    Page("settings-sessions", "/settings/sessions"),
    Page("settings-muted", "/settings/muted"),
    Page("settings-words", "/settings/words"),
    Page("mute", "/@look_ben/mute"),
    Page("settings-email", "/accounts/email/"),
    Page("settings-password", "/accounts/password/change/"),
    Page("settings-elsewhere", "/accounts/3rdparty/"),
    Page("reauthenticate", "/accounts/reauthenticate/"),
    Page("decisions", "/decisions"),
    Page("mfa", "/accounts/2fa/"),
    Page("mfa-totp", "/accounts/2fa/totp/activate/"),
    Page("mfa-passkeys", "/accounts/2fa/webauthn/"),
    Page("mfa-passkey-new", "/accounts/2fa/webauthn/add/"),
    Page("sign-out", "/accounts/logout/"),
    Page("sign-in", "/accounts/login/", "nobody"),
    Page("sign-up", "/accounts/signup/", "nobody"),
    Page("reset", "/accounts/password/reset/", "nobody"),
    Page("reset-sent", "/accounts/password/reset/done/", "nobody"),
    Page("reset-stale", "/accounts/password/reset/key/1-stale/", "nobody"),
    Page("reset-done", "/accounts/password/reset/key/done/", "nobody"),
    Page("confirm-stale", "/accounts/confirm-email/stale/", "nobody"),
    Page("inactive", "/accounts/inactive/", "nobody"),
    *(
        Page(f"moderation-{tab}", f"/moderation?tab={tab}", "look_mod")
        for tab in ("waiting", "reports", "new", "decided")
    ),
    Page("moderation-log", "/moderation/log", "look_mod"),
    Page("moderation-trends", "/moderation/trends", "look_mod"),
    Page("moderation-rules", "/moderation/rules?pattern=hello", "look_mod"),
    Page("moderation-case", "/moderation/posts/{reported}", "look_mod"),
    Page("not-allowed", "/moderation", status=404),
    Page("not-found", "/nowhere-at-all", status=404),
    Page("not-found-stranger", "/@nobody_of_that_name", "nobody", status=404),
    Page("style", "/style"),
    Page("reports", "/reports"),
    Page("settings-privacy", "/settings/privacy"),
    Page("settings-notifications", "/settings/notifications"),
    Page("settings-invites", "/settings/invites", "look_mod"),
    Page("settings-data", "/settings/data"),
    Page("settings-delete", "/settings/delete"),
    Page("settings-word", "/settings/words/{word}"),
    Page("lists", "/lists"),
    Page("lists-empty", "/lists", "look_empty"),
    Page("lists-new", "/lists/new"),
    Page("lists-of-member", "/@look_ben/lists"),
    Page("list", "/lists/{list}"),
    Page("list-members", "/lists/{list}/people"),
    Page("list-edit", "/lists/{list}/edit"),
    Page("list-delete", "/lists/{list}/delete"),
    Page("followed-tags", "/followed-tags"),
    Page("followed-tags-empty", "/followed-tags", "look_empty"),
    Page("moderation-signups", "/moderation/signups", "look_mod"),
    Page("reply", "/posts/{other}/reply"),
    Page("invite", "/invite/{invite}", "nobody"),
    Page("invite-gone", "/invite/nobody-made-this", "nobody", status=404),
    Page("waiting", "/accounts/waiting", "nobody"),
    Page("import", "/settings/data/imports/{import}"),
    Page("email-stop-stale", "/accounts/email/stop/stale", "nobody", status=404),
    Page("goodbye", "/goodbye", "nobody"),
    Page("confirm-sent", "/accounts/confirm-email/", "nobody"),
    Page("mfa-codes", "/accounts/2fa/recovery-codes/generate/"),
    Page("sign-in-cancelled", "/accounts/3rdparty/login/cancelled/", "nobody"),
    Page("sign-in-failed", "/accounts/3rdparty/login/error/", "nobody", status=401),
]

NOT_PAGES = {
    "a fragment or JSON that a page loads": (
        "posts/<id:post_id>/card",
        "posts/<id:post_id>/poll",
        "posts/<id:post_id>/media",
        "feed.atom",
        "@<str:username>/feed.atom",
        "tags/<str:name>/feed.atom",
        "oembed",
        "@<str:username>/card",
        "suggestions/beside",
        "autocomplete",
        "messages/<id:conversation_id>/since",
        "messages/<id:conversation_id>/row",
        "messages/<id:conversation_id>/<id:message_id>/seen",
        "notifications/<id:notification_id>/row",
        "notifications/<id:notification_id>/line",
        "live/since",
        "words/<slug:language>.js",
        "accounts/signup/username",
        "accounts/2fa/webauthn/login/",
    ),
    "a redirect": (
        "posts/<id:post_id>",
        "notifications/<id:notification_id>/open",
        "accounts/sessions/",
        "accounts/password/set/",
        "accounts/2fa/authenticate/",
        "accounts/2fa/reauthenticate/",
        "accounts/2fa/recovery-codes/",
        "accounts/2fa/totp/deactivate/",
        "accounts/2fa/webauthn/reauthenticate/",
        "accounts/3rdparty/signup/",
        "accounts/google/login/",
        "accounts/google/login/callback/",
        "accounts/github/login/",
        "accounts/github/login/callback/",
        "accounts/oidc/^(?P<provider_id>[^/]+)/login/",
        "accounts/oidc/^(?P<provider_id>[^/]+)/login/callback/",
        "accounts/social/login/cancelled/",
        "accounts/social/login/error/",
        "accounts/social/signup/",
        "accounts/social/connections/",
        "welcome-back",
    ),
    "a file": (
        "posts/<id:post_id>/picture.jpg",
        "attachments/<str:key>",
        "settings/data/follows.csv",
        "settings/data/blocks.csv",
        "settings/data/mutes.csv",
        "settings/data/bookmarks.csv",
        "settings/data/exports/<id:export_id>",
        "settings/data/imports/<id:import_id>/file",
        "accounts/2fa/recovery-codes/download/",
        "media/<path:name>",
    ),
    "for machines": (
        "health/live",
        "health/ready",
        "health/jobs",
        "robots.txt",
        "sitemap.xml",
        "sitemap-pages.xml",
        "sitemap-members.xml",
        "sitemap-posts.xml",
    ),
    "for who has signed in with a passkey, which needs a device": (
        "accounts/2fa/webauthn/keys/<int:pk>/remove/",
        "accounts/2fa/webauthn/keys/<int:pk>/edit/",
    ),
    "Django's own": ("admin/",),
    "never there": ("accounts/login/code/confirm/", "accounts/google/login/token/"),
}
"""Routes that answer GET but aren't in PAGES, by the reason."""


def test_every_page_of_the_manifest_is_listed() -> None:
    unknown = ("not-found", "not-found-stranger")
    seen = {
        resolve(re.sub(r"\{\w+\}", "1", urlsplit(page.path).path)).route.replace("^", "")
        for page in PAGES
        if page.name not in unknown
    }
    explained = {path.replace("^", "") for paths in NOT_PAGES.values() for path in paths}
    # Routes that are regular expressions are written with "^" in one of the two.
    asked = {
        route.path.replace("^", "")
        for route in ROUTES
        if "GET" in route.verbs and not route.path.startswith(("api/", "_allauth/"))
    }
    assert asked - seen - explained == set()
    assert explained - asked == set()


MEASURE = """() => {
  const seen = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? true;
  const named = (field) =>
    field.labels?.length || field.getAttribute("aria-label") || field.getAttribute("aria-labelledby");
  const wide = document.documentElement.scrollWidth > innerWidth;
  return {
    "wider than the window": wide
      ? [...document.querySelectorAll("body *")]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
          .slice(0, 3).map((element) => element.outerHTML.slice(0, 120))
      : [],
    "headings of the first rank": [...document.querySelectorAll("h1")].map((h1) => h1.innerText.trim()),
    "pictures without alt": [...document.querySelectorAll("img:not([alt])")].map((img) => img.outerHTML),
    "fields without a label": [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
      .filter((field) => seen(field) && !named(field)).map((field) => field.outerHTML.slice(0, 120)),
    "buttons without a name": [...document.querySelectorAll("button, a[href], summary")]
      .filter((button) => seen(button) && !button.closest("[aria-hidden=true]") && !button.innerText.trim()
        && !button.getAttribute("aria-label") && !button.getAttribute("aria-labelledby")
        && !button.querySelector("img[alt]:not([alt=''])") && !button.textContent.trim())
      .map((button) => button.outerHTML.slice(0, 120)),
    "two with the same id": location.pathname === "/style" ? [] : Object.entries(
      [...document.querySelectorAll("[id]")].reduce((n, { id }) => ({ ...n, [id]: (n[id] ?? 0) + 1 }), {}),
    ).filter(([, n]) => n > 1).map(([id]) => id),
  };
}"""
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""


@dataclass
class Visitor:
    """One member's browser, kept open from page to page."""

    page: BrowserPage
    complaints: list[str] = field(default_factory=list)


@dataclass
class Tour:
    site: Site
    chromium: Chromium
    facts: dict[str, str]
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, who: str) -> Visitor:
        if who not in self.visitors:
            context = self.chromium.browser.new_context(
                base_url=self.site.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
            )
            context.set_default_timeout(15_000)
            context.add_init_script(LISTEN)
            visitor = self.visitors[who] = Visitor(context.new_page())
            visitor.page.on("pageerror", lambda error: visitor.complaints.append(f"script: {error}"))
            visitor.page.on(
                "console",
                lambda said: (
                    visitor.complaints.append(f"{said.type}: {said.text}")
                    if said.type in ("error", "warning")
                    else None
                ),
            )
            if who != "nobody":
                sign_in(visitor.page, who)
        return self.visitors[who]

    def open(self, place: Page) -> Visitor:
        visitor = self.visitor(place.who)
        visitor.complaints.clear()
        answer: Any = visitor.page.goto(place.path.format(**self.facts))
        assert answer.status == place.status
        if place.name != "reauthenticate" and "reauthenticate" in visitor.page.url:
            visitor.page.get_by_label("Password").fill(PASSWORD)
            visitor.page.get_by_role("button", name="Continue").click()
            visitor.page.wait_for_url(lambda address: "reauthenticate" not in address)
        return visitor


@pytest.fixture(scope="module")
def tour_of_the_site(chromium: Chromium, live_site: Site) -> Iterator[Tour]:
    tour = Tour(live_site, chromium, make_community(live_site))
    yield tour
    chromium.wake()
    for visitor in tour.visitors.values():
        visitor.page.context.close()
    chromium.sleep()


@pytest.fixture
def tour(tour_of_the_site: Tour, browser: Any) -> Tour:
    """Return the tour while the browser is running."""
    return tour_of_the_site


@pytest.mark.parametrize("place", PAGES, ids=lambda place: place.name)
def test_a_page_has_no_layout_or_script_errors_at_any_width_and_theme(tour: Tour, place: Page) -> None:
    visitor = tour.open(place)
    page = visitor.page
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            _keep(page, f"{place.name}-{width}-{theme}")
        found = page.evaluate(MEASURE)
        headings = found.pop("headings of the first rank")
        # The component page shows two more as samples.
        assert len(headings) == (3 if place.name == "style" else 1), (width, headings)
        assert {fault: what for fault, what in found.items() if what} == {}, width
    assert page.evaluate("window.violations") == []
    # The browser logs by itself that a page was refused or not found.
    said = [
        text for text in visitor.complaints if not (place.status >= 400 and "the server responded" in text)
    ]
    assert said == []


SETTLED = """async () => {
  // Colours may still be on their way from the other theme.
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  for (const animation of document.getAnimations())
    if (animation.effect.getTiming().iterations !== Infinity) animation.finish();
}"""
RULES: dict[Theme, list[str]] = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast"],
}
ASK_AXE = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3)
      .map((node) => `${id}: ${node.html.slice(0, 150)}: ${node.failureSummary}`));
}"""


@pytest.mark.parametrize("place", PAGES, ids=lambda place: place.name)
def test_axe_finds_no_violation_on_a_page(tour: Tour, place: Page) -> None:
    """WCAG 2.2, A and AA, and axe's best practices. A theme changes colors alone."""
    page = tour.open(place).page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate(AXE)
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)
        page.evaluate(SETTLED)
        assert page.evaluate(ASK_AXE, rules) == [], theme


def _keep(page: BrowserPage, name: str) -> None:
    """Save a screenshot if KITH_SCREENSHOTS is set."""
    if folder := os.environ.get("KITH_SCREENSHOTS"):
        page.evaluate(SETTLED)
        page.screenshot(path=Path(folder) / f"{name}.png")
