"""A content warning covers the text wherever the post is shown; the language of a text is guessed and marked."""

import re

import pytest
from django.test import Client

from accounts.models import Member
from core.refusals import Invalid
from posts.actions import write_post
from posts.languages import guess_language, language_code
from posts.models import Post
from posts.options import PostOptions
from search.actions import rebuild_database
from social.actions import mute_word
from tests.factories import make_post

pytestmark = pytest.mark.django_db

WARNING, SECRET = "The last chapter", "the gardener did it"


@pytest.fixture
def warned(alice: Member, bob: Member) -> Post:
    post = make_post(alice, f"@bob so {SECRET}", content_warning=WARNING)
    rebuild_database()
    return post


@pytest.mark.parametrize(
    "path",
    ["/", "/@alice", "/@alice/{id}", "/posts/{id}/card", "/posts/{id}/card?focus", "/explore?tab=latest",
     "/search?q=gardener", "/posts/{id}/menu", "/posts/{id}/report", "/posts/{id}/repost", "/compose?quote={id}",
     "/embed/posts/{id}"],
)  # fmt: skip
def test_a_warning_covers_the_text_on_every_page(
    path: str, warned: Post, bob: Member, client: Client
) -> None:
    client.force_login(bob)
    client.post("/@alice/follow")
    html = client.get(path.format(id=warned.id)).content.decode()
    assert WARNING in html
    covered = re.findall(r'<details class="filtered warned">.*?</details>', html, re.DOTALL)
    assert html.count(SECRET) == sum(SECRET in cover for cover in covered) == 1


@pytest.mark.parametrize("path", ["/notifications", "/@alice/{id}"])
def test_what_cannot_be_opened_says_the_warning_alone(
    path: str, warned: Post, bob: Member, client: Client, deliver
) -> None:
    deliver()
    client.force_login(bob)
    html = client.get(path.format(id=warned.id)).content.decode()
    head = html if path == "/notifications" else html.partition("<body")[0]
    assert WARNING in head
    assert SECRET not in head


def test_a_warning_is_searched_and_muted_like_the_text(warned: Post, bob: Member, client: Client) -> None:
    client.force_login(bob)
    found = client.get("/api/search/posts?q=chapter").json()["items"]
    assert [post["id"] for post in found] == [str(warned.id)]
    mute_word(by=bob, text="chapter")
    assert client.get("/api/search/posts?q=gardener").json()["items"] == []


# --- Language --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "likely", "expected"),
    [
        ("Merci beaucoup pour cette soirée", "", "fr"),
        ("GOOD MORNING EVERYONE", "", "en"),
        ("日本語です", "", "ja"),
        ("Danke!", "de-AT", "de"),
        ("Danke!", "", ""),
        ("👍 https://example.org/danke @anna #danke", "de", ""),
    ],
)
def test_the_language_is_guessed(text: str, likely: str, expected: str) -> None:
    assert guess_language(text, likely=likely) == expected


@pytest.mark.parametrize(
    ("tag", "code"), [("pt-BR", "pt"), ("zh-Hans", "zh"), ("no", "nb"), ("xx", ""), ("", "")]
)
def test_a_language_is_known_by_its_first_part(tag: str, code: str) -> None:
    assert language_code(tag) == code


def test_the_language_that_the_author_chose_is_kept(alice: Member, client: Client) -> None:
    guessed = make_post(alice, "Guten Morgen zusammen, wie geht es euch heute?")
    chosen = make_post(alice, "Guten Morgen zusammen!", language="nl-BE")
    assert (guessed.language, chosen.language) == ("de", "nl-BE")


def test_the_text_of_a_card_has_its_language(alice: Member, client: Client) -> None:
    post = make_post(alice, "Guten Morgen zusammen, wie geht es euch heute?")
    html = client.get(f"/@alice/{post.id}").content.decode()
    assert f'<div class="post-text rich" dir="auto" lang="de">{post.html}' in html


def test_an_unknown_language_is_refused(alice: Member) -> None:
    with pytest.raises(Invalid):
        write_post(by=alice, text="Hello", options=PostOptions(language="xx"))


def test_a_search_can_be_limited_to_languages(alice: Member, client: Client) -> None:
    text = "Guten Morgen zusammen, wie geht es euch heute?"
    german, austrian, other = (make_post(alice, text, language=tag) for tag in (None, "de-AT", "nl"))
    rebuild_database()

    def found(query: str) -> set[str]:
        return {post["id"] for post in client.get("/api/search/posts", {"q": query}).json()["items"]}

    assert found("morgen lang:de") == {str(german.id), str(austrian.id)}
    assert found("lang:NL-BE from:alice") == {str(other.id)}
    assert found("morgen lang:de lang:nl") == {str(post.id) for post in (german, austrian, other)}
    assert found("morgen lang:xx") == set()
    assert found("lang:de") == set()


def test_the_composer_offers_languages_and_keeps_the_choice(alice: Member, client: Client) -> None:
    client.force_login(alice)
    fresh = client.get("/compose").content.decode()
    assert '<option value="" selected>Detect language</option>' in fresh
    assert '<option value="nb">' in fresh
    refused = client.post("/posts?list=none", {"text": "", "language": "nb"})
    assert refused.status_code == 422
    assert '<option value="nb" selected>' in refused.content.decode()


def test_a_warning_covers_what_is_quoted_and_a_quoted_warning_its_text(
    warned: Post, bob: Member, client: Client
) -> None:
    plain = make_post(bob, "Tomatoes for everyone")
    covering = make_post(bob, "Look", content_warning="Vegetables", quote_of=plain.id)
    quoting = make_post(bob, "Look", quote_of=warned.id)
    for post, secret in ((covering, "Tomatoes for everyone"), (quoting, SECRET)):
        html = client.get(f"/posts/{post.id}/card").content.decode()
        covered = re.findall(r'<details class="filtered warned">.*?</details>', html, re.DOTALL)
        assert html.count(secret) == sum(secret in cover for cover in covered) == 1
