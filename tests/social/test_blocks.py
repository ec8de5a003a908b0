"""Blocks hide two members from each other and end follows, requests and list entries between them."""

import pytest

from accounts.models import Block, Member
from core.refusals import Invalid, NotFound
from posts.actions import bookmark_post, like_post, write_post
from posts.models import Mention
from social.actions import block_member, follow_member, unblock_member
from social.models import Follow, FollowRequest, List, ListEntry
from tests.factories import make_member, make_post
from tests.social.test_actions import counts


def test_a_block_hides_each_from_the_other(alice, bob, carol):
    assert block_member(member=bob, by=alice)
    assert not Member.objects.visible_to(alice).filter(pk=bob.pk).exists()
    assert not Member.objects.visible_to(bob).filter(pk=alice.pk).exists()
    assert Member.objects.visible_to(carol).filter(pk__in=[alice.pk, bob.pk]).count() == 2


def test_blocking_is_idempotent(alice, bob, told):
    assert block_member(member=bob, by=alice)
    assert not block_member(member=bob, by=alice)
    assert Block.objects.count() == 1
    assert told() == [("social.MemberBlocked", {"blocker_id": alice.id, "blocked_id": bob.id})]


def test_you_cannot_block_yourself(alice):
    with pytest.raises(Invalid):
        block_member(member=alice, by=alice)


def test_members_who_blocked_you_cannot_be_blocked(alice, bob):
    block_member(member=bob, by=alice)
    with pytest.raises(NotFound):
        block_member(member=alice, by=bob)
    assert Block.objects.count() == 1


def test_closed_accounts_can_be_unblocked_but_not_blocked(alice, bob, carol):
    block_member(member=bob, by=alice)
    Member.objects.filter(pk__in=[bob.pk, carol.pk]).update(is_active=False)
    with pytest.raises(NotFound):
        block_member(member=carol, by=alice)
    assert unblock_member(member=bob, by=alice)


def test_a_block_ends_follows_both_ways(alice, bob, carol):
    follow_member(member=bob, by=alice)
    follow_member(member=alice, by=bob)
    follow_member(member=alice, by=carol)
    block_member(member=bob, by=alice)
    assert list(Follow.objects.values_list("follower", "followee")) == [(carol.pk, alice.pk)]
    assert counts(alice) == (1, 0)
    assert counts(bob) == (0, 0)


def test_a_block_ends_requests_both_ways(alice, bob):
    Member.objects.update(is_private=True)
    follow_member(member=bob, by=alice)
    follow_member(member=alice, by=bob)
    assert FollowRequest.objects.count() == 2
    block_member(member=bob, by=alice)
    assert not FollowRequest.objects.exists()


def test_a_block_removes_both_from_each_others_lists(alice, bob, carol):
    for owner, listed in ((alice, bob), (bob, alice), (alice, carol)):
        its, _ = List.objects.get_or_create(owner=owner, title="Friends")
        ListEntry.objects.create(list=its, member=listed)
    block_member(member=bob, by=alice)
    assert [entry.member for entry in ListEntry.objects.all()] == [carol]


def test_blocked_members_cannot_follow(alice, bob):
    block_member(member=bob, by=alice)
    for one, other in ((alice, bob), (bob, alice)):
        with pytest.raises(NotFound):
            follow_member(member=one, by=other)


def test_unblocking_restores_visibility_only(alice, bob, told):
    follow_member(member=bob, by=alice)
    block_member(member=bob, by=alice)
    assert unblock_member(member=bob, by=alice)
    assert not unblock_member(member=bob, by=alice)
    assert Member.objects.visible_to(alice).filter(pk=bob.pk).exists()
    assert not Follow.objects.exists()
    assert told()[-1] == ("social.MemberUnblocked", {"blocker_id": alice.id, "blocked_id": bob.id})


def test_unblocking_keeps_the_other_members_block(alice, bob):
    block_member(member=bob, by=alice)
    assert not unblock_member(member=alice, by=bob)
    assert not Member.objects.visible_to(bob).filter(pk=alice.pk).exists()


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_posts_across_a_block_cannot_be_replied_to_liked_or_bookmarked(alice, bob, blocker):
    post = make_post(bob)
    one, other = (alice, bob) if blocker == "alice" else (bob, alice)
    block_member(member=other, by=one)
    with pytest.raises(NotFound):
        write_post(by=alice, text="But", in_reply_to=post)
    with pytest.raises(NotFound):
        like_post(post=post, by=alice)
    with pytest.raises(NotFound):
        bookmark_post(post=post, by=alice)


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_mentions_across_a_block_are_not_linked(alice, bob, carol, blocker):
    one, other = (alice, bob) if blocker == "alice" else (bob, alice)
    block_member(member=other, by=one)
    post = make_post(alice, "Hello @bob and @carol")
    assert [mention.member for mention in Mention.objects.all()] == [carol]
    assert "@bob" in post.html
    assert 'href="/@bob"' not in post.html
    assert 'href="/@carol"' in post.html


def test_a_block_keeps_existing_likes(alice, bob):
    block_member(member=bob, by=alice)
    other = make_member()
    assert like_post(post=make_post(alice), by=other)
    assert like_post(post=make_post(bob), by=other)
