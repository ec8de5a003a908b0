"""Check Cache-Control: private responses are never stored, others for members only by their own browser."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Member
from core.http import VARY_ON
from tests.factories import make_member, make_post
from tests.visibility.manifest import ROUTES, Kind, Route
from tests.visibility.matrix import OF_MODERATION, address, parameters
from tests.visibility.owned import Belongings
from tests.visibility.world import _token, signed_in

pytestmark = pytest.mark.django_db

NO_STORE, NO_CACHE = "private, no-store", "private, no-cache"
READ_AND_RETURNED_TO = {
    "", "@<str:username>/likes", "bookmarks", "compose", "drafts", "drafts/<id:draft_id>",
    "drafts/<id:draft_id>/delete", "followed-tags", "suggestions", "suggestions/beside",
    "start", "start/people", "start/post", "start/profile", "lists", "lists/new", "lists/<id:list_id>",
    "lists/<id:list_id>/people", "lists/<id:list_id>/edit", "lists/<id:list_id>/delete",
}  # fmt: skip
"""Private pages that the browser may still store for its back button: those for reading or writing."""
SAYS_SO_ITSELF = {
    # The same for everyone, and cached for long (robots.txt and sitemaps: an hour).
    "words/<slug:language>.js", "media/<path:name>",
    "feed.atom", "@<str:username>/feed.atom", "tags/<str:name>/feed.atom", "oembed", "embed/posts/<id:post_id>",
    "robots.txt", "sitemap.xml", "sitemap-pages.xml", "sitemap-members.xml", "sitemap-posts.xml",
    # Different each time.
    "live/since", "@<str:username>/card", "health/ready", "health/jobs",
    "messages/<id:conversation_id>/<id:message_id>/seen",
}  # fmt: skip
GETS = [row for row in ROUTES if "GET" in row.verbs and row.path not in SAYS_SO_ITSELF]


@pytest.fixture
def belongings(alice: Member) -> Belongings:
    alice.is_moderator = alice.is_staff = alice.is_superuser = True
    alice.save(update_fields=["is_moderator", "is_staff", "is_superuser"])
    found = Belongings(alice)
    found._made["post"] = make_post(make_member(), "Fresh #bread")
    return found


def path_of(route: Route, belongings: Belongings) -> str:
    post = belongings["post"]
    given: dict[str, Any] = {
        "post_id": post.pk,
        "name": "bread",
        "language": "en",
        "code": "no-such-code",
        **OF_MODERATION,
        "key": "no-such-key",
    }
    if {"username", "post_id"} <= set(parameters(route)):
        given["username"] = post.author.username
    if route.path == "@<str:username>/likes":
        given["username"] = "alice"
    asked = {name: given.get(name) or belongings[name] for name in parameters(route)}
    return address(route, "", asked)


def told(response: Any) -> str:
    """Return Cache-Control without what Django and allauth add on their own pages."""
    said = response.headers.get("Cache-Control", "")
    return NO_STORE if {"private", "no-store"} <= set(said.split(", ")) else said


def expected(route: Route) -> set[str]:
    private = route.kind in (Kind.OWN, Kind.OWNED, Kind.MODERATION, Kind.STAFF) or route.path.startswith(
        "messages/"
    )
    if route.is_api or (private and route.path not in READ_AND_RETURNED_TO):
        return {NO_STORE}
    return {NO_STORE, NO_CACHE} if route.kind is Kind.NOTHING else {NO_CACHE}


def test_only_the_browser_of_a_member_caches_their_pages(belongings: Belongings) -> None:
    client, wrong = signed_in(belongings.owner), []
    for route in GETS:
        response = client.get(path_of(route, belongings))
        if told(response) not in expected(route):
            wrong.append((route.path, told(response)))
        page = response.headers["Content-Type"].startswith("text/html")
        differs_by = {"Cookie", "Accept-Language"} | (set(VARY_ON) if page else set())
        if told(response) == NO_CACHE and not differs_by <= set(response.headers["Vary"].split(", ")):
            wrong.append((route.path, response.headers["Vary"]))
    assert wrong == []


def test_a_page_with_a_fragment_varies_on_htmx_and_is_restored_whole(
    belongings: Belongings,
) -> None:
    """HTMX gets a fragment of most pages, but the whole page when it restores its history."""
    client, fragments, wrong = signed_in(belongings.owner), [], []
    for route in GETS:
        path = path_of(route, belongings)
        page = client.get(path)
        if route.is_api or not page.content.lstrip().lower().startswith(b"<!doctype"):
            continue
        part = client.get(path, headers={"HX-Request": "true"})
        restored = client.get(path, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
        if not restored.content.lstrip().lower().startswith(b"<!doctype"):
            wrong.append((route.path, "a fragment was restored"))
        if not part.content.lstrip().lower().startswith(b"<!doctype"):
            fragments.append(route.path)
        wrong += [
            (route.path, response.headers["Vary"])
            for response in (page, part, restored)
            if not set(VARY_ON) <= set(response.headers["Vary"].split(", "))
        ]
    assert wrong == []
    assert len(fragments) > 15


def test_responses_to_apps_are_not_cached(belongings: Belongings) -> None:
    headers, wrong = {"Authorization": f"Bearer {_token(belongings.owner)}"}, []
    for route in GETS:
        if not route.is_api:
            continue
        response = Client().get(path_of(route, belongings), headers=headers)
        assert response.status_code != 401
        differs_by = set(response.headers["Vary"].split(", "))
        if told(response) != NO_STORE or not {"Authorization", "Cookie"} <= differs_by:
            wrong.append((route.path, told(response), differs_by))
    assert wrong == []


def test_public_pages_have_no_cache_control_for_visitors(alice: Member) -> None:
    make_post(alice, "Fresh #bread")
    for path in ("/", "/about", "/explore", "/@alice", "/@alice/followers", "/tags/bread", "/search?q=bread"):
        response = Client().get(path)
        assert response.status_code == 200
        assert "Cache-Control" not in response
        assert set(VARY_ON) <= set(response["Vary"].split(", "))


def test_private_pages_are_not_cached_for_visitors_either(db: None) -> None:
    for path in ("/messages", "/notifications", "/settings/data", "/accounts/login/", "/invite/x"):
        assert told(Client().get(path)) == NO_STORE, path


def test_responses_that_ignore_the_session_are_not_private(alice: Member) -> None:
    """Such as pictures and the texts of scripts: their views don't read the session."""
    client = signed_in(alice)
    assert "public" in client.get("/words/en.js").headers["Cache-Control"]
    assert client.get("/health/live").headers.get("Cache-Control", "") in ("", NO_CACHE)


def test_the_end_of_a_session_clears_the_browser_cache(client: Client, alice: Member) -> None:
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert "Clear-Site-Data" not in client.get("/").headers
    key = client.cookies["sessionid"].value
    assert client.post("/accounts/logout/").headers["Clear-Site-Data"] == '"cache"'
    # If the session was ended elsewhere or expired, the next response has the header, once.
    client.cookies["sessionid"] = key
    ended = client.get("/bookmarks")
    assert (ended.status_code, ended.headers["Clear-Site-Data"]) == (302, '"cache"')
    del client.cookies["sessionid"]
    assert "Clear-Site-Data" not in client.get("/").headers


def test_a_write_invalidates_pages_for_the_back_button(client: Client, alice: Member) -> None:
    post = make_post(make_member())
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/")
    assert "Cookie" in page.headers["Vary"]
    assert "changed" not in page.cookies
    first = client.post(f"/posts/{post.id}/like", headers={"HX-Request": "true"}).cookies["changed"]
    again = client.post(f"/posts/{post.id}/unlike", headers={"HX-Request": "true"}).cookies["changed"]
    assert first.value != again.value
    assert (first["httponly"], first["samesite"]) == (True, "Lax")
    # Counting views changes no page.
    assert "changed" not in client.post("/api/track", {"events": []}, content_type="application/json").cookies
    assert "changed" not in Client().post(f"/posts/{post.id}/like").cookies
