"""Atom feeds of public posts."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Member
from posts.actions import delete_post, edit_post
from posts.models import Post
from tests.factories import close, make_member, make_post

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ["/feed.atom", "/@alice/feed.atom", "/tags/bread/feed.atom"]


def entries(client: Client, path: str) -> list[ET.Element]:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ET.fromstring(response.content).findall(f"{ATOM}entry")


def text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_shows_public_posts_newest_first(alice: Member, client: Client, path: str):
    first = make_post(alice, "First #bread <b>")
    second = make_post(alice, "Second #bread\nwith a line")
    for visibility in ("unlisted", "followers", "mentioned"):
        make_post(alice, f"Not here #bread {visibility}", visibility=visibility)
    make_post(alice, "Waiting #bread", published=False)
    found = entries(client, path)
    assert [text(entry, "title") for entry in found] == ["Second #bread with a line", "First #bread <b>"]
    assert [text(entry, "id") for entry in found] == [
        f"{settings.SITE_URL}/posts/{post.pk}" for post in (second, first)
    ]
    assert found[0].find(f"{ATOM}link").get("href") == f"{settings.SITE_URL}{second.path}"  # type: ignore[union-attr]
    summary = text(found[0], "summary")
    assert f'href="{settings.SITE_URL}/tags/bread"' in summary
    assert "<br>with a line" in summary
    assert "&lt;b&gt;" in text(found[1], "summary")
    assert found[0].findtext(f"{ATOM}author/{ATOM}name") == "Alice"


def test_a_content_warning_covers_the_post(alice: Member, client: Client):
    make_post(alice, "The butler did it", content_warning="Spoiler")
    feed = client.get("/feed.atom").content.decode()
    assert "Spoiler" in feed
    assert "butler" not in feed


def test_replies_and_posts_of_private_and_closed_accounts_are_in_no_feed(
    alice: Member, bob: Member, client: Client
):
    make_post(bob, "A reply #bread", in_reply_to=make_post(alice, "Mine"))
    make_post(make_member("shy", is_private=True), "Private #bread")
    gone = make_member("gone")
    make_post(gone, "Gone #bread")
    close(gone)
    assert [text(entry, "title") for entry in entries(client, "/feed.atom")] == ["Mine"]
    assert entries(client, "/@bob/feed.atom") == []
    assert entries(client, "/@shy/feed.atom") == []
    assert client.get("/@gone/feed.atom").status_code == 404
    assert client.get("/@nobody/feed.atom").status_code == 404
    assert client.get("/tags/nothing/feed.atom").status_code == 404


@pytest.mark.parametrize("path", FEEDS)
def test_an_unchanged_feed_is_not_sent_again(alice: Member, client: Client, path: str):
    post = make_post(alice, "First #bread")
    make_post(alice, "Second #bread")
    response = client.get(path)
    assert response["Cache-Control"] == "public, no-cache"
    same = client.get(path, headers={"If-None-Match": response["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert client.get(path, headers={"If-Modified-Since": response["Last-Modified"]}).status_code == 304
    edit_post(post=post, by=alice, text="Other #bread")
    assert client.get(path, headers={"If-None-Match": response["ETag"]}).status_code == 200
    changed = client.get(path)["ETag"]
    delete_post(post=post, by=alice)
    assert client.get(path, headers={"If-None-Match": changed}).status_code == 200


def test_an_empty_feed_stays_the_same(alice: Member, client: Client):
    assert client.get("/@alice/feed.atom")["ETag"] == client.get("/@alice/feed.atom")["ETag"]


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_the_same_for_members_and_sets_no_cookie(alice: Member, client: Client, path: str):
    make_post(alice, "For all #bread")
    make_post(alice, "For followers #bread", visibility="followers")
    as_guest = client.get(path)
    Member.objects.filter(pk=alice.pk).update(language="de")
    client.force_login(alice)
    as_alice = client.get(path)
    assert as_alice.content == as_guest.content
    assert not as_alice.cookies


def test_characters_that_xml_cannot_contain_are_left_out(alice: Member, client: Client):
    make_post(alice, "Odd \ufffe\uffff end")
    Member.objects.filter(pk=alice.pk).update(bio="\uffff")
    assert text(entries(client, "/@alice/feed.atom")[0], "title") == "Odd  end"


def test_pages_name_their_feeds(alice: Member, client: Client):
    make_post(alice, "#bread")
    for page, feed in (
        ("/@alice", FEEDS[1]),
        ("/tags/bread", FEEDS[2]),
        ("/", FEEDS[0]),
        ("/explore", FEEDS[0]),
    ):
        assert 'type="application/atom+xml" title=' in client.get(page).content.decode()
        assert f'href="{feed}"' in client.get(page).content.decode()
    Member.objects.filter(pk=alice.pk).update(is_private=True)
    assert "atom+xml" not in client.get("/@alice").content.decode()


def test_a_feed_takes_few_queries(alice: Member, client: Client, django_assert_max_num_queries):
    for number in range(5):
        make_post(alice, f"Post {number} #bread")
    assert Post.objects.count() == 5
    for path in FEEDS:
        with django_assert_max_num_queries(3):
            client.get(path)
