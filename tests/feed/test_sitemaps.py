"""robots.txt, sitemaps, and the metadata for link previews."""

import re
from xml.etree import ElementTree

import pytest
from django.core.cache import cache

from feed import sitemaps
from feed.sitemaps import PostSitemap
from posts.actions import delete_post
from posts.models import Post
from social.actions import block_member
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_cached() -> None:
    cache.clear()


def locations(response) -> list[str]:
    assert response.status_code == 200
    assert response["Cache-Control"] == "public, max-age=3600"
    root = ElementTree.fromstring(response.content)
    return [element.text or "" for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


def test_robots_txt_names_the_sitemap_and_allows_posts(client, settings):
    text = client.get("/robots.txt").content.decode()
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in text
    assert "Disallow: /accounts/" in text
    assert "Disallow: /\n" not in text


def test_the_index_lists_each_sitemap(client, settings, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        found = locations(client.get("/sitemap.xml"))
    assert found == [f"{settings.SITE_URL}/sitemap-{name}.xml" for name in ("pages", "members", "posts")]


def test_the_sitemap_of_pages_has_home_explore_and_about(client, settings):
    found = locations(client.get("/sitemap-pages.xml"))
    assert found == [f"{settings.SITE_URL}{path}" for path in ("/", "/explore", "/about")]


def test_the_sitemap_of_members_has_discoverable_members_only(client, settings, alice):
    make_member("hidden", is_discoverable=False)
    make_member("gone", is_active=False)
    found = locations(client.get("/sitemap-members.xml"))
    assert f"{settings.SITE_URL}/@alice" in found
    assert not [place for place in found if "hidden" in place or "gone" in place]


def test_the_sitemap_of_posts_has_public_posts_by_discoverable_members_only(client, settings, alice):
    post = make_post(alice, "Hello")
    held = make_post(alice, "Held")
    Post.objects.filter(pk=held.pk).update(state=Post.State.HELD)
    shy = make_post(make_member("shy", is_discoverable=False), "Not for search engines")
    private = make_post(make_member("pia", is_private=True), "For followers")
    found = locations(client.get("/sitemap-posts.xml"))
    assert found == [f"{settings.SITE_URL}{post.path}"]
    for other in (held, shy, private):
        assert f"{settings.SITE_URL}{other.path}" not in found
    # Members get the same sitemap as guests.
    client.force_login(alice)
    assert locations(client.get("/sitemap-posts.xml")) == found
    delete_post(post=post, by=alice)
    assert locations(client.get("/sitemap-posts.xml")) == []


def test_the_sitemap_of_posts_is_paged_by_id(
    client, settings, alice, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(sitemaps, "PAGE_SIZE", 2)
    written = [make_post(alice, f"Post {number}") for number in range(5)]
    assert len(locations(client.get("/sitemap.xml"))) == 5
    newer = make_post(alice, "Written meanwhile")
    with django_assert_max_num_queries(1):
        first = locations(client.get("/sitemap-posts.xml"))
    pages = [locations(client.get(f"/sitemap-posts.xml?p={number}")) for number in (1, 2, 3)]
    assert pages[0] == first
    assert len(first) == 3
    paths = [PostSitemap().location(post) for post in [newer, *reversed(written)]]
    assert [place.removeprefix(settings.SITE_URL) for page in pages for place in page] == paths


@pytest.mark.parametrize("page", ["0", "2", "x", "99999999999999999999"])
def test_a_missing_page_of_a_sitemap_is_not_found(client, page):
    assert client.get(f"/sitemap-posts.xml?p={page}").status_code == 404


# --- Link previews -----------------------------------------------------------------------------------------------


def properties(html: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', html
    ):
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/explore",
        "/explore?tab=people",
        "/about",
        "/tags/tea",
        "/@alice",
        "/@alice/replies",
        "post",
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/settings/language",
    ],
)
def test_every_public_page_has_each_preview_property_once(client, settings, alice, path):
    post = make_post(alice, "A cup of #tea")
    path = post.path if path == "post" else path
    shown = properties(client.get(path).content.decode())
    for name in (
        "og:title",
        "og:description",
        "og:image",
        "og:url",
        "og:type",
        "og:site_name",
        "twitter:card",
    ):
        assert len(shown[name]) == 1, name
        assert shown[name][0], name
    assert shown["og:image"][0].startswith(f"{settings.SITE_URL}/")
    assert shown["og:url"][0] == f"{settings.SITE_URL}{path.partition('?')[0]}".replace("/replies", "")


def test_the_preview_of_a_post_has_the_authors_picture(client, settings, alice):
    post = make_post(alice, "Hello")
    assert properties(client.get(post.path).content.decode())["og:image"] == [
        f"{settings.SITE_URL}/static/img/share.png"
    ]
    alice.avatar = "avatars/alice.webp"
    alice.save()
    for path in (post.path, "/@alice"):
        shown = properties(client.get(path).content.decode())
        assert shown["og:image"] == [f"{settings.SITE_URL}/media/avatars/alice.webp"]
        assert shown["twitter:card"] == ["summary"]


@pytest.mark.parametrize(
    "path", ["/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png"]
)
def test_icons_are_served_at_the_default_paths(client, path):
    response = client.get(path)
    assert response.status_code == 200
    response.close()
    assert response["Content-Type"] in ("image/x-icon", "image/vnd.microsoft.icon", "image/png")


@pytest.mark.parametrize("name", ["sitemap", "sitemap-pages", "sitemap-members", "sitemap-posts"])
def test_members_get_the_same_sitemaps_as_guests(client, alice, bob, name):
    make_post(alice, "Hello")
    block_member(member=bob, by=alice)
    path = f"/{name}.xml"
    as_guest = client.get(path)
    client.force_login(bob)
    as_member = client.get(path)
    assert as_member.content == as_guest.content
    assert as_member["Cache-Control"] == as_guest["Cache-Control"]
