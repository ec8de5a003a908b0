"""The composer’s page, dialog and options, and the choices that a refused form keeps."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from media.models import Attachment
from posts.actions import write_post
from posts.models import Post
from posts.options import PostOptions
from tests.factories import make_post
from tests.media.conftest import picture
from tests.posts.conftest import HTMX
from tests.posts.test_media import ready
from tests.posts.test_views import text_of


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


def options_of(html: str, name: str) -> list[str]:
    select = html.split(f'name="{name}">')[1].split("</select>")[0]
    return [part.split('"')[0] for part in select.split('value="')[1:]]


def chosen_of(html: str, name: str) -> str:
    select = html.split(f'name="{name}">')[1].split("</select>")[0]
    return next(part.split('"')[0] for part in select.split('value="') if " selected" in part)


def test_the_composer_offers_every_visibility_and_preselects_public(as_alice):
    html = text_of(as_alice.get("/compose"))
    assert options_of(html, "visibility") == ["public", "unlisted", "followers", "mentioned"]
    assert chosen_of(html, "visibility") == "public"
    assert chosen_of(html, "reply_policy") == "everyone"


@pytest.mark.parametrize(
    ("visibility", "offered"),
    [
        ("public", ["public", "unlisted", "followers", "mentioned"]),
        ("unlisted", ["unlisted", "followers", "mentioned"]),
        ("mentioned", ["mentioned"]),
    ],
)
def test_a_reply_is_offered_nothing_more_open_than_its_parent(as_alice, alice, visibility, offered):
    post = make_post(alice, visibility=visibility)
    html = text_of(as_alice.get(f"/posts/{post.id}/reply?page"))
    assert options_of(html, "visibility") == offered
    assert chosen_of(html, "visibility") == visibility


def test_a_reply_to_a_post_for_mentioned_members_begins_with_their_names(as_alice, alice, bob, carol):
    post = write_post(
        by=bob,
        text="Between us, @alice and @carol and @nobody_there",
        options=PostOptions(visibility="mentioned"),
    )
    Post.objects.filter(pk=post.pk).update(state="published")
    html = text_of(as_alice.get(f"/posts/{post.id}/reply", headers=HTMX))
    assert ">@bob @carol @nobody_there </textarea>" in html


def test_with_scripts_the_page_is_a_dialog_or_only_the_options(as_alice):
    assert text_of(as_alice.get("/compose", headers=HTMX)).strip().startswith("<dialog")
    options = text_of(as_alice.get("/compose?options", headers=HTMX))
    assert "<select" in options
    assert "<form" not in options


def test_a_refused_form_keeps_every_choice(as_alice):
    given = {
        "text": " ",
        "visibility": "followers",
        "reply_policy": "mentioned",
        "quote_policy": "nobody",
        "content_warning": "Spoilers & <more>",
        "poll_option": ["", "Pear", " ", "Plum"],
        "poll_expires_in": "3600",
        "poll_multiple": "on",
    }
    response = as_alice.post("/posts?list=dialog", given, headers=HTMX)
    assert response.status_code == 422
    html = text_of(response)
    for name in ("visibility", "reply_policy", "quote_policy", "poll_expires_in"):
        assert chosen_of(html, name) == given[name]
    assert 'value="Spoilers &amp; &lt;more&gt;"' in html
    assert '<details class="composer-part" data-part="warning" open>' in html
    assert '<details class="composer-part" data-part="poll" open>' in html
    assert re.findall(r'name="poll_option" value="(.*?)"', html) == ["Pear", "Plum", "", "", "", ""]
    assert 'name="poll_multiple" checked' in html
    assert 'id="compose-in-dialog"' in html


def test_the_choices_are_the_posts(as_alice, alice):
    as_alice.post("/posts", {"text": "Hi", "visibility": "unlisted", "content_warning": "Food"})
    post = alice.posts.get()
    assert (post.visibility, post.content_warning) == ("unlisted", "Food")


@pytest.mark.parametrize(("page", "cards"), [("/", 1), ("/?tab=for-you", 1), ("/explore", 0)])
def test_after_the_dialog_home_shows_the_card_and_other_pages_a_link(as_alice, page, cards):
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{page}"}
    response = as_alice.post("/posts?list=dialog", {"text": "Hi"}, headers=headers)
    assert text_of(response).count("<article") == cards
    assert ('"link":' in response["HX-Trigger"]) is (cards == 0)


# --- Files ------------------------------------------------------------------------------------------------------


def test_without_scripts_files_are_uploaded_with_the_form(as_alice, alice):
    file = SimpleUploadedFile("a.jpg", picture().read(), "image/jpeg")
    response = as_alice.post("/posts?list=none", {"text": "", "file_2": file, "file_alt_2": "A red field"})
    assert response.status_code == 302
    assert [each.alt for each in alice.posts.get().attachments.all()] == ["A red field"]


def test_a_refused_form_keeps_its_files_and_can_remove_them(as_alice, alice):
    file = SimpleUploadedFile("a.jpg", picture().read(), "image/jpeg")
    response = as_alice.post("/posts?list=none", {"text": "x" * 501, "file_1": file, "file_alt_1": "Red"})
    assert response.status_code == 422
    attachment = Attachment.objects.get()
    html = text_of(response)
    assert f'name="media" value="{attachment.id}"' in html
    assert ">Red</textarea>" in html
    assert 'name="file_3"' in html
    assert 'name="file_4"' not in html
    given = {
        "text": "Short",
        "media": [attachment.id],
        "media_alt": ["Red"],
        "media_removed": [attachment.id],
    }
    as_alice.post("/posts?list=none", given)
    assert alice.posts.get().attachments.count() == 0


def test_descriptions_are_saved_with_the_post_in_its_order(as_alice, alice):
    one, two = ready(alice, alt="Old"), ready(alice)
    given = {"text": "", "media": ["", two.id, one.id], "media_alt": ["Uploading", "Second", "New"]}
    as_alice.post("/posts", given)
    attachments = alice.posts.get().attachments.order_by("position")
    assert [(each.id, each.alt) for each in attachments] == [(two.id, "Second"), (one.id, "New")]


def test_a_file_of_someone_else_is_neither_described_nor_posted(as_alice, alice, bob):
    theirs = ready(bob, alt="Bob’s")
    response = as_alice.post("/posts", {"text": "Hi", "media": [theirs.id], "media_alt": ["Mine now"]})
    assert response.status_code == 422
    theirs.refresh_from_db()
    assert theirs.alt == "Bob’s"
    assert not theirs.post_id
    assert f'value="{theirs.id}"' not in text_of(response)


def test_the_same_form_sent_twice_is_one_post(as_alice, alice):
    one = ready(alice)
    given = {"text": "Once", "media": [one.id], "media_alt": ["A cat"], "idempotency_key": "k1"}
    assert [as_alice.post("/posts", given).status_code for _ in range(2)] == [302, 302]
    assert alice.posts.count() == 1


def test_a_file_that_is_no_picture_is_refused_with_the_form(as_alice):
    file = SimpleUploadedFile("a.jpg", b"not a picture", "image/jpeg")
    response = as_alice.post("/posts?list=none", {"text": "Kept", "file_1": file})
    assert response.status_code == 422
    assert "Kept</textarea>" in text_of(response)
