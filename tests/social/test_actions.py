"""Following and unfollowing, with counts that stay exact under concurrency."""

import random
import threading

import pytest
from django.db import close_old_connections, connection

from accounts.models import Member
from core.refusals import Forbidden, Invalid, NotFound
from social.actions import follow_member, recount_follows, unfollow_member
from social.models import Follow
from tests.factories import close, make_member


def counts(member: Member) -> tuple[int, int]:
    """Return the stored (followers, following) counts."""
    member.refresh_from_db()
    return member.followers_count, member.following_count


def test_following_counts_for_both(alice, bob):
    assert follow_member(member=bob, by=alice)
    assert counts(alice) == (0, 1)
    assert counts(bob) == (1, 0)


def test_following_emits_an_event(alice, bob, told):
    follow_member(member=bob, by=alice)
    follow = Follow.objects.get()
    what = {"follow_id": follow.id, "follower_id": alice.id, "followee_id": bob.id, "approved": False}
    assert told() == [("social.MemberFollowed", what)]


def test_following_is_idempotent(alice, bob, told):
    assert follow_member(member=bob, by=alice)
    assert not follow_member(member=bob, by=alice)
    assert Follow.objects.count() == 1
    assert counts(bob) == (1, 0)
    assert len(told()) == 1


def test_you_cannot_follow_yourself(alice):
    with pytest.raises(Invalid):
        follow_member(member=alice, by=alice)
    assert counts(alice) == (0, 0)


def test_closed_accounts_cannot_be_followed(alice, bob):
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(NotFound):
        follow_member(member=bob, by=alice)
    assert counts(alice) == (0, 0)


def test_unfollowing_lowers_the_counts(alice, bob, told):
    follow_member(member=bob, by=alice)
    assert unfollow_member(member=bob, by=alice)
    assert counts(alice) == counts(bob) == (0, 0)
    assert told()[-1] == ("social.MemberUnfollowed", {"follower_id": alice.id, "followee_id": bob.id})


def test_unfollowing_is_idempotent(alice, bob):
    follow_member(member=bob, by=alice)
    assert unfollow_member(member=bob, by=alice)
    assert not unfollow_member(member=bob, by=alice)
    assert counts(bob) == (0, 0)


def test_unfollowing_leaves_the_follow_in_the_other_direction(alice, bob):
    follow_member(member=alice, by=bob)
    assert not unfollow_member(member=bob, by=alice)
    assert counts(alice) == (1, 0)


def test_closed_accounts_can_be_unfollowed(alice, bob):
    follow_member(member=bob, by=alice)
    close(bob)
    assert counts(alice) == (0, 0)
    assert unfollow_member(member=bob, by=alice)
    assert (counts(alice), counts(bob)) == ((0, 0), (0, 0))


def test_closed_and_deleted_members_cannot_follow(alice, bob, carol):
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    Member.objects.filter(pk=carol.pk).delete()
    for by in (alice, carol):
        with pytest.raises(Forbidden):
            follow_member(member=bob, by=by)
    assert counts(bob) == (0, 0)


def test_recounting_corrects_only_wrong_counts(alice, bob, carol):
    follow_member(member=bob, by=alice)
    follow_member(member=carol, by=alice)
    assert recount_follows() == 0
    Member.objects.filter(pk=bob.pk).update(followers_count=7, following_count=3)
    assert recount_follows() == 2
    assert counts(bob) == (1, 0)
    assert counts(alice) == (0, 2)


def in_threads(jobs):
    """Run all jobs concurrently, each with its own connection, and raise what they raise."""
    barrier = threading.Barrier(len(jobs))
    faults: list[BaseException] = []

    def run(job):
        close_old_connections()
        try:
            barrier.wait(20)
            job()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults, faults


@pytest.mark.django_db(transaction=True)
def test_concurrent_follows_are_counted_exactly():
    star, fans = make_member("star"), [make_member() for _ in range(8)]
    # Each fan follows twice.
    in_threads([lambda fan=fan: follow_member(member=star, by=fan) for fan in fans * 2])
    assert counts(star) == (8, 0)
    assert Follow.objects.count() == 8
    assert all(counts(fan) == (0, 1) for fan in fans)


@pytest.mark.django_db(transaction=True)
def test_members_who_follow_each_other_concurrently_do_not_deadlock():
    one, two = make_member("one"), make_member("two")
    for _ in range(10):
        in_threads(
            [
                lambda: follow_member(member=two, by=one),
                lambda: follow_member(member=one, by=two),
            ]
        )
        assert counts(one) == counts(two) == (1, 1)
        in_threads(
            [
                lambda: unfollow_member(member=two, by=one),
                lambda: unfollow_member(member=one, by=two),
            ]
        )
        assert counts(one) == counts(two) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_concurrent_follows_and_unfollows_keep_the_counts_correct():
    circle = [make_member() for _ in range(4)]

    def wander(seed):
        mine = random.Random(seed)
        for _ in range(12):
            by, member = mine.sample(circle, 2)
            mine.choice([follow_member, unfollow_member])(member=member, by=by)

    in_threads([lambda seed=seed: wander(seed) for seed in range(8)])
    for member in circle:
        assert counts(member) == (member.followed_by.count(), member.follows.count())
    assert recount_follows() == 0
