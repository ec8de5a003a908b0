"""Posts on other sites: frames, oEmbed, the tags that other sites read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Member
from media.actions import upload_attachment
from posts.actions import delete_post
from posts.models import Post
from tests.factories import make_member, make_post
from tests.media.conftest import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(alice: Member) -> Post:
    return make_post(alice, "Words for <everyone>")


def oembed(client: Client, url: str, **more: str):
    return client.get("/oembed", {"url": url, **more})


def test_a_frame_shows_the_post_on_any_site(post: Post, client: Client):
    response = client.get(f"/embed/posts/{post.pk}")
    html = response.content.decode()
    assert "Words for &lt;everyone&gt;" in html
    assert "<script" not in html
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "default-src 'self'" in policy
    assert "X-Frame-Options" not in response
    assert "frame-ancestors 'none'" in client.get(post.path)["Content-Security-Policy"]


def test_a_frame_is_the_same_for_members_and_sets_no_cookie(post: Post, bob: Member, client: Client):
    as_guest = client.get(f"/embed/posts/{post.pk}")
    client.force_login(bob)
    as_bob = client.get(f"/embed/posts/{post.pk}")
    assert as_bob.content == as_guest.content
    assert not as_bob.cookies
    assert as_bob["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    "options", [{"visibility": "followers"}, {"visibility": "mentioned"}, {"published": False}]
)
def test_what_guests_may_not_see_is_nowhere(alice: Member, client: Client, settings, options):
    post = make_post(alice, "For few", **options)
    client.force_login(alice)
    for path in (f"/embed/posts/{post.pk}", f"/posts/{post.pk}/embed"):
        assert client.get(path).status_code == 404
    hidden, never = (oembed(client, settings.SITE_URL + path) for path in (post.path, "/@alice/123456789"))
    assert (hidden.status_code, hidden.content) == (404, never.content)
    html = client.get(post.path).content.decode()
    assert "og:title" not in html
    assert "json+oembed" not in html
    assert "/embed" not in client.get(f"/posts/{post.pk}/menu").content.decode()


def test_posts_of_private_accounts_and_deleted_ones_are_nowhere(alice: Member, client: Client, settings):
    private = make_post(make_member("shy", is_private=True))
    deleted = make_post(alice)
    delete_post(post=deleted, by=alice)
    for post in (private, deleted):
        assert client.get(f"/embed/posts/{post.pk}").status_code == 404
        assert oembed(client, settings.SITE_URL + post.path).status_code == 404


def test_oembed_describes_a_post(post: Post, client: Client, settings):
    answer = oembed(client, settings.SITE_URL + post.path).json()
    assert (answer["version"], answer["type"], answer["author_name"]) == ("1.0", "rich", "Alice")
    assert answer["author_url"] == f"{settings.SITE_URL}/@alice"
    assert f'src="{settings.SITE_URL}/embed/posts/{post.pk}"' in answer["html"]
    assert answer["width"] == 550
    assert oembed(client, f"{settings.SITE_URL}/posts/{post.pk}").json() == answer
    narrow = oembed(client, settings.SITE_URL + post.path, maxwidth="300", maxheight="120").json()
    assert (narrow["width"], narrow["height"]) == (300, 120)
    assert 'width="300"' in narrow["html"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "http://elsewhere.example/@alice/1",
        "javascript:alert(1)",
        "{site}/",
        "{site}/@alice",
        "{site}/posts/99",
        "{site}/%00",
        "{site}.evil.example/posts/1",
    ],
)
def test_oembed_of_other_addresses_is_not_found(post: Post, client: Client, settings, url):
    response = oembed(client, url.replace("{site}", settings.SITE_URL))
    assert response.status_code == 404
    assert response.json()["message"]


@pytest.mark.parametrize("number", ["", "-5", "0", "x", "9" * 40, "٣٠٠"])
def test_odd_sizes_are_ignored(post: Post, client: Client, settings, number):
    answer = oembed(client, settings.SITE_URL + post.path, maxwidth=number, maxheight=number).json()
    assert 220 <= answer["width"] <= 550
    assert answer["height"] >= 100


def test_oembed_speaks_json_only(post: Post, client: Client, settings):
    assert oembed(client, settings.SITE_URL + post.path, format="xml").status_code == 400
    assert oembed(client, settings.SITE_URL + post.path, format="json").status_code == 200


def test_a_page_names_its_oembed_and_it_works(post: Post, client: Client):
    html = client.get(post.path).content.decode()
    address = html.split('type="application/json+oembed" href="')[1].split('"')[0]
    assert client.get(address.replace("&amp;", "&")).json()["url"].endswith(post.path)
    assert 'property="og:title"' in html


def test_the_menu_leads_to_the_code(post: Post, client: Client, bob: Member):
    client.force_login(bob)
    assert f'href="/posts/{post.pk}/embed"' in client.get(f"/posts/{post.pk}/menu").content.decode()
    page = client.get(f"/posts/{post.pk}/embed").content.decode()
    assert "&lt;iframe" in page
    assert "<!doctype" in page.lower()
    dialog = client.get(f"/posts/{post.pk}/embed", headers={"HX-Request": "true"}).content.decode()
    assert "<dialog" in dialog
    assert "<!doctype" not in dialog.lower()


def test_a_name_cannot_break_out_of_the_code(client: Client, settings):
    member = make_member("mallory", display_name='"><script>alert(1)</script>')
    post = make_post(member)
    assert "<script" not in oembed(client, settings.SITE_URL + post.path).json()["html"]


def test_a_content_warning_covers_the_post_in_a_frame(alice: Member, client: Client):
    post = make_post(alice, "The butler did it", content_warning="Spoiler")
    html = client.get(f"/embed/posts/{post.pk}").content.decode()
    assert html.index("<details") < html.index("Spoiler") < html.index("butler")


def test_previews_and_feeds_show_pictures_at_lasting_addresses(alice: Member, client: Client, settings):
    def written(**options: Any) -> Post:
        return make_post(alice, "Look", media=(upload_attachment(by=alice, file=picture()).pk,), **options)

    post = written()
    address = f"{settings.SITE_URL}/posts/{post.pk}/picture.jpg"
    html = client.get(post.path).content.decode()
    assert f'property="og:image" content="{address}"' in html
    assert 'content="summary_large_image"' in html
    assert f"{address}?n=1" in client.get("/feed.atom").content.decode()
    assert client.get(f"{address.removeprefix(settings.SITE_URL)}?n=1").status_code == 200
    covered = written(content_warning="Spiders")
    assert "picture.jpg" not in client.get(covered.path).content.decode()


def test_a_frame_shows_the_card_of_a_link(alice: Member, bob: Member, client: Client, settings):
    post = make_post(alice, f"Follow {settings.SITE_URL}/@bob")
    assert "Bob (@bob)" in client.get(f"/embed/posts/{post.pk}").content.decode()
