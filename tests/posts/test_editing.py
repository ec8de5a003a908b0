"""An edit changes all that a post says, and its history shows what it said before."""

import re

import pytest
from django.test import Client

from accounts.models import Member
from core.refusals import Invalid
from posts.actions import edit_post
from posts.models import Post
from tests.factories import make_post
from tests.posts.test_media import ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(alice: Member) -> Post:
    """Create a post with everything."""
    pictures = (ready(alice, alt="A cat"), ready(alice, alt=""))
    return make_post(
        alice, "Guten Morgen zusammen, wie geht es euch?", content_warning="Cats", sensitive=True,
        media=tuple(one.pk for one in pictures), poll={"options": ["Good", "Bad"]},
    )  # fmt: skip


def ids(post: Post) -> list[str]:
    return [str(pk) for pk in post.attachments.order_by("position").values_list("pk", flat=True)]


def patched(client: Client, post: Post, **given: object) -> dict:
    client.force_login(post.author)
    answer = client.patch(f"/api/posts/{post.id}", given, content_type="application/json")
    assert answer.status_code == 200, answer.content
    post.refresh_from_db()
    return answer.json()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "Good evening"),
        ("content_warning", ""),
        ("media_alts", ["A tomcat", "A dog"]),
        ("media", []),
        ("poll", {"options": ["Good", "Bad", "So so"]}),
        ("poll", None),
    ],
)
def test_whatever_a_post_says_has_a_history_and_is_reviewed_again(
    name: str, value: object, post: Post, client: Client, emitted
) -> None:
    emitted()
    before = post.words
    patched(client, post, **{name: value})
    assert post.words != before
    assert post.edit_unreviewed
    assert [name for name, _ in emitted()].count("PostEdited") == 1
    [earlier] = client.get(f"/api/posts/{post.id}/history").json()
    assert (earlier["text"], earlier["content_warning"]) == (
        "Guten Morgen zusammen, wie geht es euch?",
        "Cats",
    )
    assert [one["alt"] for one in earlier["media"]] == ["A cat", ""]
    assert earlier["poll"] == ["Good", "Bad"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"language": "en-GB"}, ("en-GB", True)),
        ({"language": None}, ("de", True)),
        ({"sensitive": False}, ("de", False)),
        ({}, ("de", True)),
        ({"content_warning": "Cats", "media_alts": ["A cat", ""]}, ("de", True)),
    ],
)
def test_what_says_nothing_else_makes_no_version(
    given: dict, expected: tuple, post: Post, client: Client
) -> None:
    said = patched(client, post, **given)
    assert (said["language"], said["sensitive"]) == expected
    assert not post.revisions.exists()
    assert post.edited_at is None


def test_one_edit_changes_everything_at_once(post: Post, client: Client) -> None:
    first, second = ids(post)
    said = patched(
        client, post, text="Good evening", content_warning="Dogs", media=[second, first], media_alts=["A dog", ""],
        language="", sensitive=False, poll={"options": ["Yes", "No"]},
    )  # fmt: skip
    assert [one["alt"] for one in said["media"]] == ["A dog", ""]
    assert post.words == "Dogs\nGood evening\nYes\nNo\nA dog"
    assert post.revisions.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"media_alts": ["A cat"]}, "media_alts"),
        ({"content_warning": "x" * 101}, "content_warning"),
        ({"language": "xx"}, "language"),
        ({"poll": {"options": ["One"]}}, "poll"),
    ],
)
def test_a_refused_edit_changes_nothing(given: dict, field: str, post: Post) -> None:
    words = post.words
    with pytest.raises(Invalid) as refusal:
        edit_post(post=post, by=post.author, **{"text": "Something else", **given})
    assert list(refusal.value.fields or ()) == [field]
    post.refresh_from_db()
    assert post.words == words
    assert not post.revisions.exists()


# --- The form --------------------------------------------------------------------------------------------------------


def fields_of(html: str) -> list[tuple[str, str]]:
    """Return the names and values that a browser would send."""
    form = html[html.index("data-composer") :]
    found = re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"(?![^>]*type="checkbox")', form)
    return [(name, value) for name, value in found if name != "csrfmiddlewaretoken"]


def test_the_form_shows_and_changes_everything(post: Post, client: Client) -> None:
    client.force_login(post.author)
    html = client.get(f"/posts/{post.id}/edit?page").content.decode()
    sent = fields_of(html)
    for field in (("content_warning", "Cats"), ("poll_option", "Good"), ("poll_option", "Bad")):
        assert field in sent
    assert '<option value="de" lang="de" selected>' in html
    assert ">A cat</textarea>" in html
    second = ids(post)[1]
    given = {
        "text": "Good evening", "content_warning": "Dogs", "language": "en", "sensitive": "",
        "media": ["", second], "media_alts": ["A cat", "A dog"], "poll_option": ["Good", "Bad"],
    }  # fmt: skip
    answer = client.post(f"/posts/{post.id}/edit", given)
    assert answer.status_code == 302
    post.refresh_from_db()
    assert post.words == "Dogs\nGood evening\nGood\nBad\nA dog"
    assert (post.language, post.sensitive, ids(post)) == ("en", False, [second])


def test_a_refused_form_keeps_what_was_entered(post: Post, client: Client) -> None:
    client.force_login(post.author)
    given = {"text": "x" * 501, "content_warning": "Dogs", "language": "fr", "media_alts": ["A dog", "B"]}
    answer = client.post(f"/posts/{post.id}/edit?page", given)
    html = answer.content.decode()
    assert answer.status_code == 422
    for part in (
        'value="Dogs"',
        '<option value="fr" lang="fr" selected>',
        ">A dog</textarea>",
        "1 character too long",
    ):
        assert part in html


def test_a_form_without_a_field_leaves_it(post: Post, client: Client) -> None:
    client.force_login(post.author)
    client.post(f"/posts/{post.id}/edit", {"text": "Good evening"})
    post.refresh_from_db()
    assert (post.text, post.content_warning, post.sensitive) == ("Good evening", "Cats", True)
    assert (len(ids(post)), post.poll_text) == (2, "Good\nBad")


def test_the_history_covers_each_version_by_its_warning(post: Post, bob: Member, client: Client) -> None:
    edit_post(post=post, by=post.author, text="Good evening", content_warning="", media=[])
    post.edit_unreviewed = False
    post.revisions.update(unreviewed=False)
    client.force_login(bob)
    html = client.get(f"/posts/{post.id}/history").content.decode()
    [covered] = re.findall(r'<details class="filtered warned">.*?</details>', html, re.DOTALL)
    for part in ("Cats", "Guten Morgen", "A cat", "Good"):
        assert part in covered
    assert "Good evening" in html.replace(covered, "")


def test_what_pictures_show_is_muted_and_deleted_with_the_post(post: Post) -> None:
    from posts.actions import delete_post

    assert "A cat" in post.words
    delete_post(post=post, by=post.author)
    post.refresh_from_db()
    assert post.words == ""


@pytest.mark.parametrize("name", ["visibility", "in_reply_to", "quote_of", "reply_policy", "quote_policy"])
def test_the_form_refuses_what_an_edit_does_not_change(name: str, post: Post, client: Client) -> None:
    client.force_login(post.author)
    answer = client.post(f"/posts/{post.id}/edit", {"text": "Other words", name: "everyone"})
    assert 400 <= answer.status_code < 500
    assert not post.revisions.exists()
    assert Post.objects.get(pk=post.pk).text == post.text
