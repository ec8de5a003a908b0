"""Counters leave out closed accounts until they are restored, and replies by private accounts."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from accounts.actions import (
    approve_signup,
    deactivate_member,
    erase_member,
    erase_now,
    reactivate_member,
    request_deletion,
    restore_account,
)
from accounts.models import Member, SignupRequest
from config.counters import COUNTERS
from core.counters import drift_of
from core.models import OutboxEvent
from posts.actions import bookmark_post, delete_post, hold_post, like_post, publish_post, write_post
from posts.models import Post
from social.actions import block_member, follow_member, set_private, unfollow_member
from tests.factories import close, make_member, make_post, reopen

pytestmark = pytest.mark.django_db
SEEN = (1, 1, 1, 1, 2)
UNSEEN = (0, 0, 0, 0, 0)


@pytest.fixture
def post(alice, bob):
    """Create a post by Alice that Bob has liked, bookmarked and replied to twice; they follow each other."""
    post = make_post(alice)
    follow_member(member=alice, by=bob)
    follow_member(member=bob, by=alice)
    like_post(post=post, by=bob)
    bookmark_post(post=post, by=bob)
    for _ in range(2):
        make_post(bob, in_reply_to=post)
    write_post(by=bob, text="Waits for review", in_reply_to=post)
    assert numbers(post) == SEEN
    return post


@pytest.fixture
def root(db):
    return make_member("root", is_staff=True)


def numbers(post):
    """Return the counters that include Bob: the author’s follows and the post’s likes, bookmarks and replies."""
    post = Post.objects.select_related("author").get(pk=post.pk)
    author = post.author
    return (
        author.followers_count,
        author.following_count,
        post.likes_count,
        post.bookmarks_count,
        post.replies_count,
    )


def drifts():
    return [str(drift) for drift in map(drift_of, COUNTERS) if drift]


def test_counters_leave_out_closed_accounts_and_include_restored_ones(post, bob):
    assert request_deletion(member=bob, by=bob)
    assert (numbers(post), drifts()) == (UNSEEN, [])
    assert not request_deletion(member=bob, by=bob)
    assert (numbers(post), drifts()) == (UNSEEN, [])
    assert restore_account(member=bob)
    assert (numbers(post), drifts()) == (SEEN, [])
    assert not restore_account(member=bob)
    assert (numbers(post), drifts()) == (SEEN, [])


def test_counters_leave_out_suspended_accounts_until_reinstated(post, bob, root):
    assert deactivate_member(member=bob, by=root)
    assert not deactivate_member(member=bob, by=root)
    assert (numbers(post), drifts()) == (UNSEEN, [])
    assert reactivate_member(member=bob, by=root)
    assert (numbers(post), drifts()) == (SEEN, [])


def test_suspending_an_account_to_be_deleted_is_counted_once(post, bob, root):
    request_deletion(member=bob, by=bob)
    deactivate_member(member=bob, by=root)
    assert erase_now(member=bob, by=root)
    assert (numbers(post), drifts()) == (UNSEEN, [])


@pytest.mark.parametrize("how", ["after the days of grace", "at once"])
def test_erasing_subtracts_nothing_twice(post, bob, carol, root, how):
    like_post(post=post, by=carol)
    follow_member(member=bob, by=carol)
    own = make_post(bob)
    like_post(post=own, by=carol)
    if how == "at once":
        assert erase_now(member=bob, by=root)
    else:
        request_deletion(member=bob, by=bob)
        Member.objects.filter(pk=bob.pk).update(deletion_requested_at=timezone.now() - timedelta(days=31))
    assert (numbers(post), drifts()) == ((0, 0, 1, 0, 0), [])
    assert erase_member(member_id=bob.pk)
    assert (numbers(post), drifts()) == ((0, 0, 1, 0, 0), [])
    carol.refresh_from_db()
    assert carol.following_count == 0


def test_approved_members_are_counted_from_approval(post, bob, moderator):
    # Applicants normally have no follows, but even those would be counted correctly.
    close(bob)
    SignupRequest.objects.create(member=bob, reason="I live here")
    assert approve_signup(member_id=bob.pk, by=moderator)
    assert (numbers(post), drifts()) == (SEEN, [])


def test_changes_while_an_account_is_closed_are_counted_when_it_is_restored(post, alice, bob, carol, root):
    follow_member(member=bob, by=carol)
    close(bob)
    assert unfollow_member(member=bob, by=alice)
    close(carol)
    assert drifts() == []
    reopen(bob)
    assert (numbers(post)[:2], drifts()) == ((1, 0), [])
    bob.refresh_from_db()
    assert (bob.followers_count, bob.following_count) == (0, 1)
    reopen(carol)
    bob.refresh_from_db()
    assert (bob.followers_count, drifts()) == (1, [])


def test_a_block_subtracts_what_was_counted(post, alice, bob):
    block_member(member=bob, by=alice)
    assert (numbers(post), drifts()) == ((0, 0, 1, 1, 2), [])
    close(bob)
    assert (numbers(post), drifts()) == (UNSEEN, [])


def test_reviews_of_a_closed_accounts_replies_change_no_counters(post, bob):
    first, second, waiting = Post.objects.filter(author=bob).order_by("id")
    close(bob)
    hold_post(post=first, reason="x")
    publish_post(post=waiting)
    assert (numbers(post), drifts()) == (UNSEEN, [])
    reopen(bob)
    assert (numbers(post), drifts()) == (SEEN, [])
    delete_post(post=second, by=bob)
    assert (numbers(post)[4], drifts()) == (1, [])


def test_replies_are_counted_while_they_are_public(post, bob):
    assert set_private(by=bob, private=True)
    assert (numbers(post), drifts()) == ((1, 1, 1, 1, 0), [])
    make_post(bob, in_reply_to=post)
    assert (numbers(post), drifts()) == ((1, 1, 1, 1, 0), [])
    close(bob)
    assert (numbers(post), drifts()) == (UNSEEN, [])
    reopen(bob)
    assert (numbers(post), drifts()) == ((1, 1, 1, 1, 0), [])
    assert set_private(by=bob, private=False)
    assert not set_private(by=bob, private=False)
    assert (numbers(post), drifts()) == ((1, 1, 1, 1, 3), [])


def test_posts_of_private_accounts_are_counted(post, alice, bob):
    set_private(by=alice, private=True)
    assert (numbers(post), drifts()) == (SEEN, [])
    alice.refresh_from_db()
    assert alice.posts_count == 1


def test_an_account_with_wrong_counters_can_be_closed(post, alice, bob, capsys):
    Member.objects.filter(pk=alice.pk).update(followers_count=0)
    Post.objects.filter(pk=post.pk).update(likes_count=0, replies_count=0)
    close(bob)
    assert numbers(post) == UNSEEN
    call_command("recount", check=True)
    assert "wrong" not in capsys.readouterr().out


def test_events_of_status_changes(post, bob):
    OutboxEvent.objects.all().delete()
    close(bob)
    close(bob)
    reopen(bob)
    assert list(OutboxEvent.objects.order_by("id").values_list("name", flat=True)) == [
        "accounts.AccountClosed",
        "accounts.AccountOpened",
    ]


@pytest.mark.parametrize("number", [1, 6])
def test_closing_has_a_constant_number_of_queries(alice, bob, number, django_assert_max_num_queries):
    for n in range(number):
        follow_member(member=make_member(), by=bob)
        follow_member(member=bob, by=make_member())
        post = make_post(alice, f"Post {n}")
        like_post(post=post, by=bob)
        make_post(bob, in_reply_to=post)
    for change in (close, reopen):
        with django_assert_max_num_queries(20):
            change(bob)


def test_the_migration_recounts_what_closed_and_private_accounts_did(post, alice, bob, carol):
    private = make_member("pia", is_private=True)
    make_post(private, in_reply_to=post)
    like_post(post=post, by=carol)
    close(bob)
    before = numbers(post)
    Member.objects.filter(pk=alice.pk).update(followers_count=F("followers_count") + 1, following_count=9)
    Post.objects.filter(pk=post.pk).update(likes_count=2, bookmarks_count=1, replies_count=3)
    assert drifts()
    migration = import_module("posts.migrations.0004_count_what_anyone_could_list")
    migration.count_anew(apps, None)
    assert (numbers(post), drifts()) == (before, [])
