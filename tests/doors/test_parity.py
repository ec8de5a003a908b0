"""Check that liking, following and posting do and refuse the same through forms, fragments and the API."""

import pytest
from django.core.cache import cache
from django.utils.html import escape

from posts.actions import delete_post, hold_post, remove_post, write_post
from posts.models import Bookmark, Like, Post, PostRevision, Repost, Vote
from social.actions import follow_member
from social.models import Follow
from tests.doors.doors import DONE, DOORS, FORBIDDEN, INVALID, NOT_FOUND, SIGN_IN
from tests.factories import make_member, make_post


@pytest.fixture(params=DOORS, ids=lambda door: door.name)
def door(request):
    """Return an entry point to open with `door(alice)`, or with `door(None)` for a visitor."""
    cache.clear()
    return request.param


def says(answer, sentence: str) -> bool:
    """Return whether the sentence is in the response, as HTML or JSON."""
    return sentence in answer.said or escape(sentence) in answer.said


# --- Like --------------------------------------------------------------------------------------------------


def test_liking_is_idempotent(door, alice, bob):
    post = make_post(alice)
    for _ in range(2):
        assert door(bob).like(post).outcome == DONE
    post.refresh_from_db()
    assert (post.likes_count, Like.objects.filter(post=post, member=bob).count()) == (1, 1)


def test_unliking_is_idempotent(door, alice, bob, carol):
    post = make_post(alice)
    door(carol).like(post)
    door(bob).like(post)
    for _ in range(2):
        assert door(bob).unlike(post).outcome == DONE
    post.refresh_from_db()
    assert post.likes_count == 1


def test_bookmarking_is_idempotent(door, alice, bob):
    post = make_post(alice)
    for _ in range(2):
        assert door(bob).bookmark(post).outcome == DONE
    assert Bookmark.objects.filter(post=post, member=bob).count() == 1


def test_voting_is_idempotent(door, alice, bob):
    post = make_post(alice, poll={"options": ["Red", "Green"]})
    for _ in range(2):
        assert door(bob).vote(post, 1).outcome == DONE
    assert list(Vote.objects.values_list("option__index", "member")) == [(1, bob.pk)]
    assert door(bob).vote(post, 5).outcome == INVALID


def test_reposting_and_undoing_it_are_idempotent(door, alice, bob):
    post = make_post(alice)
    for act, number in (("repost", 1), ("undo_repost", 0)):
        for _ in range(2):
            assert getattr(door(bob), act)(post).outcome == DONE
        post.refresh_from_db()
        assert (post.reposts_count, Repost.objects.filter(post=post, member=bob).count()) == (number, number)


@pytest.mark.parametrize("visibility", ["followers", "mentioned"])
def test_posts_that_not_everyone_can_see_cannot_be_reposted(door, alice, bob, visibility):
    follow_member(member=alice, by=bob)
    post = make_post(alice, "For @bob", visibility=visibility)
    for member in (alice, bob):
        answer = door(member).repost(post)
        assert answer.outcome == FORBIDDEN
        assert says(answer, "Only posts that everyone can see can be reposted.")
    assert not Repost.objects.exists()


@pytest.mark.parametrize("hidden", ["pending", "held", "removed", "deleted", "of nobody"])
@pytest.mark.parametrize("act", ["like", "unlike", "bookmark", "vote", "repost", "undo_repost"])
def test_hidden_posts_cannot_be_reacted_to(door, alice, bob, hidden, act):
    post = hidden_post(alice, hidden)
    assert getattr(door(bob), act)(post).outcome == NOT_FOUND
    assert not Like.objects.exists()
    assert not Bookmark.objects.exists()
    assert not Repost.objects.exists()


@pytest.mark.parametrize("act", ["like", "unlike", "bookmark", "vote", "repost", "undo_repost"])
def test_a_visitor_is_asked_to_sign_in_before_reacting(door, alice, act):
    post = make_post(alice)
    assert getattr(door(None), act)(post).outcome == SIGN_IN
    assert not Like.objects.exists()


# --- Follow ------------------------------------------------------------------------------------------------


def test_following_is_idempotent_everywhere(door, alice, bob):
    for _ in range(2):
        assert door(bob).follow(alice).outcome == DONE
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.followers_count, bob.following_count, Follow.objects.count()) == (1, 1, 1)


def test_unfollowing_is_idempotent_everywhere(door, alice, bob, carol):
    follow_member(member=alice, by=carol)
    follow_member(member=alice, by=bob)
    for _ in range(2):
        assert door(bob).unfollow(alice).outcome == DONE
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.followers_count, bob.following_count) == (1, 0)


def test_following_yourself_is_refused(door, alice):
    answer = door(alice).follow(alice)
    assert answer.outcome == INVALID
    assert says(answer, "You can’t follow yourself.")
    assert not Follow.objects.exists()


def test_suspended_members_cannot_be_followed(door, alice, bob):
    alice.is_active = False
    alice.save()
    assert door(bob).follow(alice).outcome == NOT_FOUND
    assert not Follow.objects.exists()


def test_a_visitor_is_asked_to_sign_in_before_following(door, alice):
    assert door(None).follow(alice).outcome == SIGN_IN
    assert not Follow.objects.exists()


# --- Write -------------------------------------------------------------------------------------------------


def test_a_post_is_created_and_reviewed(door, alice, bob, deliver):
    assert door(alice).write("  Hello <b>#World</b> @bob\r\n ").outcome == DONE
    post = Post.objects.get()
    assert (post.author, post.text) == (alice, "Hello <b>#World</b> @bob")
    assert "&lt;b&gt;" in post.html
    assert [row.tag.name for row in post.tags.select_related("tag")] == ["world"]
    assert not Post.objects.visible_to(bob).exists()
    deliver()
    assert Post.objects.visible_to(bob).get() == post


def test_a_reply_has_its_parent(door, alice, bob):
    post = make_post(alice)
    assert door(bob).write("Yes", in_reply_to=post).outcome == DONE
    reply = Post.objects.get(author=bob)
    assert (reply.in_reply_to, reply.root_id) == (post, post.id)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", ""),
        (" \r\n\t ", ""),
        ("\u200b\u2060", "Write something first."),
        ("x" * 503, "3 characters"),
        ("😀" * 503, "3 characters"),
    ],
    ids=["empty", "blank", "nothing to see", "too long", "too long in any script"],
)
def test_invalid_posts_are_refused_with_a_message(door, alice, text, sentence):
    answer = door(alice).write(text)
    assert answer.outcome == INVALID
    assert says(answer, sentence)
    assert not Post.objects.exists()


def test_the_length_limit_counts_characters(door, alice):
    # Browsers count an emoji as two code units, and forms send line breaks as two characters.
    text = "😀" * 400 + "\r\n" + "é" * 99
    assert door(alice).write(text).outcome == DONE
    assert len(Post.objects.get().text) == 500


def test_a_post_sent_twice_is_created_once(door, alice):
    for _ in range(2):
        assert door(alice).write("Once", key="k-1").outcome == DONE
    assert Post.objects.count() == 1


@pytest.mark.parametrize("hidden", ["pending", "held", "removed", "deleted", "of nobody"])
def test_hidden_posts_cannot_be_replied_to_anywhere(door, alice, bob, hidden):
    post = hidden_post(alice, hidden)
    assert door(bob).write("Yes", in_reply_to=post).outcome == NOT_FOUND
    assert not Post.objects.filter(author=bob).exists()


def test_a_visitor_is_asked_to_sign_in_before_posting(door, db):
    assert door(None).write("Hello").outcome == SIGN_IN
    assert not Post.objects.exists()


# --- Edit and delete ---------------------------------------------------------------------------------------


def test_an_edit_saves_the_earlier_version(door, alice):
    post = make_post(alice, "Helo")
    assert door(alice).edit(post, "Hello").outcome == DONE
    post.refresh_from_db()
    assert post.text == "Hello"
    assert [old.text for old in PostRevision.objects.filter(post=post)] == ["Helo"]


def test_a_deleted_post_is_not_found(door, alice, bob):
    post = make_post(alice)
    assert door(alice).delete(post).outcome == DONE
    post.refresh_from_db()
    assert (post.state, post.text) == (Post.State.DELETED, "")
    assert door(alice).delete(post).outcome == NOT_FOUND


@pytest.mark.parametrize("act", ["edit", "delete"])
def test_only_the_author_can_change_a_post(door, alice, bob, act):
    post = make_post(alice)
    words = ["Mine now"] if act == "edit" else []
    assert getattr(door(bob), act)(post, *words).outcome == FORBIDDEN
    assert getattr(door(None), act)(post, *words).outcome == SIGN_IN
    post.refresh_from_db()
    assert (post.text, post.state) == ("Hello", Post.State.PUBLISHED)


def hidden_post(author, how):
    """Create a post of the author that is hidden from others in this way."""
    if how == "pending":
        return write_post(by=author, text="Hello")
    post = make_post(author)
    match how:
        case "held":
            hold_post(post=post, reason="Waits for a person.")
        case "removed":
            remove_post(post=post, reason="Rule 2")
        case "deleted":
            delete_post(post=post, by=author)
        case "of nobody":
            author.is_active = False
            author.save()
    return post


def test_hidden_posts_are_hidden(alice, bob):
    """The tests above rely on this."""
    author = make_member()
    for how in ("pending", "held", "removed", "deleted", "of nobody"):
        assert not Post.objects.visible_to(bob).filter(pk=hidden_post(author, how).pk).exists()
