import random

import pytest

from accounts.models import Member
from core.refusals import Forbidden, NotFound
from posts.actions import (
    bookmark_post,
    delete_post,
    hold_post,
    like_post,
    remove_post,
    repost_post,
    unbookmark_post,
    undo_repost,
    unlike_post,
    write_post,
)
from posts.models import Bookmark, Like, Post, Repost
from tests.factories import close, make_member, make_post
from tests.posts.conftest import at_once

pytestmark = pytest.mark.django_db

REACTIONS = [
    (like_post, unlike_post, Like, "likes_count"),
    (bookmark_post, unbookmark_post, Bookmark, "bookmarks_count"),
    (repost_post, undo_repost, Repost, "reposts_count"),
]
both = pytest.mark.parametrize(("do", "undo", "model", "counter"), REACTIONS)


def stored(post, counter):
    return Post.objects.values_list(counter, flat=True).get(pk=post.pk)


@both
def test_reacting_is_idempotent(alice, bob, do, undo, model, counter):
    post = make_post(alice)
    assert do(post=post, by=bob)
    assert not do(post=post, by=bob)
    assert stored(post, counter) == getattr(post, counter) == model.objects.count() == 1


@both
def test_undoing_a_reaction_restores_the_count(alice, bob, carol, do, undo, model, counter):
    post = make_post(alice)
    do(post=post, by=bob)
    do(post=post, by=carol)
    assert undo(post=post, by=bob)
    assert not undo(post=post, by=bob)
    assert not undo(post=post, by=alice)
    assert stored(post, counter) == getattr(post, counter) == 1
    assert model.objects.get().member == carol


def test_likes_and_unlikes_emit_events(alice, bob, emitted):
    post = make_post(alice)
    emitted()
    payload = {"post_id": post.id, "author_id": alice.id, "member_id": bob.id}
    like_post(post=post, by=bob)
    like_post(post=post, by=bob)
    assert emitted() == [("PostLiked", payload)]
    unlike_post(post=post, by=bob)
    unlike_post(post=post, by=bob)
    assert emitted() == [("PostUnliked", payload)]


def test_bookmarks_emit_no_events(alice, bob, emitted):
    post = make_post(alice)
    emitted()
    bookmark_post(post=post, by=bob)
    unbookmark_post(post=post, by=bob)
    assert emitted() == []


@both
def test_your_own_post_can_be_liked_and_bookmarked(alice, do, undo, model, counter):
    assert do(post=make_post(alice), by=alice)


@both
@pytest.mark.parametrize("state", [s for s in Post.State if s != Post.State.PUBLISHED])
def test_hidden_posts_cannot_be_liked_or_bookmarked(alice, bob, do, undo, model, counter, state, emitted):
    post = make_post(alice)
    Post.objects.filter(pk=post.pk).update(state=state)
    emitted()
    # The author can see it, but can’t react to an unpublished post either.
    for member in (bob, alice):
        with pytest.raises(NotFound):
            do(post=post, by=member)
    assert not model.objects.exists()
    assert stored(post, counter) == 0
    assert emitted() == []


@both
def test_posts_by_suspended_members_cannot_be_reacted_to(alice, bob, do, undo, model, counter):
    post = make_post(alice)
    alice.is_active = False
    alice.save()
    with pytest.raises(NotFound):
        do(post=post, by=bob)


@both
def test_suspended_members_cannot_react(alice, bob, do, undo, model, counter):
    post = make_post(alice)
    do(post=post, by=bob)
    as_it_was_when_the_request_came = Member.objects.get(pk=bob.pk)
    close(bob)
    for act in (do, undo):
        with pytest.raises(Forbidden):
            act(post=post, by=as_it_was_when_the_request_came)
    assert model.objects.filter(post=post).count() == 1
    assert stored(post, counter) == 0


@both
def test_reactions_to_posts_hidden_since_can_be_undone(alice, bob, do, undo, model, counter):
    post = make_post(alice)
    do(post=post, by=bob)
    hold_post(post=post, reason="x")
    assert undo(post=post, by=bob)
    assert stored(post, counter) == 0


@both
def test_reacting_to_a_deleted_post_is_not_found(alice, bob, do, undo, model, counter):
    post = make_post(alice)
    Post.objects.filter(pk=post.pk).delete()
    for act in (do, undo):
        with pytest.raises(NotFound):
            act(post=post, by=bob)


@pytest.mark.django_db(transaction=True)
@both
def test_concurrent_likes_by_eight_members_count_eight(alice, do, undo, model, counter):
    post = make_post(alice)
    members = [make_member() for _ in range(8)]
    results = at_once(*[lambda m=m: do(post=Post.objects.get(pk=post.pk), by=m) for m in members])
    assert results == [True] * 8, results
    assert stored(post, counter) == 8


@pytest.mark.django_db(transaction=True)
@both
def test_concurrent_likes_by_one_member_count_one(alice, bob, do, undo, model, counter):
    post = make_post(alice)
    results = at_once(*[lambda: do(post=Post.objects.get(pk=post.pk), by=bob)] * 8)
    assert sorted(results) == [False] * 7 + [True], results
    assert stored(post, counter) == 1
    results = at_once(*[lambda: undo(post=Post.objects.get(pk=post.pk), by=bob)] * 8)
    assert sorted(results) == [False] * 7 + [True], results
    assert stored(post, counter) == 0


@pytest.mark.django_db(transaction=True)
@both
def test_concurrent_likes_and_unlikes_keep_the_count_correct(alice, do, undo, model, counter):
    post = make_post(alice)
    members = [make_member() for _ in range(4)]
    chance = random.Random(5)

    def busy(member, acts):
        def run():
            for act in acts:
                act(post=Post.objects.get(pk=post.pk), by=member)

        return run

    results = at_once(*[busy(m, chance.choices([do, undo], k=8)) for m in members for _ in range(2)])
    assert results == [None] * 8, results
    assert stored(post, counter) == model.objects.filter(post=post).count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["delete", "remove"])
def test_likes_during_a_deletion_are_all_counted_or_deleted(alice, end):
    post = make_post(alice)
    members = [make_member() for _ in range(6)]
    for member in members[:2]:
        like_post(post=post, by=member)

    def finish():
        if end == "delete":
            return delete_post(post=Post.objects.get(pk=post.pk), by=alice)
        return remove_post(post=Post.objects.get(pk=post.pk), reason="x")

    def act(member):
        do = unlike_post if member in members[:2] else like_post
        return lambda: do(post=Post.objects.get(pk=post.pk), by=member)

    results = at_once(finish, *[act(member) for member in members])
    assert results[0] is True, results
    assert all(result in (True, False) or isinstance(result, NotFound) for result in results), results
    assert stored(post, "likes_count") == Like.objects.filter(post=post).count()
    if end == "delete":
        assert stored(post, "likes_count") == 0


def test_a_like_takes_few_queries(alice, bob, django_assert_max_num_queries):
    post = make_post(alice)
    with django_assert_max_num_queries(9):
        like_post(post=post, by=bob)


def test_authors_cannot_like_their_pending_posts(alice):
    post = write_post(by=alice, text="x")
    with pytest.raises(NotFound):
        like_post(post=post, by=alice)
