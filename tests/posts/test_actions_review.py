import pytest

from posts.actions import delete_post, hold_post, publish_post, remove_post, restore_post, write_post
from posts.models import Post
from tests.factories import make_post
from tests.posts.conftest import at_once

pytestmark = pytest.mark.django_db
State = Post.State


def names(emitted):
    return [name for name, _ in emitted()]


def counts(post):
    post.author.refresh_from_db()
    if post.in_reply_to is None:
        return post.author.posts_count
    post.in_reply_to.refresh_from_db()
    return post.author.posts_count, post.in_reply_to.replies_count


def test_publishing_shows_counts_and_emits(alice, bob, emitted):
    parent = make_post(alice)
    post = write_post(by=bob, text="Hi", in_reply_to=parent)
    emitted()
    assert not Post.objects.visible_to(None).filter(pk=post.pk).exists()
    assert publish_post(post=post)
    assert Post.objects.visible_to(None).filter(pk=post.pk).exists()
    assert post.published_at is not None
    assert counts(post) == (1, 1)
    assert emitted() == [("PostPublished", {"post_id": post.id, "author_id": bob.id})]


def test_publishing_twice_counts_once(alice, emitted):
    post = write_post(by=alice, text="Hi")
    stale = Post.objects.get(pk=post.pk)
    emitted()
    assert publish_post(post=post)
    assert not publish_post(post=stale)
    assert counts(post) == 1
    assert names(emitted) == ["PostPublished"]


@pytest.mark.parametrize("hide", [hold_post, remove_post])
def test_hiding_and_restoring_keep_the_counts_correct(alice, bob, emitted, hide):
    parent = make_post(alice)
    post = make_post(bob, in_reply_to=parent)
    first_time = post.published_at
    emitted()
    assert hide(post=post, reason="Because.")
    assert not hide(post=post, reason="Again.")
    post.refresh_from_db()
    assert post.state_reason == "Because."
    assert counts(post) == (0, 0)
    assert not Post.objects.visible_to(alice).filter(pk=post.pk).exists()
    assert Post.objects.visible_to(bob).filter(pk=post.pk).exists()
    assert restore_post(post=post)
    assert not restore_post(post=post)
    post.refresh_from_db()
    assert (post.state, post.state_reason, post.published_at) == (State.PUBLISHED, "", first_time)
    assert counts(post) == (1, 1)
    assert names(emitted) == ["PostHidden", "PostRestored"]


def test_holding_a_pending_post_emits_nothing_and_publishing_it_emits_published(alice, emitted):
    post = write_post(by=alice, text="Hi")
    emitted()
    assert hold_post(post=post, reason="Hm.")
    assert names(emitted) == []
    assert counts(post) == 0
    assert restore_post(post=post)
    assert names(emitted) == ["PostPublished"]
    assert counts(post) == 1


def test_review_does_not_undo_a_removal_by_a_moderator(alice, emitted):
    post = make_post(alice)
    stale = Post.objects.get(pk=post.pk)
    remove_post(post=post, reason="No.")
    emitted()
    assert not publish_post(post=stale)
    assert not hold_post(post=stale, reason="Hm.")
    post.refresh_from_db()
    assert (post.state, post.state_reason) == (State.REMOVED, "No.")
    assert names(emitted) == []


def test_held_posts_can_be_removed(alice, emitted):
    post = make_post(alice)
    hold_post(post=post, reason="Hm.")
    emitted()
    assert remove_post(post=post, reason="No.")
    assert counts(post) == 0
    assert names(emitted) == []


@pytest.mark.parametrize("act", [publish_post, restore_post])
def test_deleted_posts_cannot_be_restored(alice, act, emitted):
    post = make_post(alice)
    stale = Post.objects.get(pk=post.pk)
    delete_post(post=post, by=alice)
    emitted()
    assert not act(post=stale)
    for hide in (hold_post, remove_post):
        assert not hide(post=stale, reason="x")
    assert Post.objects.get(pk=post.pk).state == State.DELETED
    assert counts(post) == 0
    assert names(emitted) == []


def test_a_long_reason_is_truncated(alice):
    post = make_post(alice)
    remove_post(post=post, reason="x" * 1000)
    post.refresh_from_db()
    assert len(post.state_reason) == 500


def test_a_decision_keeps_deferred_fields_of_the_instance(alice, django_assert_num_queries):
    post = Post.objects.select_related("author").get(pk=write_post(by=alice, text="x").pk)
    publish_post(post=post)
    with django_assert_num_queries(0):
        assert post.author.username == "alice"


@pytest.mark.django_db(transaction=True)
def test_concurrent_publishing_counts_once(alice, bob, emitted):
    parent = make_post(alice)
    # Committed, so its review has published it already.
    post = make_post(bob, in_reply_to=parent)
    hold_post(post=post, reason="x")
    assert counts(post) == (0, 0)
    emitted()
    results = at_once(*[lambda: publish_post(post=Post.objects.get(pk=post.pk))] * 8)
    assert sorted(results) == [False] * 7 + [True], results
    assert counts(Post.objects.get(pk=post.pk)) == (1, 1)
    assert names(emitted) == ["PostRestored"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_decisions_and_deletion_keep_the_counts_correct(alice, bob):
    parent = make_post(alice)
    posts = [make_post(bob, in_reply_to=parent) for _ in range(4)]

    def fresh(post):
        return Post.objects.get(pk=post.pk)

    calls = []
    for post in posts:
        calls += [
            lambda post=post: remove_post(post=fresh(post), reason="x"),
            lambda post=post: restore_post(post=fresh(post)),
            lambda post=post: hold_post(post=fresh(post), reason="y"),
            lambda post=post: delete_post(post=fresh(post), by=bob),
        ]
    results = at_once(*calls)
    assert not [result for result in results if isinstance(result, Exception)], results
    bob.refresh_from_db()
    parent.refresh_from_db()
    standing = Post.objects.filter(author=bob, state=State.PUBLISHED).count()
    assert (bob.posts_count, parent.replies_count) == (standing, standing)
