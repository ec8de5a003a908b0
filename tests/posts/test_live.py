"""Live messages about posts, and who gets them."""

import pytest

from posts.actions import (
    delete_post,
    edit_post,
    hold_post,
    like_post,
    publish_post,
    remove_post,
    repost_post,
    restore_post,
    undo_repost,
    unlike_post,
    write_post,
)
from posts.consumers import PostStream
from posts.models import Post
from social.actions import set_private
from tests.factories import close, make_post, reopen

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch, django_capture_on_commit_callbacks):
    """Return a function that runs `act` and returns the live messages published on streams of posts."""
    facts = []
    monkeypatch.setattr("core.streams.broadcast", lambda stream, fact, **_: facts.append((stream, fact)))

    def run(act):
        facts.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return [(stream, fact) for stream, fact in facts if stream.startswith("post.")]

    return run


def counted(post, likes=0, replies=0, reposts=0):
    return (
        f"post.{post.id}",
        {"type": "post.counted", "id": str(post.id), "likes": likes, "replies": replies, "reposts": reposts},
    )


def test_like_counts_are_published(alice, bob, told):
    post = make_post(alice)
    assert told(lambda: like_post(post=post, by=bob)) == [counted(post, likes=1)]
    assert told(lambda: like_post(post=post, by=bob)) == []
    assert told(lambda: unlike_post(post=post, by=bob)) == [counted(post)]


def test_repost_counts_are_published(alice, bob, told):
    post = make_post(alice)
    assert told(lambda: repost_post(post=post, by=bob)) == [counted(post, reposts=1)]
    assert told(lambda: undo_repost(post=post, by=bob)) == [counted(post)]


@pytest.mark.parametrize("hide", [hold_post, remove_post])
def test_the_author_gets_the_decision_about_a_pending_post(alice, told, hide):
    post = write_post(by=alice, text="x")
    changed = (f"post.{post.id}", {"type": "post.changed", "id": str(post.id)})
    assert told(lambda: hide(post=post, reason="Hm.")) == [changed]
    assert told(lambda: hide(post=post, reason="Hm.")) == []


def test_reply_counts_are_published_with_the_reply(alice, bob, told):
    post = make_post(alice)
    reply = write_post(by=bob, text="x", in_reply_to=post)
    facts = told(lambda: publish_post(post=reply))
    assert counted(post, replies=1) in facts
    assert (f"post.{reply.id}", {"type": "post.changed", "id": str(reply.id)}) in facts
    assert counted(post) in told(lambda: delete_post(post=reply, by=bob))


def test_private_replies_publish_nothing(alice, bob, told):
    set_private(by=bob, private=True)
    post = make_post(alice)
    reply = write_post(by=bob, text="x", in_reply_to=post)
    for act in (
        lambda: publish_post(post=reply),
        lambda: hold_post(post=reply, reason="x"),
        lambda: restore_post(post=reply),
        lambda: delete_post(post=reply, by=bob),
    ):
        assert {stream for stream, _ in told(act)} <= {f"post.{reply.id}"}


def test_counts_are_published_when_an_account_closes_opens_or_turns_private(alice, bob, told):
    post, other = make_post(alice), make_post(alice)
    like_post(post=post, by=bob)
    like_post(post=other, by=bob)
    make_post(bob, in_reply_to=post)
    told(lambda: None)
    for act, likes, replies in (
        (lambda: close(bob), 0, 0),
        (lambda: reopen(bob), 1, 1),
        (lambda: set_private(by=bob, private=True), 1, 0),
        (lambda: set_private(by=bob, private=False), 1, 1),
    ):
        facts = told(act)
        assert counted(post, likes=likes, replies=replies) in facts
        assert counted(other, likes=likes) in facts


def test_an_edit_publishes_a_change(alice, told):
    post = make_post(alice)
    assert (f"post.{post.id}", {"type": "post.changed", "id": str(post.id)}) in told(
        lambda: edit_post(post=post, by=alice, text="new")
    )


@pytest.mark.parametrize("hide", [hold_post, remove_post])
def test_a_hidden_post_is_removed_from_all_pages_but_its_authors(alice, bob, told, hide):
    post = make_post(alice)
    [(stream, fact)] = [
        (s, f) for s, f in told(lambda: hide(post=post, reason="x")) if f["type"] == "post.hidden"
    ]
    assert stream == f"post.{post.id}"
    tell = PostStream()
    for viewer in (bob, None):
        assert tell.for_viewer(viewer, fact) == {"type": "post.hidden", "id": str(post.id)}
        assert tell.is_last(viewer, fact)
    assert tell.for_viewer(alice, fact) == {"type": "post.changed", "id": str(post.id)}
    assert not tell.is_last(alice, fact)
    assert any(f["type"] == "post.changed" for _, f in told(lambda: restore_post(post=post)))


def test_a_deleted_post_is_removed_from_all_pages(alice, bob, told):
    post = make_post(alice)
    [(_, fact)] = told(lambda: delete_post(post=post, by=alice))
    for viewer in (alice, bob, None):
        assert PostStream().for_viewer(viewer, fact) == {"type": "post.hidden", "id": str(post.id)}
        assert PostStream().is_last(viewer, fact)


def test_only_streams_of_visible_posts_can_be_subscribed_to(alice, bob, django_assert_num_queries):
    seen, waiting = make_post(alice), write_post(by=alice, text="x")
    like_post(post=seen, by=bob)
    keys = [str(seen.id), str(waiting.id), "1", "x", "9" * 30, "-1"]
    with django_assert_num_queries(1):
        allowed = PostStream().catch_up(bob, keys, None)
    assert allowed == {str(seen.id): [counted(seen, likes=1)[1]]}
    assert PostStream().catch_up(None, keys, None) == allowed
    assert PostStream().catch_up(alice, [str(waiting.id)], None) == {
        str(waiting.id): [{"type": "post.state", "id": str(waiting.id), "state": Post.State.PENDING}]
    }


def test_messages_for_everyone_are_passed_on(alice):
    fact = {"type": "post.counted", "id": "1", "likes": 1, "replies": 0}
    assert PostStream().for_viewer(alice, fact) is fact
    assert not PostStream().is_last(None, fact)
