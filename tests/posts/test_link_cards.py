"""Link cards: previews of the first link in a post."""

from __future__ import annotations

import io
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from core.outbound import Fetched, FetchError
from core.refusals import Forbidden
from posts import link_pages, tasks
from posts.actions import (
    delete_post,
    delete_unused_link_cards,
    edit_post,
    fetch_link_card,
    refresh_link_card,
    remove_link_card,
    states,
)
from posts.actions import links as actions
from posts.erasing import erase_posts
from posts.link_pages import Page, parse_page
from posts.models import LinkCard, Post
from posts.queries import link_cards
from posts.tasks import fetch_due_link_cards
from social.actions import block_member
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db

URL = "https://example.org/a"
PAGE = Page("A title", "What it is about", "Example", "", "")


@pytest.fixture(autouse=True)
def _on(settings):
    settings.LINK_CARDS = True


@pytest.fixture
def web(monkeypatch) -> dict[str, Page | FetchError | bytes]:
    """The web: pages and pictures by URL."""
    found: dict[str, Page | FetchError | bytes] = {URL: PAGE}
    asked: list[str] = []

    def read(url: str):
        asked.append(url)
        answer = found.get(url, FetchError("status 404", is_lasting=True))
        if isinstance(answer, FetchError):
            raise answer
        return answer

    monkeypatch.setattr(actions, "read_page", read)
    monkeypatch.setattr(actions, "read_picture", read)
    found["asked"] = asked  # type: ignore[assignment]
    return found


def picture(width: int = 600, height: int = 300) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def card_of(post: Post) -> Any:
    return Post.objects.select_related("link_card").get(pk=post.pk).link_card


def shown(post: Post, viewer=None):
    post = Post.objects.get(pk=post.pk)
    return link_cards([post], viewer).get(post.link_card_id or 0)


def test_the_first_link_of_a_post_gets_a_card_that_posts_share(alice, bob, web):
    post = make_post(alice, f"Look: {URL} and https://other.example/")
    other = make_post(bob, "https://EXAMPLE.org:443/a#part too")
    assert card_of(make_post(alice, "No link here")) is None
    card = card_of(post)
    assert card == card_of(other)
    assert shown(post) is None
    fetch_link_card(card_id=card.pk)
    preview = shown(post)
    assert (preview.url, preview.title, preview.description) == (URL, "A title", "What it is about")
    assert preview.host == "example.org"
    # Twice is once: it isn't due any more.
    fetch_link_card(card_id=card.pk)
    assert web["asked"] == [URL]


def test_the_job_is_sent_and_pages_are_told(alice, web, django_capture_on_commit_callbacks, monkeypatch):
    told = []

    def publish_changed(post_ids):
        # Of the card's job only: the post is published meanwhile, and says so itself.
        with monkeypatch.context() as watched:
            watched.setattr(states, "publish", lambda stream, message: told.append((stream, message["type"])))
            states.publish_changed(post_ids)

    monkeypatch.setattr(actions, "publish_changed", publish_changed)
    with django_capture_on_commit_callbacks(execute=True):
        post = make_post(alice, URL)
    assert shown(post).title == "A title"
    assert told == [(f"post.{post.pk}", "post.changed")]


def test_the_sweep_sends_what_was_lost(alice, web, django_capture_on_commit_callbacks):
    post = make_post(alice, URL)
    with django_capture_on_commit_callbacks(execute=True):
        fetch_due_link_cards()
    assert shown(post).title == "A title"


def test_a_machine_fetches_few_at_once_and_goes_on_with_those_that_wait(
    alice, web, django_capture_on_commit_callbacks
):
    web["https://example.org/b"] = PAGE
    waiting = [make_post(alice, URL), make_post(alice, "https://example.org/b")]
    with ExitStack() as busy:
        for _slot in range(actions.AT_ONCE):
            busy.enter_context(actions._slots.acquire(within=0))
        assert not fetch_link_card(card_id=card_of(waiting[0]).pk)
        assert web["asked"] == []
    with django_capture_on_commit_callbacks(execute=True):
        tasks.fetch_link_card(card_of(waiting[0]).pk)
    assert [shown(post).title for post in waiting] == ["A title", "A title"]


def test_a_picture_is_encoded_and_stored_by_us(alice, web):
    web[URL] = Page("A title", "", "", "https://cdn.example/p.png", "A teal square")
    web["https://cdn.example/p.png"] = picture()
    post = make_post(alice, URL)
    fetch_link_card(card_id=card_of(post).pk)
    preview = shown(post)
    assert preview.is_wide
    assert (preview.picture_width, preview.picture_height, preview.picture_alt) == (600, 300, "A teal square")
    name = card_of(post).picture.name
    with default_storage.open(name) as file, Image.open(file) as stored:
        assert (stored.format, stored.size) == ("WEBP", (600, 300))
    web["https://cdn.example/p.png"] = picture(200, 200)
    LinkCard.objects.update(is_wanted=True, due_at=timezone.now())
    fetch_link_card(card_id=card_of(post).pk)
    assert card_of(post).picture.name != name
    assert not shown(post).is_wide


@pytest.mark.parametrize("answer", [b"<svg onload=alert(1)>", b"", FetchError("too big", is_lasting=True)])
def test_a_bad_picture_leaves_a_card_without_one(alice, web, answer):
    web[URL] = Page("A title", "", "", "https://cdn.example/p.png", "")
    web["https://cdn.example/p.png"] = answer
    post = make_post(alice, URL)
    fetch_link_card(card_id=card_of(post).pk)
    assert (shown(post).title, shown(post).picture) == ("A title", "")


def test_failures_are_retried_and_then_remembered(alice, web):
    web[URL] = FetchError("no answer in time")
    post = make_post(alice, URL)
    card = card_of(post)
    for attempt in (1, 2, 3):
        LinkCard.objects.update(due_at=timezone.now())
        fetch_link_card(card_id=card.pk)
        card.refresh_from_db()
        assert (card.attempts, card.is_wanted) == (attempt, attempt < 3)
    assert (card.state, card.failure) == (LinkCard.State.EMPTY, "no answer in time")
    # Another post doesn't try again before the days are over.
    make_post(alice, URL)
    card.refresh_from_db()
    assert not card.is_wanted
    LinkCard.objects.update(fetched_at=timezone.now() - timedelta(days=8))
    web[URL] = PAGE
    make_post(alice, URL)
    fetch_link_card(card_id=card.pk)
    assert shown(post).title == "A title"


def test_a_page_that_always_ends_its_job_is_given_up(alice, web, monkeypatch):
    def fail(url):
        web["asked"].append(url)
        raise RuntimeError

    monkeypatch.setattr(actions, "read_page", fail)
    post = make_post(alice, URL)
    for _begun in range(actions.BEGINNINGS):
        LinkCard.objects.update(due_at=timezone.now())
        with pytest.raises(RuntimeError):
            fetch_link_card(card_id=card_of(post).pk)
    LinkCard.objects.update(due_at=timezone.now())
    fetch_link_card(card_id=card_of(post).pk)
    card = card_of(post)
    assert (card.is_wanted, card.state, card.failure) == (False, "empty", "given up")
    assert len(web["asked"]) == actions.BEGINNINGS


def test_a_page_that_is_not_there_is_asked_once(alice, web):
    post = make_post(alice, "https://example.org/gone")
    fetch_link_card(card_id=card_of(post).pk)
    assert card_of(post).state == LinkCard.State.EMPTY
    assert not card_of(post).is_wanted
    assert shown(post) is None


def test_an_old_card_that_fails_is_kept(alice, web):
    post = make_post(alice, URL)
    fetch_link_card(card_id=card_of(post).pk)
    LinkCard.objects.update(is_wanted=True, due_at=timezone.now(), attempts=0)
    web[URL] = FetchError("status 404", is_lasting=True)
    fetch_link_card(card_id=card_of(post).pk)
    assert shown(post).title == "A title"


def test_an_edit_and_a_deletion_change_the_card(alice, web):
    post = make_post(alice, URL)
    edit_post(post=post, by=alice, text="https://example.org/b")
    assert card_of(post).url == "https://example.org/b"
    edit_post(post=post, by=alice, text="No more")
    assert card_of(post) is None
    edit_post(post=post, by=alice, text=URL)
    delete_post(post=post, by=alice)
    assert card_of(post) is None


def test_an_erased_post_has_no_card(alice, web):
    post = make_post(alice, URL)
    erase_posts(alice.pk)
    assert card_of(post) is None


@pytest.mark.parametrize(
    "link", ["http://user:pw@example.org/", "http://example.org:22/", "http://localhost:9200/"]
)
def test_addresses_that_are_never_fetched_have_no_card(alice, link):
    assert card_of(make_post(alice, f"See {link}")) is None


def test_other_sites_can_be_switched_off(alice, bob, settings):
    settings.LINK_CARDS = False
    assert card_of(make_post(alice, URL)) is None
    assert shown(make_post(alice, f"{settings.SITE_URL}/@bob")).title == "Bob (@bob)"


# Links to the community's own pages


def test_a_link_to_a_post_shows_what_the_viewer_may_see_now(alice, bob, carol, settings, web):
    target = make_post(bob, "First words")
    post = make_post(alice, f"Read this {settings.SITE_URL}{target.path}")
    same = make_post(alice, f"{settings.SITE_URL}/posts/{target.pk}")
    assert card_of(post) == card_of(same)
    assert (shown(post).title, shown(post).description) == ("Bob (@bob)", "First words")
    assert shown(post).url == f"{settings.SITE_URL}{target.path}"
    edit_post(post=target, by=bob, text="Better words")
    assert shown(post, carol).description == "Better words"
    block_member(member=carol, by=bob)
    assert shown(post, carol) is None
    delete_post(post=target, by=bob)
    assert shown(post) is shown(post, alice) is None
    assert web["asked"] == []


@pytest.mark.parametrize(
    "options", [{"visibility": "followers"}, {"visibility": "mentioned"}, {"published": False}]
)
def test_a_link_to_a_post_that_guests_may_not_see_shows_nothing_to_anyone(alice, bob, settings, options):
    target = make_post(bob, "For few", **options)
    post = make_post(alice, f"{settings.SITE_URL}{target.path}")
    assert [shown(post, viewer) for viewer in (None, alice, bob)] == [None] * 3


def test_a_content_warning_covers_the_text_in_the_card(alice, bob, settings):
    target = make_post(bob, "The butler did it", content_warning="Spoiler")
    assert shown(make_post(alice, f"{settings.SITE_URL}{target.path}")).description == "Spoiler"


@pytest.mark.parametrize(
    "path", ["/", "/explore", "/@nobody", "/@nobody/1", "/posts/1", "/tags/x", "/%00", "/@a%2F", ""]
)
def test_other_own_pages_have_no_card_and_are_not_fetched(alice, settings, path):
    assert card_of(make_post(alice, f"See {settings.SITE_URL}{path} ok")) is None


# Where it is shown


def test_pages_and_the_api_show_the_card(alice, client: Client, web):
    web[URL] = Page('A "title" <b>', "About & more", "Example", "", "")
    post = make_post(alice, URL)
    fetch_link_card(card_id=card_of(post).pk)
    for path in (post.path, "/@alice", f"/posts/{post.pk}/card"):
        html = client.get(path).content.decode()
        assert 'rel="noopener nofollow ugc" target="_blank"' in html
        assert "A &quot;title&quot; &lt;b&gt;" in html
    card = client.get(f"/api/posts/{post.pk}").json()["link_card"]
    assert (card["url"], card["title"], card["site_name"]) == (URL, 'A "title" <b>', "Example")
    assert (card["picture"], card["post"], card["member"]) == ("", None, None)
    assert client.get(f"/api/posts/{make_post(alice).pk}").json()["link_card"] is None


def test_a_page_without_links_asks_nothing_and_with_links_once(
    alice, bob, settings, web, django_assert_num_queries
):
    plain = make_post(alice)
    posts = [
        make_post(alice, URL),
        make_post(alice, f"{settings.SITE_URL}/@bob"),
        make_post(alice, "https://b.example/"),
    ]
    with django_assert_num_queries(0):
        link_cards([plain], None)
    with django_assert_num_queries(1):
        link_cards([plain, *posts], bob)


# Moderators


def test_a_moderator_removes_a_card_and_has_it_fetched_again(alice, moderator, web):
    post = make_post(alice, URL)
    card = card_of(post)
    fetch_link_card(card_id=card.pk)
    with pytest.raises(Forbidden):
        remove_link_card(card=card, by=alice)
    assert remove_link_card(card=card, by=moderator)
    assert not remove_link_card(card=card, by=moderator)
    assert shown(post) is None
    LinkCard.objects.update(fetched_at=timezone.now() - timedelta(days=99))
    make_post(alice, URL)
    fetch_link_card(card_id=card.pk)
    assert web["asked"] == [URL]
    with pytest.raises(Forbidden):
        refresh_link_card(card=card, by=alice)
    refresh_link_card(card=card, by=moderator)
    fetch_link_card(card_id=card.pk)
    assert shown(post).title == "A title"


def test_a_card_removed_while_it_is_fetched_stays_removed(alice, moderator, web, monkeypatch):
    post = make_post(alice, URL)
    card = card_of(post)

    def read(url: str) -> Page:
        remove_link_card(card=card, by=moderator)
        return PAGE

    monkeypatch.setattr(actions, "read_page", read)
    fetch_link_card(card_id=card.pk)
    assert card_of(post).state == LinkCard.State.REMOVED


def test_the_admin_removes_and_refreshes(alice, client: Client, web):
    staff = make_member("staff", is_staff=True, is_superuser=True, is_moderator=True)
    card = card_of(make_post(alice, URL))
    client.force_login(staff)
    url = "/admin/posts/linkcard/"
    assert URL in client.get(url).content.decode()
    for action, state in (("remove", "removed"), ("refresh", "waiting")):
        client.post(url, {"action": action, "_selected_action": [card.pk]})
        card.refresh_from_db()
        assert card.state == state


def test_unused_cards_are_deleted_with_their_pictures(alice, web):
    web[URL] = Page("A title", "", "", "https://cdn.example/p.png", "")
    web["https://cdn.example/p.png"] = picture()
    used, post = make_post(alice, "https://example.org/used"), make_post(alice, URL)
    card = card_of(post)
    fetch_link_card(card_id=card.pk)
    name = card_of(post).picture.name
    delete_post(post=post, by=alice)
    assert delete_unused_link_cards() == 0
    LinkCard.objects.update(linked_at=timezone.now() - timedelta(days=2))
    assert delete_unused_link_cards() == 1
    assert not default_storage.exists(name)
    assert card_of(used) is not None


# What is read of a page


def parsed(html: str | bytes, charset: str = "") -> Page:
    body = html.encode() if isinstance(html, str) else html
    return parse_page(
        Fetched(url="https://example.org/dir/page", kind="text/html", charset=charset, body=body)
    )


def test_tags_are_read_in_their_order():
    page = parsed(
        """<title>Plain</title><meta name="description" content="Plain text"><meta name=twitter:title content=Tw>
        <META PROPERTY="OG:Title" CONTENT="  Open   graph\u202e "><meta property="og:image" content="/p.png">
        <meta property="og:image:alt" content="A picture"><meta property="og:site_name" content="Example">"""
    )
    assert page == Page("Open graph", "Plain text", "Example", "https://example.org/p.png", "A picture")
    assert parsed("<title>Plain &amp; simple</title>") == Page("Plain & simple", "", "", "", "")
    assert parsed("") == Page("", "", "", "", "")


def test_comments_and_scripts_are_no_tags():
    page = parsed(
        """<!-- <title>Old</title> --><script>x = "<meta property='og:title' content='Script'>"</script>
        <style><title>Style</style><svg><title>New</title></svg><!-- <meta name=description content=x>"""
    )
    assert page == Page("New", "", "", "", "")


def test_long_texts_are_cut_and_blank_ones_passed_over():
    long = f"<title>{'a' * 5000}</title><meta name=description content='{'b ' * 9000}'>"
    page = parsed(f"{long}<meta property=og:title content='\u200b'>")
    assert len(page.title) == 200
    assert page.title.endswith("…")
    assert len(page.description) <= 400


@pytest.mark.parametrize(
    "image",
    [
        "javascript:alert(1)",
        "data:image/png;base64,x",
        "http://[",
        "file:///x",
        "//a:1/p.png",
        "http://u:p@a/",
    ],
)
def test_odd_picture_addresses_are_ignored(image):
    assert parsed(f'<title>x</title><meta property="og:image" content="{image}">').picture == ""


@pytest.mark.parametrize(
    ("body", "charset", "title"),
    [
        ("<title>Grüße</title>".encode("latin-1"), "iso-8859-1", "Grüße"),
        ("<meta charset=windows-1251><title>Привет</title>".encode("cp1251"), "", "Привет"),
        ("<title>日本</title>".encode("shift_jis"), "Shift_JIS", "日本"),
        (b"\xef\xbb\xbf<title>Gr\xc3\xbc\xc3\x9fe</title>", "iso-8859-1", "Grüße"),
        ("<title>Grüße</title>".encode(), "unicode_escape", "Grüße"),
        ("<title>Grüße</title>".encode(), "idna", "Grüße"),
        ("<title>Grüße</title>".encode(), "../../x\0", "Grüße"),
        (b"<title>\xff\xfe\x00broken</title>", "utf-8", "\ufffd\ufffd\ufffdbroken"),
        ("<meta charset=rot13><title>Grüße</title>".encode(), "", "Grüße"),
    ],
)
def test_a_page_is_read_in_its_encoding(body, charset, title):
    assert parsed(body, charset).title == title


def test_huge_and_nested_pages_take_little_time():
    for filling in (
        "<div>",
        "<b><p>",
        "<meta name=a content=b>",
        "<!--",
        "<a b=c ",
        "<svg><math>",
        "<table><td>",
        "&amp;",
        "<script>",
        '<meta a=b" ><p><i>' + "<div>" * 790,
        "<title>",
    ):
        began = time.monotonic()
        parsed((filling * (link_pages.PAGE_MAX // len(filling) + 1))[: link_pages.PAGE_MAX])
        assert time.monotonic() - began < 2, filling
