import json
from datetime import timedelta

import pytest
from django.contrib.auth.views import redirect_to_login
from django.test import Client
from django.utils import timezone

from core.ids import MAX_ID
from posts.actions import (
    bookmark_post,
    delete_post,
    edit_post,
    hold_post,
    publish_post,
    remove_post,
    write_post,
)
from posts.models import Bookmark, Like, Post
from posts.templatetags.posts import like_label, reply_label
from social.actions import block_member, mute_member
from tests.factories import make_member, make_post
from tests.posts.conftest import HTMX

pytestmark = pytest.mark.django_db
GERMAN = {"accept-language": "de"}


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def as_bob(bob):
    client = Client()
    client.force_login(bob)
    return client


def text_of(response):
    return response.content.decode()


# --- Writing -----------------------------------------------------------------------------------------------


def test_without_scripts_the_form_redirects_to_the_new_post(as_alice, alice):
    response = as_alice.post("/posts", {"text": "Hello"})
    post = Post.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/@alice/{post.id}"
    assert "In review." in text_of(as_alice.get(response["Location"]))


def test_without_scripts_a_reply_redirects_to_its_place_in_the_thread(as_alice, bob):
    parent = make_post(bob)
    response = as_alice.post("/posts", {"text": "Hello", "in_reply_to": parent.id})
    reply = Post.objects.get(in_reply_to=parent)
    assert response["Location"] == f"/@bob/{parent.id}#post-{reply.id}"


def test_the_toast_says_that_the_post_is_in_review_and_its_outcomes(as_alice):
    key = {"text": "Hello", "idempotency_key": "k1"}
    toast = json.loads(as_alice.post("/posts", key, headers=HTMX)["HX-Trigger"])["toast"]
    post = Post.objects.get()
    assert toast["text"] == "Sent for review."
    assert toast["post"] == str(post.id)
    assert toast["outcomes"] == {"published": "Posted.", "held": "Held for review."}
    reply = as_alice.post("/posts", {"text": "More", "in_reply_to": post.id}, headers=HTMX)
    assert json.loads(reply["HX-Trigger"])["toast"]["outcomes"]["published"] == "Reply sent."
    # When the form is sent again, the review may have finished.
    publish_post(post=post)
    again = json.loads(as_alice.post("/posts", key, headers=HTMX)["HX-Trigger"])["toast"]
    assert again["text"] == "Posted."
    assert "outcomes" not in again


def test_a_post_in_review_for_long_says_that_a_moderator_will_review_it(as_alice, alice):
    post = write_post(by=alice, text="Hello")
    soon, later = "Others will see it once it’s approved.", "A moderator will review it before others see it."
    page = text_of(as_alice.get(post.path))
    assert soon in page
    assert later not in page
    Post.objects.filter(pk=post.pk).update(created_at=timezone.now() - timedelta(minutes=13))
    page = text_of(as_alice.get(post.path))
    assert soon not in page
    assert later in page
    # An edit is reviewed again.
    edit_post(post=post, by=alice, text="Hello again")
    assert soon in text_of(as_alice.get(post.path))


def test_a_reply_to_your_own_pending_post_names_you(as_alice, as_bob, alice):
    post = write_post(by=alice, text="Hello")
    reply = write_post(by=alice, text="And more", in_reply_to=post)
    assert "Replying to @alice" in text_of(as_alice.get(f"/posts/{reply.id}/card"))
    assert "isn’t available" not in text_of(as_alice.get(reply.path))
    hold_post(post=post, reason="Hm.")
    assert "Replying to @alice" in text_of(as_alice.get(f"/posts/{reply.id}/card"))
    publish_post(post=reply)
    others = text_of(as_bob.get(f"/posts/{reply.id}/card"))
    assert "Replying to a post that isn’t available" in others
    assert str(post.id) not in others
    delete_post(post=post, by=alice)
    assert "Replying to a post that was deleted" in text_of(as_alice.get(f"/posts/{reply.id}/card"))


def test_with_scripts_the_response_has_an_empty_composer_and_the_card(as_alice):
    response = as_alice.post("/posts?list=timeline", {"text": "Hello <b>"}, headers=HTMX)
    post = Post.objects.get()
    html = text_of(response)
    assert response.status_code == 200
    assert '<hx-partial hx-target="#timeline" hx-swap="afterbegin">' in html
    assert f'id="post-{post.id}"' in html
    assert "Hello &lt;b&gt;" in html
    assert 'id="composer"' in html
    assert "</textarea>" in html
    assert "Hello &lt;b&gt;</textarea>" not in html
    assert '"toast"' in response["HX-Trigger"]


def test_a_quick_reply_returns_its_card_only(as_alice, bob):
    parent = make_post(bob)
    form = as_alice.get(f"/posts/{parent.id}/reply", headers=HTMX)
    assert f'value="{parent.id}"' in text_of(form)
    response = as_alice.post("/posts?list=quick", {"text": "Hi", "in_reply_to": parent.id}, headers=HTMX)
    assert "composer" not in text_of(response)
    assert "<article" in text_of(response)


@pytest.mark.parametrize("text", ["", "   ", "x" * 501])
def test_an_invalid_post_returns_the_form_with_an_error(as_alice, text):
    for options in ({}, {"headers": HTMX}):
        response = as_alice.post("/posts", {"text": text}, **options)
        assert response.status_code == 422
        assert 'role="alert"' in text_of(response)
        if text.strip():
            assert text in text_of(response)
    assert not Post.objects.exists()


def test_an_unknown_list_falls_back_to_the_timeline(as_alice):
    response = as_alice.post('/posts?list="><script>', {"text": "x"}, headers=HTMX)
    assert 'hx-target="#timeline"' in text_of(response)
    assert "<script>" not in text_of(response)


def test_a_form_sent_twice_creates_one_post_and_with_another_text_a_second(as_alice):
    for _ in range(2):
        as_alice.post("/posts", {"text": "Hello", "idempotency_key": "k"})
    assert Post.objects.count() == 1
    as_alice.post("/posts", {"text": "Goodbye", "idempotency_key": "k"})
    assert Post.objects.count() == 2


@pytest.mark.parametrize("parent", ["0", "-1", "x", str(MAX_ID), str(2**70), "1.5"])
def test_a_reply_to_a_missing_post_is_refused(as_alice, parent):
    response = as_alice.post("/posts", {"text": "x", "in_reply_to": parent}, headers=HTMX)
    assert response.status_code in (404, 422)
    assert not Post.objects.exists()


def test_pending_posts_cannot_be_replied_to_by_others(as_bob, alice):
    post = write_post(by=alice, text="x")
    assert as_bob.post("/posts", {"text": "x", "in_reply_to": post.id}).status_code == 404


def test_the_compose_page_is_prefilled(as_alice):
    html = text_of(as_alice.get("/compose", {"text": "</textarea><script>x"}))
    assert "&lt;/textarea&gt;&lt;script&gt;x</textarea>" in html
    assert "hx-post=" not in html.split('id="compose"')[1].split(">")[0]


# --- Guests ------------------------------------------------------------------------------------------------


def test_guests_are_asked_to_sign_in(client, alice):
    post = make_post(alice)
    for path in ("/compose", "/bookmarks", f"/posts/{post.id}/edit", f"/posts/{post.id}/delete"):
        response = client.get(path)
        assert response.status_code == 302, path
        assert "/accounts/login/" in response["Location"]
    for path in (
        "/posts",
        *(f"/posts/{post.id}/{verb}" for verb in ("like", "unlike", "bookmark", "edit", "delete")),
    ):
        assert client.post(path, {"text": "x"}).status_code == 302, path
        assert client.post(path, {"text": "x"}, headers=HTMX).status_code == 401, path
    assert Post.objects.count() == 1
    assert not Like.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "place"),
    [
        ("post", "/posts/{id}/like", "/@alice/{id}#like-button-{id}"),
        ("post", "/posts/{id}/bookmark", "/@alice/{id}#bookmark-button-{id}"),
        ("get", "/posts/{id}/reply", "/@alice/{id}#reply-text"),
        ("post", "/@alice/follow", "/@alice#follow-button-{author}"),
    ],
)
def test_signing_in_returns_guests_to_the_post_or_profile_they_acted_on(client, alice, method, path, place):
    post = make_post(alice)
    names = {"id": post.id, "author": alice.id}
    path, place = path.format(**names), place.format(**names)
    expected = redirect_to_login(place).url
    page = "http://testserver/explore"
    assert getattr(client, method)(path, headers={"Referer": page})["Location"] == expected
    by_script = getattr(client, method)(path, headers={**HTMX, "HX-Current-URL": page})
    assert (by_script.status_code, by_script["HX-Redirect"]) == (401, expected)
    # Signing in redirects there, without doing what they had asked for.
    alice.set_password("correct horse battery")
    alice.save()
    answer = client.post(expected, {"login": "alice", "password": "correct horse battery", "next": place})
    assert answer["Location"] == place
    assert not Like.objects.exists()


def test_hidden_and_missing_posts_redirect_guests_to_the_same_place(client, alice):
    held = make_post(alice)
    hold_post(post=held, reason="Hm.")
    page = "http://testserver/explore"
    for post_id in (held.id, held.id + 1):
        answer = client.post(f"/posts/{post_id}/like", headers={"Referer": page})
        assert answer["Location"] == "/accounts/login/?next=/explore"


def test_guests_can_read_published_posts(client, alice):
    post = make_post(alice, "Hello")
    for path in (post.path, f"/posts/{post.id}/card", f"/posts/{post.id}/history", f"/posts/{post.id}/menu"):
        assert client.get(path).status_code == 200
    html = text_of(client.get(post.path))
    assert "Sign in" in html
    assert "data-composer" not in html


def test_every_change_needs_a_csrf_token(alice, bob):
    post = make_post(bob)
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    for path in ("/posts", *(f"/posts/{post.id}/{verb}" for verb in ("like", "bookmark", "edit", "delete"))):
        assert client.post(path, {"text": "x"}).status_code == 403


def test_get_requests_change_nothing(as_alice, alice):
    post = make_post(alice)
    for verb in ("like", "unlike", "bookmark", "unbookmark"):
        assert as_alice.get(f"/posts/{post.id}/{verb}").status_code == 405
    as_alice.get(f"/posts/{post.id}/delete")
    assert Post.objects.get(pk=post.pk).is_published


# --- Threads -----------------------------------------------------------------------------------------------


def test_the_post_page_has_metadata(client, alice, settings):
    settings.SITE_URL = "https://kith.example"
    post = make_post(alice, 'Hello "world" <b>')
    html = text_of(client.get(post.path))
    assert f'<link rel="canonical" href="https://kith.example{post.path}">' in html
    assert '<meta name="robots" content="index' in html
    assert '<meta property="og:description" content="Hello &quot;world&quot; &lt;b&gt;">' in html


def test_posts_that_are_not_public_are_noindex(as_alice, alice):
    post = write_post(by=alice, text="Hello")
    html = text_of(as_alice.get(post.path))
    assert '<meta name="robots" content="noindex">' in html
    assert "og:description" not in html


def test_a_wrong_username_in_the_url_redirects(client, alice, bob):
    post = make_post(alice)
    for name in ("bob", "ALICE", "nobody"):
        response = client.get(f"/@{name}/{post.id}")
        assert response["Location"] == f"/@alice/{post.id}"
    assert client.get(f"/posts/{post.id}")["Location"] == f"/@alice/{post.id}"


@pytest.mark.parametrize("number", ["1", str(MAX_ID), str(MAX_ID + 1), "9" * 40])
def test_missing_posts_are_not_found(as_alice, number):
    for path in (
        f"/@alice/{number}",
        f"/posts/{number}",
        f"/posts/{number}/history",
        f"/posts/{number}/menu",
    ):
        assert as_alice.get(path).status_code == 404
    assert as_alice.post(f"/posts/{number}/like").status_code == 404


def test_hidden_posts_are_not_found_on_any_page(as_bob, client, alice, bob):
    pending, held, removed, deleted = (make_post(alice) for _ in range(4))
    Post.objects.filter(pk=pending.pk).update(state=Post.State.PENDING)
    hold_post(post=held, reason="x")
    remove_post(post=removed, reason="x")
    delete_post(post=deleted, by=alice)
    for post in (pending, held, removed, deleted):
        for path in (post.path, *(f"/posts/{post.id}{end}" for end in ("", "/card", "/history", "/menu"))):
            assert as_bob.get(path).status_code == client.get(path).status_code == 404, path
        for end in ("reply", "edit", "delete"):
            assert as_bob.get(f"/posts/{post.id}/{end}").status_code == 404
        for end in ("like", "unlike", "bookmark", "unbookmark", "edit", "delete"):
            fields = {"text": "x"} if end == "edit" else {}
            assert as_bob.post(f"/posts/{post.id}/{end}", fields).status_code == 404
    assert not Like.objects.exists()
    assert not Bookmark.objects.exists()


def test_authors_can_read_why_a_post_was_removed(as_alice, alice):
    post = make_post(alice)
    remove_post(post=post, reason="It names <a> private address.")
    html = text_of(as_alice.get(post.path))
    assert "Removed by a moderator" in html
    assert "It names &lt;a&gt; private address." in html
    assert f"/posts/{post.id}/edit" not in text_of(as_alice.get(f"/posts/{post.id}/menu"))


def test_more_replies_are_a_fragment_or_a_page(client, alice):
    post = make_post(alice)
    replies = [make_post(alice, f"reply {i}", in_reply_to=post) for i in range(25)]
    first = text_of(client.get(post.path))
    assert f"post-{replies[19].id}" in first
    assert f"post-{replies[20].id}" not in first
    cursor = first.split("?cursor=")[1].split('"')[0]
    fragment = text_of(client.get(f"{post.path}?cursor={cursor}", headers=HTMX))
    page = text_of(client.get(f"{post.path}?cursor={cursor}"))
    for html in (fragment, page):
        assert f"post-{replies[20].id}" in html
        assert f"post-{replies[19].id}" not in html
    assert "<html" not in fragment
    assert "<html" in page


def test_an_invalid_cursor_is_refused(client, alice):
    assert client.get(make_post(alice).path, {"cursor": "nonsense"}).status_code == 422


def test_user_text_is_escaped_everywhere(as_alice, alice):
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    alice.display_name = evil
    alice.save()
    post = make_post(alice, f"{evil} https://example.com/{evil} #x{evil}")
    reply = make_post(alice, evil, in_reply_to=post)
    edit_post(post=post, by=alice, text=f"{evil} again")
    bookmark_post(post=post, by=alice)
    for path in (
        post.path, reply.path, "/bookmarks", f"/posts/{post.id}/edit", f"/posts/{post.id}/delete",
        f"/posts/{post.id}/history", f"/posts/{post.id}/menu", f"/posts/{post.id}/card",
    ):  # fmt: skip
        for headers in ({}, HTMX):
            html = text_of(as_alice.get(path, headers=headers))
            assert "<script>alert" not in html, path
            assert "<img src=x" not in html, path


# --- Reactions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "undo", "model", "button"),
    [("like", "unlike", Like, "like-button"), ("bookmark", "unbookmark", Bookmark, "bookmark-button")],
)
def test_a_button_returns_itself(as_alice, bob, verb, undo, model, button):
    post = make_post(bob)
    for _ in range(2):
        html = text_of(as_alice.post(f"/posts/{post.id}/{verb}", headers=HTMX))
        assert f'id="{button}-{post.id}"' in html
        assert 'aria-pressed="true"' in html
        assert f"/posts/{post.id}/{undo}" in html
        assert "<html" not in html
        assert model.objects.count() == 1
    for _ in range(2):
        html = text_of(as_alice.post(f"/posts/{post.id}/{undo}", headers=HTMX))
        assert 'aria-pressed="false"' in html
        assert f'formaction="/posts/{post.id}/{verb}"' in html
        assert not model.objects.exists()


def test_without_scripts_a_button_redirects_to_its_card(as_alice, bob):
    post = make_post(bob)
    response = as_alice.post(
        f"/posts/{post.id}/like", headers={"Referer": "http://testserver/explore?tab=people"}
    )
    assert response["Location"] == f"/explore?tab=people#post-{post.id}"
    response = as_alice.post(f"/posts/{post.id}/unlike", {"next": "https://evil.example/"})
    assert response["Location"] == f"{post.path}#post-{post.id}"


def test_bookmarks_are_private(as_alice, as_bob, alice, bob):
    post = make_post(bob, "Worth keeping")
    bookmark_post(post=post, by=alice)
    assert "Worth keeping" in text_of(as_alice.get("/bookmarks"))
    html = text_of(as_bob.get("/bookmarks"))
    assert "Worth keeping" not in html
    assert "No bookmarks yet" in html


@pytest.mark.parametrize("count", [5, 20])
def test_the_bookmarks_page_takes_a_fixed_number_of_queries(
    as_alice, alice, count, django_assert_max_num_queries
):
    for _ in range(count):
        bookmark_post(post=make_post(make_member()), by=alice)
    as_alice.get("/bookmarks")
    with django_assert_max_num_queries(7):
        as_alice.get("/bookmarks")


# --- Editing, deleting -------------------------------------------------------------------------------------


def test_editing_without_scripts(as_alice, alice):
    post = make_post(alice, "First")
    assert "First</textarea>" in text_of(as_alice.get(f"/posts/{post.id}/edit"))
    response = as_alice.post(f"/posts/{post.id}/edit", {"text": "Second"})
    assert response["Location"] == post.path
    html = text_of(as_alice.get(post.path))
    assert "Second" in html
    assert "Edited" in html
    history = text_of(as_alice.get(f"/posts/{post.id}/history"))
    assert history.index("Second") < history.index("First")


def test_editing_in_place(as_alice, alice):
    post = make_post(alice, "First")
    form = text_of(as_alice.get(f"/posts/{post.id}/edit", headers=HTMX))
    assert "<html" not in form
    assert f'hx-post="/posts/{post.id}/edit"' in form
    assert f'hx-get="/posts/{post.id}/card"' in form
    empty = as_alice.post(f"/posts/{post.id}/edit", {"text": " "}, headers=HTMX)
    assert empty.status_code == 422
    assert 'role="alert"' in text_of(empty)
    saved = as_alice.post(f"/posts/{post.id}/edit?focus", {"text": "Second"}, headers=HTMX)
    assert "post-focus" in text_of(saved)
    assert "Second" in text_of(saved)


def test_deleting_asks_and_redirects(as_alice, alice, bob):
    parent = make_post(bob)
    post, reply = make_post(alice, "Mine"), make_post(alice, in_reply_to=parent)
    page = text_of(as_alice.get(f"/posts/{post.id}/delete"))
    assert "Mine" in page
    assert "Delete this post?" in page
    assert as_alice.post(f"/posts/{post.id}/delete")["Location"] == "/@alice"
    assert as_alice.post(f"/posts/{reply.id}/delete")["Location"] == parent.path
    assert as_alice.post(f"/posts/{post.id}/delete").status_code == 404


def test_deleting_a_reply_never_redirects_to_a_hidden_parent(as_alice, alice, bob):
    parents = [make_post(bob), make_post(bob)]
    to_deleted, to_blocked = (make_post(alice, in_reply_to=parent) for parent in parents)
    delete_post(post=parents[0], by=bob)
    assert as_alice.post(f"/posts/{to_deleted.id}/delete")["Location"] == "/@alice"
    block_member(member=bob, by=alice)
    assert as_alice.post(f"/posts/{to_blocked.id}/delete")["Location"] == "/@alice"


def test_deleting_in_place_leaves_a_tombstone_and_on_its_page_redirects(as_alice, alice):
    post, other = make_post(alice), make_post(alice)
    assert "deleted by its author" in text_of(as_alice.post(f"/posts/{post.id}/delete", headers=HTMX))
    response = as_alice.post(f"/posts/{other.id}/delete?focus", headers=HTMX)
    assert response["HX-Redirect"] == "/@alice"


def test_posts_of_others_cannot_be_edited_or_deleted(as_bob, alice):
    post = make_post(alice, "Mine")
    for verb in ("edit", "delete"):
        assert as_bob.get(f"/posts/{post.id}/{verb}").status_code == 403
        fields = {"text": "Yours"} if verb == "edit" else {}
        assert as_bob.post(f"/posts/{post.id}/{verb}", fields).status_code == 403
    assert "edit" not in text_of(as_bob.get(f"/posts/{post.id}/menu", headers=HTMX))
    assert Post.objects.get(pk=post.pk).text == "Mine"


def test_the_history_needs_a_visible_post(client, alice):
    post = make_post(alice, "First")
    edit_post(post=post, by=alice, text="Second")
    assert "First" in text_of(client.get(f"/posts/{post.id}/history"))
    edit_post(post=post, by=alice, text="Third")
    assert "Second" not in text_of(client.get(f"/posts/{post.id}/history"))
    client.force_login(alice)
    assert "Only you can see this version" in text_of(client.get(f"/posts/{post.id}/history"))
    client.logout()
    hold_post(post=post, reason="x")
    assert client.get(f"/posts/{post.id}/history").status_code == 404


# --- German ------------------------------------------------------------------------------------------------


def test_a_thread_is_translated_into_german(as_alice, alice, bob):
    post = make_post(bob, "Moin")
    for _ in range(2):
        make_post(alice, "Hallo", in_reply_to=post)
    html = text_of(as_alice.get(post.path, headers=GERMAN))
    assert "<title>Bob: „Moin“" in html
    assert 'aria-label="Antworten, bisher 2"' in html
    assert 'aria-label="Gefällt mir, bisher 0-mal"' in html
    guests = text_of(Client().get(post.path, headers=GERMAN))
    assert "Melde dich an, um zu antworten." in guests


def test_the_number_of_muted_replies_is_translated(as_alice, alice, bob, carol):
    post = make_post(bob)
    mute_member(member=carol, by=alice)
    make_post(carol, in_reply_to=post)
    assert "1 reply you muted · Show" in text_of(as_alice.get(post.path))
    assert "1 stummgeschaltete Antwort · Anzeigen" in text_of(as_alice.get(post.path, headers=GERMAN))
    make_post(carol, in_reply_to=post)
    assert "2 replies you muted · Show" in text_of(as_alice.get(post.path))
    assert "2 stummgeschaltete Antworten · Anzeigen" in text_of(as_alice.get(post.path, headers=GERMAN))


def test_a_refusal_and_a_toast_are_translated(as_alice):
    refused = as_alice.post("/posts", {"text": "x" * 502}, headers=GERMAN)
    assert "Das ist 2 Zeichen zu lang." in text_of(refused)
    posted = as_alice.post("/posts", {"text": "Moin"}, headers=HTMX | GERMAN)
    assert json.loads(posted["HX-Trigger"])["toast"]["outcomes"]["published"] == "Veröffentlicht."


def test_button_labels_have_singular_and_plural() -> None:
    assert [like_label(0), like_label(1), like_label(2)] == ["Like, 0 likes", "Like, 1 like", "Like, 2 likes"]
    assert like_label(1284) == "Like, 1.3K likes"
    assert [reply_label(1), reply_label(3)] == ["Reply, 1 reply", "Reply, 3 replies"]
