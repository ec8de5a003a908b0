"""Quotes: who may quote, what a quote shows to whom, what it counts, and revoking."""

from typing import Any

import pytest

from accounts.models import Member
from core.counters import fix_all
from core.refusals import Forbidden, NotFound
from feed.queries.explore import latest_posts
from notifications.models import Notification
from posts.actions import (
    change_quote_policy,
    delete_post,
    edit_post,
    hold_post,
    publish_post,
    revoke_all_quotes,
    revoke_quote,
    write_post,
)
from posts.counters import COUNTERS
from posts.models import Post
from posts.options import PostOptions
from posts.queries import quotes_of
from posts.serializers import serialize_posts
from social.actions import block_member, follow_member, mute_member, mute_word, set_private
from tests.factories import close, make_member, make_post, reopen

pytestmark = pytest.mark.django_db
POLICY = Post.QuotePolicy


def quote(post: Post, by: Member, text: str = "Look", **options: Any) -> Post:
    return make_post(by, text, quote_of=post.pk, **options)


def shown(post: Post, viewer: Member | None) -> tuple[str, str]:
    """Return the text of the quoted post and the state, as JSON has them."""
    found = Post.objects.visible_to(viewer).with_card_fields().get(pk=post.pk)
    data = serialize_posts([found], viewer)[0]
    return (data["quote"]["text"] if data["quote"] else "", data["quote_state"])


def counted(post: Post) -> int:
    assert fix_all(COUNTERS) == 0
    post.refresh_from_db()
    return post.quotes_count


@pytest.mark.parametrize(
    ("policy", "who", "sentence"),
    [
        (POLICY.EVERYONE, "stranger", ""),
        (POLICY.FOLLOWERS, "follower", ""),
        (POLICY.FOLLOWERS, "author", ""),
        (POLICY.FOLLOWERS, "stranger", "Only followers of @alice can quote this post."),
        (POLICY.NOBODY, "author", ""),
        (POLICY.NOBODY, "follower", "@alice doesn’t allow quotes of this post."),
    ],
)
def test_the_author_decides_who_may_quote(client, alice, bob, carol, policy, who, sentence):
    by = {"author": alice, "follower": bob, "stranger": carol}[who]
    follow_member(member=alice, by=bob)
    post = make_post(alice, quote_policy=policy)
    client.force_login(by)
    assert client.get(f"/api/posts/{post.id}").json()["can_quote"] is not bool(sentence)
    answer = client.post("/api/posts", {"text": "Look", "quote_of": str(post.id)}, "application/json")
    assert answer.status_code == (403 if sentence else 201)
    page = client.get(f"/compose?quote={post.id}")
    assert page.status_code == (403 if sentence else 200)
    if sentence:
        assert answer.json()["message"] == sentence
    else:
        assert answer.json()["quote"]["id"] == str(post.id)
        assert f'name="quote_of" value="{post.id}"' in page.content.decode()


@pytest.mark.parametrize("visibility", ["followers", "mentioned"])
def test_only_what_everyone_can_see_can_be_quoted(alice, bob, visibility):
    follow_member(member=alice, by=bob)
    limited = make_post(alice, "For @bob", visibility=visibility)
    shy = make_member("shy", is_private=True)
    for post, by in ((limited, bob), (limited, alice), (make_post(shy), shy)):
        with pytest.raises(Forbidden, match="Only posts that everyone can see can be quoted"):
            quote(post, by)
    hidden = make_post(alice)
    hold_post(post=hidden, reason="x")
    for by in (alice, bob):
        with pytest.raises(NotFound):
            quote(hidden, by)


def test_a_quote_is_never_more_open_than_the_quoted_post(alice, bob):
    post = make_post(alice, "unlisted", visibility="unlisted")
    assert quote(post, bob, visibility="public").visibility == "unlisted"
    assert quote(post, bob, visibility="followers").visibility == "followers"
    assert latest_posts(None).items == []


def test_a_quote_shows_the_post_only_to_those_who_may_see_it(client, alice, bob, carol):
    post = make_post(alice, "the quoted words")
    by_bob = quote(post, bob)
    assert shown(by_bob, None) == shown(by_bob, carol) == ("the quoted words", "")
    block_member(member=carol, by=alice)
    assert shown(by_bob, carol) == ("", "hidden")
    set_private(by=alice, private=True)
    follow_member(member=alice, by=bob)
    assert shown(by_bob, None) == shown(by_bob, bob) == ("", "hidden")
    assert shown(by_bob, alice) == ("the quoted words", "")
    set_private(by=alice, private=False)
    hold_post(post=post, reason="x")
    assert shown(by_bob, None) == ("", "hidden")
    publish_post(post=post)
    assert shown(by_bob, None) == ("the quoted words", "")
    delete_post(post=post, by=alice)
    # Whoever is blocked doesn't learn that it was deleted.
    assert (shown(by_bob, None), shown(by_bob, carol)) == (("", "deleted"), ("", "hidden"))
    page = client.get(by_bob.path).content.decode()
    assert "This post isn’t available." in page
    assert str(post.id) not in page
    Post.objects.filter(pk=post.pk).delete()
    assert shown(by_bob, None) == ("", "deleted")


def test_revoking_one_quote_takes_the_post_out_of_it(client, alice, bob, carol):
    post = make_post(alice, "the quoted words")
    by_bob, by_carol = quote(post, bob), quote(post, carol)
    assert counted(post) == 2
    with pytest.raises(Forbidden):
        revoke_quote(post=post, quote_id=by_bob.pk, by=bob)
    with pytest.raises(NotFound):
        revoke_quote(post=post, quote_id=post.pk, by=alice)
    client.force_login(alice)
    assert "revoke-quote" in client.get(f"/posts/{by_bob.id}/menu").content.decode()
    card = client.post(f"/posts/{by_bob.id}/revoke-quote", headers={"HX-Request": "true"}).content.decode()
    assert "This post isn’t available." in card
    assert not revoke_quote(post=post, quote_id=by_bob.pk, by=alice)
    assert client.delete(f"/api/posts/{post.id}/quotes/{by_bob.id}").status_code == 204
    assert (counted(post), quotes_of(post, viewer=None).items) == (1, [by_carol])
    assert shown(by_bob, None) == shown(by_bob, alice) == ("", "revoked")
    block_member(member=carol, by=alice)
    assert shown(by_bob, carol) == ("", "hidden")
    client.force_login(bob)
    assert client.post(f"/posts/{by_carol.id}/revoke-quote").status_code == 403


def test_all_quotes_are_revoked_and_further_ones_refused(client, alice, bob, carol):
    post = make_post(alice)
    quotes = [quote(post, bob), quote(post, carol)]
    client.force_login(alice)
    assert "Revoke all quotes" in client.get(f"/posts/{post.id}/quoting").content.decode()
    assert client.post(f"/posts/{post.id}/quoting", {"quote_policy": "nobody"}).status_code == 302
    assert client.post(f"/posts/{post.id}/revoke-quotes").status_code == 302
    assert revoke_all_quotes(post=post, by=alice) == 0
    assert [shown(each, None)[1] for each in quotes] == ["revoked", "revoked"]
    assert counted(post) == 0
    with pytest.raises(Forbidden):
        quote(post, bob)
    answer = client.patch(f"/api/posts/{post.id}", {"quote_policy": "everyone"}, "application/json")
    assert answer.json()["quote_policy"] == "everyone"
    quote(post, bob)
    assert counted(post) == 1
    assert client.delete(f"/api/posts/{post.id}/quotes").status_code == 204
    assert counted(post) == 0
    with pytest.raises(Forbidden):
        change_quote_policy(post=post, by=bob, policy="nobody")


def test_quotes_are_counted_like_replies(alice, bob):
    post = make_post(alice)
    by_bob = quote(post, bob)
    quote(post, bob, visibility="followers")
    write_post(by=bob, text="waiting", options=PostOptions(quote_of=post.pk))
    assert counted(post) == 1
    close(bob)
    assert counted(post) == 0
    reopen(bob)
    bob.refresh_from_db()
    set_private(by=bob, private=True)
    assert counted(post) == 0
    set_private(by=bob, private=False)
    hold_post(post=by_bob, reason="x")
    assert counted(post) == 0
    publish_post(post=by_bob)
    assert counted(post) == 1
    revoke_quote(post=post, quote_id=by_bob.pk, by=alice)
    hold_post(post=by_bob, reason="x")
    publish_post(post=by_bob)
    assert counted(post) == 0
    other = quote(post, bob)
    assert counted(post) == 1
    delete_post(post=other, by=bob)
    assert counted(post) == 0
    other.refresh_from_db()
    assert (other.quote_of, other.is_quote) == (None, False)


def test_muted_authors_and_words_are_muted_in_quotes_too(client, alice, bob, carol):
    post = make_post(alice, "a spoiler")
    by_bob = quote(post, bob)
    client.force_login(carol)
    mute_member(member=alice, by=carol)
    assert "filtered" in client.get(f"/posts/{by_bob.id}/card").content.decode()
    assert by_bob in latest_posts(carol).items
    mute_word(by=carol, text="spoiler", act="hide")
    assert by_bob not in latest_posts(carol).items
    assert by_bob in latest_posts(alice).items


def test_the_author_is_notified_of_a_quote_once(client, alice, bob, deliver):
    post = make_post(alice)
    by_bob = quote(post, bob, "Look, @alice")
    deliver()
    told = Notification.objects.visible_to(alice)
    assert list(told.values_list("kind", "post")) == [("quote", by_bob.pk)]
    client.force_login(alice)
    assert "quoted your post" in client.get("/notifications").content.decode()
    delete_post(post=by_bob, by=bob)
    deliver()
    assert not told.exists()


def test_a_page_with_quotes_takes_one_query_more(client, alice, bob, django_assert_max_num_queries):
    post = make_post(alice)
    for n in range(5):
        make_post(bob, f"post {n}")
        quote(quote(post, bob), bob)
    client.force_login(bob)
    client.get("/")
    with django_assert_max_num_queries(9):
        page = client.get("/").content.decode()
    assert page.count('class="quoted"') == 10
    assert "Quotes another post" in page


def test_pages_with_quotes_refresh_when_the_post_changes(alice, bob, monkeypatch, deliver):
    facts = []
    monkeypatch.setattr("core.streams.broadcast", lambda stream, fact, **_: facts.append((stream, fact)))
    post = make_post(alice)
    by_bob = quote(post, bob)
    deliver()
    facts.clear()
    edit_post(post=post, by=alice, text="Other words")
    deliver()
    assert (f"post.{by_bob.id}", {"type": "post.changed", "id": str(by_bob.id)}) in facts
