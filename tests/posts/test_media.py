"""Pictures of posts: written, edited, deleted, shown."""

import re

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from core.refusals import Invalid
from media.actions import delete_discarded_files, upload_attachment
from media.models import Attachment
from posts.actions import delete_post, edit_post, write_post
from posts.erasing import erase_posts
from posts.models import Post
from posts.options import PostOptions
from search.actions import rebuild_database
from tests.factories import make_post
from tests.media.conftest import picture

pytestmark = pytest.mark.django_db


def ready(owner: Member, **fields: object) -> Attachment:
    """Create an attachment without the cost of a picture."""
    defaults = {"kind": "image", "state": "ready", "width": 1200, "height": 800}
    files = {name: f"attachments/{name}" for name in ("large.webp", "large.jpg", "small.webp", "small.jpg")}
    return Attachment.objects.create(owner=owner, **(defaults | {"files": files} | fields))


def with_pictures(author: Member, *pictures: Attachment, text: str = "Look") -> Post:
    return make_post(author, text, media=tuple(one.pk for one in pictures))


# --- Writing ---------------------------------------------------------------------------------------------------


def test_a_post_may_be_pictures_alone(alice: Member, client: Client) -> None:
    client.force_login(alice)
    one, two = ready(alice, alt="A cat"), ready(alice)
    given = {"media": [str(two.pk), str(one.pk)]}
    answer = client.post("/api/posts", given, content_type="application/json")
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert said["text"] == ""
    assert [(each["id"], each["alt"]) for each in said["media"]] == [
        (str(two.pk), ""),
        (str(one.pk), "A cat"),
    ]
    assert Post.objects.get().media_count == 2
    assert Post.objects.get().attachments.count() == 2


def test_a_reply_may_be_pictures_alone(alice: Member, bob: Member, client: Client) -> None:
    client.force_login(alice)
    path, given = f"/api/posts/{make_post(bob).pk}/comments", {"media": [str(ready(alice).pk)]}
    assert client.post(path, given, content_type="application/json").status_code == 201
    assert client.post(path, {}, content_type="application/json").status_code == 422


def test_a_post_needs_a_text_or_a_picture(alice: Member, client: Client) -> None:
    client.force_login(alice)
    for given in ({}, {"text": " "}, {"text": "", "media": []}):
        answer = client.post("/api/posts", given, content_type="application/json")
        assert answer.status_code == 422
        assert list(answer.json()["fields"]) == ["text"]


def test_the_form_takes_pictures_in_order(alice: Member, client: Client) -> None:
    client.force_login(alice)
    one, two = ready(alice), ready(alice)
    answer = client.post("/posts", {"text": "", "media": [two.pk, one.pk]}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert re.findall(r'id="alt-|data-gallery="(\d+)" data-count="(\d)"', answer.content.decode()) == [
        (str(Post.objects.get().pk), "2")
    ]
    assert list(Post.objects.get().attachments.order_by("position")) == [two, one]


@pytest.mark.parametrize("media", [["x"], ["1", "-1"], [str(2**63)]])
def test_what_is_no_id_is_refused(alice: Member, client: Client, media: list[str]) -> None:
    client.force_login(alice)
    answer = client.post("/api/posts", {"text": "Hi", "media": media}, content_type="application/json")
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["media"]
    form = client.post("/posts", {"text": "Hi", "media": media}, headers={"HX-Request": "true"})
    assert form.status_code == 422
    assert not Post.objects.exists()


def test_a_picture_of_someone_else_makes_no_post(alice: Member, bob: Member) -> None:
    theirs = ready(bob)
    with pytest.raises(Invalid) as refusal:
        write_post(by=alice, text="Mine", options=PostOptions(media=(theirs.pk,)))
    assert refusal.value.fields is not None
    assert list(refusal.value.fields) == ["media"]
    assert not Post.objects.exists()


def test_a_request_that_is_sent_twice_writes_one_post(alice: Member) -> None:
    options = PostOptions(media=(ready(alice).pk,))
    first, again = (
        write_post(by=alice, text="", options=options, idempotency_key="one") for _twice in range(2)
    )
    assert first.pk == again.pk


# --- Editing ---------------------------------------------------------------------------------------------------


def test_an_edit_of_the_text_keeps_the_pictures(alice: Member, client: Client) -> None:
    post = with_pictures(alice, ready(alice, alt="A cat"))
    client.force_login(alice)
    answer = client.patch(f"/api/posts/{post.pk}", {"text": ""}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["text"], len(answer.json()["media"])) == ("", 1)
    client.post(f"/posts/{post.pk}/edit", {"text": "Words"})
    post.refresh_from_db()
    assert (post.text, post.media_count) == ("Words", 1)


def test_an_edit_of_the_pictures_keeps_the_text_and_is_in_the_history(alice: Member, client: Client) -> None:
    one, two = ready(alice, alt="A cat"), ready(alice)
    post = with_pictures(alice, one)
    client.force_login(alice)
    address = f"/api/posts/{post.pk}"
    said = client.patch(address, {"media": [str(two.pk)]}, content_type="application/json").json()
    assert (said["text"], [each["id"] for each in said["media"]]) == ("Look", [str(two.pk)])
    assert said["edited_at"]
    earlier = client.get(f"{address}/history").json()
    assert [each["media"] for each in earlier] == [[{"id": str(one.pk), "kind": "image", "alt": "A cat"}]]
    assert "A cat" in client.get(f"/posts/{post.pk}/history").content.decode()
    assert Attachment.objects.unattached().filter(pk=one.pk).exclude(unattached_since=None).exists()


def test_an_edit_without_a_change_changes_nothing(alice: Member) -> None:
    one = ready(alice)
    post = with_pictures(alice, one)
    assert not edit_post(post=post, by=alice, text="Look", media=[one.pk])
    assert not edit_post(post=post, by=alice)
    assert not post.revisions.exists()


def test_the_form_removes_all_pictures_only_if_it_says_so(alice: Member, client: Client) -> None:
    post = with_pictures(alice, ready(alice))
    client.force_login(alice)
    client.post(f"/posts/{post.pk}/edit", {"text": "One"})
    post.refresh_from_db()
    assert post.media_count == 1
    client.post(f"/posts/{post.pk}/edit", {"text": "Two", "media": ""})
    post.refresh_from_db()
    assert (post.media_count, post.attachments.count()) == (0, 0)


def test_a_post_cannot_lose_both_its_text_and_its_pictures(alice: Member) -> None:
    post = with_pictures(alice, ready(alice), text="")
    with pytest.raises(Invalid):
        edit_post(post=post, by=alice, media=[])
    assert post.attachments.count() == 1


# --- Deleting --------------------------------------------------------------------------------------------------


def test_a_deleted_post_takes_its_files_along(alice: Member, client: Client) -> None:
    made = upload_attachment(by=alice, file=picture())
    post = with_pictures(alice, made)
    client.force_login(alice)
    address = client.get(f"/api/posts/{post.pk}").json()["media"][0]["url"]
    assert client.get(address).status_code == 200
    delete_post(post=post, by=alice)
    assert client.get(address).status_code == 404
    delete_discarded_files()
    assert not any(storages["private"].exists(name) for name in made.files.values())
    post.refresh_from_db()
    assert post.media_count == 0


def test_an_erased_account_leaves_no_pictures(alice: Member) -> None:
    post = with_pictures(alice, ready(alice))
    erase_posts(alice.pk)
    post.refresh_from_db()
    assert (post.media_count, Attachment.objects.count()) == (0, 0)


# --- Showing ---------------------------------------------------------------------------------------------------


def test_a_card_has_sizes_a_placeholder_and_the_description(alice: Member, client: Client) -> None:
    made = upload_attachment(by=alice, file=picture(size=(3000, 1500)), alt='A "red" <wall>', focus=(1, -1))
    post = with_pictures(alice, made)
    page = client.get(post.get_absolute_url()).content.decode()
    assert 'width="600" height="300"' in page
    assert 'alt="A &quot;red&quot; &lt;wall&gt;"' in page
    assert 'class="pic fx4 fy4"' in page
    assert 'class="pic-hint" src="data:image/png;base64,' in page
    assert 'type="image/webp"' in page
    assert page.count("css/media.css") == 1
    assert "style=" not in page.split('class="gallery"')[1].split("</ul>")[0]


def test_sensitive_pictures_are_covered(alice: Member, client: Client) -> None:
    post = make_post(alice, "Look", media=(ready(alice).pk,), sensitive=True)
    page = client.get(post.get_absolute_url()).content.decode()
    assert '<details class="veil">' in page


def test_a_page_asks_once_for_pictures_and_never_without(alice: Member, client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/@alice").status_code == 200
        return sum("media_attachment" in query["sql"] for query in queries)

    make_post(alice)
    assert asked() == 0
    with_pictures(alice, ready(alice))
    with_pictures(alice, ready(alice), ready(alice))
    assert asked() == 1
    # Each card brings the style sheet: the first one may be deleted while the others stay.
    assert client.get("/@alice").content.decode().count("css/media.css") == 2


def test_the_pictures_of_a_card_are_loaded_again(alice: Member, client: Client) -> None:
    post = with_pictures(alice, ready(alice))
    address = f"/posts/{post.pk}/media"
    assert client.get(address).status_code == 302
    again = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert again.lstrip().startswith('<ul class="gallery"')
    delete_post(post=post, by=alice)
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 404


def test_nobody_gets_the_pictures_of_a_post_that_they_cannot_see(
    alice: Member, bob: Member, client: Client
) -> None:
    post = make_post(alice, "Look", media=(ready(alice).pk,), visibility="followers")
    client.force_login(bob)
    for address in (f"/posts/{post.pk}/media", f"/api/posts/{post.pk}"):
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 404


def test_a_lasting_address_works_for_public_posts_only(alice: Member, client: Client) -> None:
    made = upload_attachment(by=alice, file=picture())
    post = with_pictures(alice, made)
    address = f"/posts/{post.pk}/picture.jpg"
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers
    assert client.get(address + "?n=2").status_code == 404
    assert client.get(address + "?n=x").status_code == 404
    Post.objects.update(visibility="followers")
    client.force_login(alice)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("fault", [OSError("full"), EndpointConnectionError(endpoint_url="http://s3")])
def test_a_storage_that_is_away_is_said_in_a_sentence(
    alice: Member, client: Client, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    made = upload_attachment(by=alice, file=picture())
    post = with_pictures(alice, made)
    client.force_login(alice)
    address = client.get(f"/api/posts/{post.pk}").json()["media"][0]["url"]

    def away(*_args: object, **_more: object) -> None:
        raise fault

    monkeypatch.setattr(storages["private"], "_open", away)
    monkeypatch.setattr(storages["private"], "_save", away)
    assert client.get(address).status_code == 503
    answer = client.post("/api/media", {"file": SimpleUploadedFile("a.jpg", picture().read())})
    assert answer.status_code == 503
    assert "Try again" in answer.json()["message"]
    assert Attachment.objects.count() == 1


def test_a_profile_lists_posts_with_media(alice: Member, bob: Member, client: Client) -> None:
    make_post(alice, "Words alone")
    post = with_pictures(alice, ready(alice, alt="A cat"), ready(alice))
    covered = make_post(alice, "Boo", media=(ready(alice, alt="A ghost").pk,), sensitive=True)
    make_post(alice, "Hidden", media=(ready(alice).pk,), visibility="followers")
    said = client.get(f"/api/users/{alice.pk}/media").json()
    assert [each["id"] for each in said["items"]] == [str(covered.pk), str(post.pk)]
    page = client.get("/@alice/media").content.decode()
    assert page.count('class="media-cell"') == 2
    assert 'alt="A cat"' in page
    assert "A ghost" not in page
    assert "No media yet" in client.get("/@bob/media").content.decode()


def test_a_search_can_be_limited_to_posts_with_media(alice: Member, client: Client) -> None:
    shown, words = with_pictures(alice, ready(alice), text="Morning hills"), make_post(alice, "Morning words")
    rebuild_database()

    def found(query: str) -> set[str]:
        return {post["id"] for post in client.get("/api/search/posts", {"q": query}).json()["items"]}

    assert found("morning") == {str(shown.id), str(words.id)}
    assert found("morning has:media") == found("HAS:media from:alice") == {str(shown.id)}
    assert found("has:media") == set()
