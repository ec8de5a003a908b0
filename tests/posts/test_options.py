"""The options of a post are cleaned, checked, kept and returned."""

import pytest
from django.test import Client

from accounts.models import Member
from core.refusals import Conflict, Invalid
from posts.actions import write_post
from posts.options import PostOptions

CHOSEN = {
    "content_warning": "Spoilers",
    "sensitive": True,
    "language": "de",
    "reply_policy": "followers",
    "quote_policy": "nobody",
}


def test_an_app_chooses_the_options_of_a_post(alice: Member, client: Client) -> None:
    client.force_login(alice)
    response = client.post("/api/posts", {"text": "Hello", **CHOSEN}, content_type="application/json")
    assert response.status_code == 201
    assert {name: response.json()[name] for name in CHOSEN} == CHOSEN


def test_the_form_chooses_the_options_of_a_post(alice: Member, client: Client) -> None:
    client.force_login(alice)
    given = {name: value for name, value in CHOSEN.items() if name != "language"}
    client.post("/posts", {"text": "Hello", **given, "sensitive": "on"})
    post = alice.posts.get()
    assert {name: getattr(post, name) for name in given} == given


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content_warning", "x" * 101),
        ("language", "german"),
        ("language", "d"),
        ("reply_policy", "nobody"),
        ("quote_policy", "mentioned"),
    ],
)
def test_a_wrong_option_is_refused_by_its_name(alice: Member, name: str, value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        write_post(by=alice, text="Hello", options=PostOptions.of({name: value}))
    assert refusal.value.fields is not None
    assert list(refusal.value.fields) == [name]
    assert not alice.posts.exists()


def test_a_content_warning_is_one_line(alice: Member) -> None:
    post = write_post(by=alice, text="Hello", options=PostOptions(content_warning=" The \n end "))
    assert post.content_warning == "The end"


def test_a_key_belongs_to_one_choice_of_options(alice: Member) -> None:
    write_post(by=alice, text="Hello", options=PostOptions(sensitive=True), idempotency_key="k")
    with pytest.raises(Conflict):
        write_post(by=alice, text="Hello", idempotency_key="k")
