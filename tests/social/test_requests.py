"""Follow requests to private accounts, and switching between private and public."""

import pytest

from accounts.models import Member
from core.refusals import NotFound
from posts.models import Post
from social.actions import (
    approve_all_requests,
    approve_request,
    block_member,
    cancel_request,
    decline_request,
    follow_member,
    remove_follower,
    set_private,
    unfollow_member,
)
from social.actions import requests as requests_module
from social.models import Follow, FollowRequest
from tests.factories import close, make_member, make_post, reopen
from tests.social.test_actions import counts, in_threads


@pytest.fixture
def private(db):
    """Create Pia, whose account is private."""
    return make_member("pia", display_name="Pia", is_private=True)


def names(told):
    return [name for name, _ in told()]


def test_following_a_private_account_sends_a_request(private, alice, told):
    assert follow_member(member=private, by=alice)
    request = FollowRequest.objects.get()
    assert (request.requester, request.member) == (alice, private)
    assert not Follow.objects.exists()
    assert counts(private) == counts(alice) == (0, 0)
    what = {"request_id": request.id, "requester_id": alice.id, "member_id": private.id}
    assert told() == [("social.FollowRequested", what)]


def test_requesting_is_idempotent(private, alice, told):
    follow_member(member=private, by=alice)
    assert not follow_member(member=private, by=alice)
    assert FollowRequest.objects.count() == 1
    assert len(told()) == 1


def test_followers_send_no_request(private, alice):
    follow_member(member=private, by=alice)
    approve_request(requester=alice, by=private)
    assert not follow_member(member=private, by=alice)
    assert not FollowRequest.objects.exists()


def test_approving_turns_a_request_into_a_follow(private, alice, told):
    follow_member(member=private, by=alice)
    assert approve_request(requester=alice, by=private)
    assert not FollowRequest.objects.exists()
    follow = Follow.objects.get()
    assert counts(private) == (1, 0)
    assert counts(alice) == (0, 1)
    assert told()[1:] == [
        (
            "social.MemberFollowed",
            {"follow_id": follow.id, "follower_id": alice.id, "followee_id": private.id, "approved": True},
        ),
        ("social.FollowRequestApproved", {"requester_id": alice.id, "member_id": private.id}),
    ]


def test_approving_is_idempotent(private, alice):
    follow_member(member=private, by=alice)
    assert approve_request(requester=alice, by=private)
    assert not approve_request(requester=alice, by=private)
    assert counts(private) == (1, 0)


def test_approving_needs_a_request(private, alice):
    assert not approve_request(requester=alice, by=private)
    assert not decline_request(requester=alice, by=private)
    assert not Follow.objects.exists()


def test_only_the_requested_member_can_approve(private, alice, bob):
    follow_member(member=private, by=alice)
    assert not approve_request(requester=alice, by=bob)
    assert not approve_request(requester=private, by=alice)
    assert FollowRequest.objects.count() == 1


def test_declining_ends_the_request(private, alice, told):
    follow_member(member=private, by=alice)
    assert decline_request(requester=alice, by=private)
    assert not decline_request(requester=alice, by=private)
    assert not FollowRequest.objects.exists()
    assert not Follow.objects.exists()
    gone = ("social.FollowRequestWithdrawn", {"requester_id": alice.id, "member_id": private.id})
    assert told()[1:] == [gone]
    # They may send a new request.
    assert follow_member(member=private, by=alice)


def test_cancelling_ends_the_request(private, alice, told):
    follow_member(member=private, by=alice)
    assert cancel_request(member=private, by=alice)
    assert not cancel_request(member=private, by=alice)
    assert not approve_request(requester=alice, by=private)
    assert names(told) == ["social.FollowRequested", "social.FollowRequestWithdrawn"]


def test_unfollowing_cancels_a_request(private, alice, told):
    follow_member(member=private, by=alice)
    assert unfollow_member(member=private, by=alice)
    assert not unfollow_member(member=private, by=alice)
    assert not FollowRequest.objects.exists()
    assert names(told)[1:] == ["social.FollowRequestWithdrawn"]


def test_cancelling_too_late_leaves_the_follow(private, alice):
    follow_member(member=private, by=alice)
    approve_request(requester=alice, by=private)
    assert not cancel_request(member=private, by=alice)
    assert counts(private) == (1, 0)


def test_requests_by_closed_accounts_are_not_approved(private, alice):
    follow_member(member=private, by=alice)
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    assert not approve_request(requester=alice, by=private)
    assert approve_all_requests(by=private) == 0


def test_all_requests_can_be_approved_at_once(private, alice, bob, carol):
    for asker in (alice, bob, carol):
        follow_member(member=private, by=asker)
    assert approve_all_requests(by=private) == 3
    assert approve_all_requests(by=private) == 0
    assert counts(private) == (3, 0)
    assert counts(bob) == (0, 1)


def test_many_requests_are_approved_in_batches_without_later_ones(private, alice, deliver, monkeypatch):
    monkeypatch.setattr(requests_module, "BATCH_SIZE", 2)
    for _ in range(5):
        follow_member(member=private, by=make_member())
    assert approve_all_requests(by=private) == 2
    follow_member(member=private, by=alice)
    deliver()
    assert counts(private) == (5, 0)
    assert FollowRequest.objects.get().requester == alice


def test_removing_a_follower_ends_the_follow(private, alice, told):
    follow_member(member=private, by=alice)
    approve_request(requester=alice, by=private)
    assert remove_follower(follower=alice, by=private)
    assert not remove_follower(follower=alice, by=private)
    assert counts(private) == counts(alice) == (0, 0)
    assert told()[-1] == ("social.MemberUnfollowed", {"follower_id": alice.id, "followee_id": private.id})


def test_removing_a_follower_leaves_the_follow_in_the_other_direction(alice, bob):
    follow_member(member=bob, by=alice)
    assert not remove_follower(follower=bob, by=alice)
    assert counts(bob) == (1, 0)


# --- Turning private and public ----------------------------------------------------------------------------


def test_turning_private_keeps_followers_and_hides_posts_from_others(alice, bob, carol, told):
    follow_member(member=alice, by=bob)
    post = make_post(alice)
    assert set_private(by=alice, private=True)
    assert alice.is_private
    assert not set_private(by=alice, private=True)
    assert Post.objects.visible_to(bob).filter(pk=post.pk).exists()
    assert not Post.objects.visible_to(carol).filter(pk=post.pk).exists()
    assert not Post.objects.visible_to(None).filter(pk=post.pk).exists()
    assert told()[1:] == [("social.PrivacyChanged", {"member_id": alice.id, "is_private": True})]


def test_turning_public_approves_pending_requests(private, alice, bob, told):
    follow_member(member=private, by=alice)
    follow_member(member=private, by=bob)
    # A closed account’s request is approved too.
    close(bob)
    assert set_private(by=private, private=False)
    assert not FollowRequest.objects.exists()
    # Closed accounts are not counted until they are reopened.
    assert (counts(private), counts(alice), counts(bob)) == ((1, 0), (0, 1), (0, 1))
    reopen(bob)
    assert (counts(private), counts(bob)) == ((2, 0), (0, 1))
    assert names(told)[2:] == [
        "social.PrivacyChanged",
        *["social.MemberFollowed", "social.FollowRequestApproved"] * 2,
    ]


def test_turning_public_approves_many_requests_in_batches(private, deliver, monkeypatch):
    monkeypatch.setattr(requests_module, "BATCH_SIZE", 2)
    for _ in range(5):
        follow_member(member=private, by=make_member())
    set_private(by=private, private=False)
    assert counts(private) == (2, 0)
    deliver()
    assert counts(private) == (5, 0)


def test_turning_private_again_stops_approving(private, deliver, monkeypatch):
    monkeypatch.setattr(requests_module, "BATCH_SIZE", 2)
    for _ in range(5):
        follow_member(member=private, by=make_member())
    set_private(by=private, private=False)
    set_private(by=private, private=True)
    deliver()
    assert counts(private) == (2, 0)
    assert FollowRequest.objects.count() == 3


def test_following_works_with_a_leftover_request(private, alice):
    follow_member(member=private, by=alice)
    Member.objects.filter(pk=private.pk).update(is_private=False)
    assert follow_member(member=private, by=alice)
    assert not FollowRequest.objects.exists()
    assert counts(private) == (1, 0)


# --- Races -------------------------------------------------------------------------------------------------

ROUNDS = 10


@pytest.mark.django_db(transaction=True)
def test_a_request_is_approved_or_cancelled_but_never_both():
    pia, fan = make_member("pia", is_private=True), make_member()
    for _ in range(ROUNDS):
        follow_member(member=pia, by=fan)
        said: dict[str, bool] = {}
        in_threads(
            [
                lambda said=said: said.update(approved=approve_request(requester=fan, by=pia)),
                lambda said=said: said.update(cancelled=cancel_request(member=pia, by=fan)),
            ]
        )
        assert said["approved"] != said["cancelled"]
        assert Follow.objects.exists() == said["approved"]
        assert not FollowRequest.objects.exists()
        assert counts(pia) == (int(said["approved"]), 0)
        unfollow_member(member=pia, by=fan)


@pytest.mark.django_db(transaction=True)
def test_changing_privacy_concurrently_leaves_no_wrong_follow_or_request():
    pia, fans = make_member("pia"), [make_member() for _ in range(3)]
    for private in [True, False] * (ROUNDS // 2):
        in_threads(
            [lambda private=private: set_private(by=pia, private=private)]
            + [lambda fan=fan: follow_member(member=pia, by=fan) for fan in fans]
        )
        follows, waiting = Follow.objects.count(), FollowRequest.objects.count()
        assert follows + waiting == 3
        assert private or not waiting
        assert counts(pia) == (follows, 0)
        for fan in fans:
            unfollow_member(member=pia, by=fan)


@pytest.mark.django_db(transaction=True)
def test_a_concurrent_block_ends_the_follow():
    star, fan = make_member("star"), make_member()
    for private in [True, False] * (ROUNDS // 2):
        Member.objects.filter(pk=star.pk).update(is_private=private)

        def follow():
            try:
                follow_member(member=star, by=fan)
            except NotFound:
                pass

        in_threads([follow, lambda: block_member(member=fan, by=star), lambda: follow_back(fan, star)])
        assert not Follow.objects.exists()
        assert not FollowRequest.objects.exists()
        assert counts(star) == counts(fan) == (0, 0)
        star.blocks.all().delete()


def follow_back(member, by):
    try:
        follow_member(member=member, by=by)
    except NotFound:
        pass
