"""Which events notify whom, and what withdraws or hides notifications."""

import pytest

from accounts.models import Member
from notifications import tasks
from notifications.models import Notification
from notifications.queries import entries, unseen_count
from posts.actions import (
    delete_post,
    edit_post,
    hold_post,
    like_post,
    publish_post,
    remove_post,
    restore_post,
    unlike_post,
)
from posts.events import PostLiked, PostPublished
from posts.models import Like
from social.actions import (
    approve_request,
    block_member,
    cancel_request,
    decline_request,
    follow_member,
    remove_follower,
    set_private,
    unblock_member,
    unfollow_member,
)
from tests.factories import close, make_member, make_post, reopen

pytestmark = pytest.mark.django_db


def told(member: Member) -> list[tuple[str, str]]:
    """Return (kind, actor) of the notifications the member can see, oldest first."""
    seen = Notification.objects.visible_to(member).order_by("id").select_related("actor")
    return [(row.kind, row.actor.username if row.actor else "") for row in seen]


class TestLikes:
    def test_a_like_notifies_the_author(self, alice, bob, deliver):
        post = make_post(alice)
        like_post(post=post, by=bob)
        deliver()
        assert told(alice) == [("like", "bob")]
        assert told(bob) == []

    def test_members_are_not_notified_of_their_own_actions(self, alice, deliver):
        like_post(post=make_post(alice), by=alice)
        deliver()
        assert told(alice) == []

    def test_an_event_delivered_twice_notifies_once(self, alice, bob, deliver):
        post = make_post(alice)
        like_post(post=post, by=bob)
        deliver()
        tasks.notify_author_of_like(PostLiked(post_id=post.id, author_id=alice.id, member_id=bob.id))
        assert told(alice) == [("like", "bob")]

    def test_liking_unliking_and_liking_again_notifies_once(self, alice, bob, deliver):
        post = make_post(alice)
        for act in (like_post, unlike_post, like_post):
            act(post=post, by=bob)
            deliver()
        assert told(alice) == [("like", "bob")]
        assert Notification.objects.count() == 1

    def test_an_unlike_withdraws(self, alice, bob, deliver):
        post = make_post(alice)
        like_post(post=post, by=bob)
        deliver()
        unlike_post(post=post, by=bob)
        deliver()
        assert told(alice) == []
        assert unseen_count(alice) == 0
        assert entries(alice).items == []

    def test_a_like_undone_before_its_event_notifies_nobody(self, alice, bob, deliver):
        post = make_post(alice)
        like_post(post=post, by=bob)
        unlike_post(post=post, by=bob)
        deliver()
        assert told(alice) == []

    def test_an_unlike_event_after_a_new_like_withdraws_nothing(self, alice, bob, deliver):
        post = make_post(alice)
        like_post(post=post, by=bob)
        deliver()
        unlike_post(post=post, by=bob)
        Like.objects.create(post=post, member=bob)
        deliver()
        assert told(alice) == [("like", "bob")]

    def test_a_restored_notification_stays_read(self, alice, bob, deliver):
        post = make_post(alice)
        like_post(post=post, by=bob)
        deliver()
        Notification.objects.update(read_at="2026-01-01T00:00Z", seen_at="2026-01-01T00:00Z")
        unlike_post(post=post, by=bob)
        deliver()
        like_post(post=post, by=bob)
        deliver()
        assert unseen_count(alice) == 0


class TestReplies:
    def test_the_author_replied_to_is_notified_once_even_if_mentioned(self, alice, bob, deliver):
        post = make_post(alice)
        make_post(bob, "@alice I think so too", in_reply_to=post)
        deliver()
        assert told(alice) == [("reply", "bob")]

    def test_replying_to_yourself_notifies_nobody(self, alice, deliver):
        make_post(alice, "and one more thing", in_reply_to=make_post(alice))
        deliver()
        assert told(alice) == []

    def test_a_pending_reply_notifies_nobody_until_it_is_published(self, alice, bob, deliver):
        post = make_post(alice)
        reply = make_post(bob, "hm", in_reply_to=post, published=False)
        tasks.notify_author_of_reply(PostPublished(post_id=reply.id, author_id=bob.id))
        assert told(alice) == []
        publish_post(post=reply)
        deliver()
        assert told(alice) == [("reply", "bob")]


class TestMentions:
    def test_a_mention_notifies_the_member(self, alice, bob, carol, deliver):
        make_post(alice, "with @bob and @carol and @bob and @nobody_here")
        deliver()
        assert told(bob) == told(carol) == [("mention", "alice")]

    def test_mentioning_yourself_notifies_nobody(self, alice, deliver):
        make_post(alice, "I, @alice")
        deliver()
        assert told(alice) == []

    def test_a_reply_notifies_others_it_mentions(self, alice, bob, carol, deliver):
        make_post(bob, "@carol look", in_reply_to=make_post(alice))
        deliver()
        assert told(alice) == [("reply", "bob")]
        assert told(carol) == [("mention", "bob")]

    def test_an_edit_notifies_new_mentions_and_withdraws_removed_ones(self, alice, bob, carol, deliver):
        post = make_post(alice, "with @bob")
        deliver()
        edit_post(post=post, by=alice, text="with @carol")
        deliver()
        assert told(bob) == []
        assert told(carol) == [("mention", "alice")]


class TestFollows:
    def test_a_follow_notifies_the_member(self, alice, bob, deliver):
        follow_member(member=alice, by=bob)
        deliver()
        assert told(alice) == [("follow", "bob")]
        assert not entries(alice).items[0].mutual

    def test_mutual_follows_are_marked(self, alice, bob, deliver):
        follow_member(member=alice, by=bob)
        follow_member(member=bob, by=alice)
        deliver()
        assert entries(bob).items[0].mutual
        assert entries(alice).items[0].mutual

    def test_an_unfollow_withdraws_and_a_new_follow_notifies_nobody_twice(self, alice, bob, deliver):
        follow_member(member=alice, by=bob)
        deliver()
        unfollow_member(member=alice, by=bob)
        deliver()
        assert told(alice) == []
        follow_member(member=alice, by=bob)
        deliver()
        assert told(alice) == [("follow", "bob")]
        assert Notification.objects.count() == 1


class TestWhatIsHidden:
    def test_a_mention_in_a_held_post_is_hidden_and_restored_with_it(self, alice, bob, deliver):
        post = make_post(alice, "@bob hello")
        deliver()
        hold_post(post=post, reason="To be looked at.")
        deliver()
        assert told(bob) == []
        assert unseen_count(bob) == 0
        assert entries(bob).items == []
        publish_post(post=post)
        deliver()
        assert told(bob) == [("mention", "alice")]

    def test_a_notification_about_a_removed_reply_is_hidden_until_it_is_restored(self, alice, bob, deliver):
        reply = make_post(bob, "hm", in_reply_to=make_post(alice))
        deliver()
        remove_post(post=reply, reason="No.")
        deliver()
        assert told(alice) == []
        restore_post(post=reply)
        deliver()
        assert told(alice) == [("reply", "bob")]

    def test_notifications_about_a_deleted_post_are_hidden(self, alice, bob, deliver):
        post = make_post(alice)
        like_post(post=post, by=bob)
        deliver()
        delete_post(post=post, by=alice)
        deliver()
        assert told(alice) == []

    def test_a_post_hidden_before_its_event_notifies_mentions_when_it_is_restored(self, alice, bob, deliver):
        post = make_post(alice, "@bob hello")
        remove_post(post=post, reason="To be looked at.")
        deliver()
        assert told(bob) == []
        restore_post(post=post)
        deliver()
        assert told(bob) == [("mention", "alice")]

    def test_notifications_by_a_suspended_member_are_hidden(self, alice, bob, deliver):
        like_post(post=make_post(alice), by=bob)
        deliver()
        close(bob)
        assert told(alice) == []
        assert entries(alice).items == []
        assert unseen_count(alice) == 0

    def test_the_count_on_open_pages_changes_when_an_account_closes_and_reopens(
        self, alice, bob, carol, deliver, monkeypatch
    ):
        post = make_post(alice)
        for member in (bob, carol):
            like_post(post=post, by=member)
        deliver()
        facts = []
        monkeypatch.setattr("core.streams.broadcast", lambda stream, fact, **_: facts.append((stream, fact)))
        for change, unread in ((close, 1), (reopen, 2)):
            change(bob)
            deliver()
            told_now = {"type": "notification.counted", "unread": unread}
            assert [fact for stream, fact in facts if stream == f"member.{alice.pk}"][-1] == told_now

    def test_notifications_of_others_are_hidden(self, alice, bob, carol, deliver):
        like_post(post=make_post(alice), by=bob)
        deliver()
        assert told(carol) == []
        assert not Notification.objects.visible_to(None).exists()


class TestGroups:
    def test_likes_of_one_post_are_grouped(self, alice, bob, deliver):
        post, other = make_post(alice, "one"), make_post(alice, "two")
        fans = [make_member() for _ in range(13)]
        for fan in fans:
            like_post(post=post, by=fan)
        like_post(post=other, by=bob)
        deliver()
        latest, first = entries(alice).items
        assert (latest.post, latest.total, latest.named, latest.others) == (other, 1, [bob], 0)
        assert (first.post, first.total, first.others) == (post, 13, 11)
        assert first.named == [fans[-1], fans[-2]]
        assert len(first.actors) == 6

    def test_three_actors_are_named(self, alice, deliver):
        post = make_post(alice)
        for _ in range(3):
            like_post(post=post, by=make_member())
        deliver()
        (entry,) = entries(alice).items
        assert (len(entry.named), entry.others) == (3, 0)

    def test_a_group_counts_only_visible_notifications(self, alice, bob, carol, deliver):
        post = make_post(alice)
        like_post(post=post, by=bob)
        like_post(post=post, by=carol)
        deliver()
        unlike_post(post=post, by=carol)
        deliver()
        (entry,) = entries(alice).items
        assert (entry.total, entry.unread, entry.actors) == (1, 1, [bob])

    def test_pagination_shows_every_group_once_while_new_ones_arrive(self, alice, bob, carol, deliver):
        posts = [make_post(alice, f"post {i}") for i in range(9)]
        for post in posts:
            like_post(post=post, by=bob)
        deliver()
        first = entries(alice, size=4)
        # Between the two pages, a later group moves to the top and a new one appears.
        like_post(post=posts[0], by=carol)
        like_post(post=make_post(alice, "new"), by=bob)
        deliver()
        second = entries(alice, size=4, cursor=first.next_cursor)
        third = entries(alice, size=4, cursor=second.next_cursor) if second.next_cursor else None
        seen = [entry.group.id for page in (first, second, third) if page for entry in page.items]
        assert len(seen) == len(set(seen)) == 8
        assert entries(alice).items[1].group.post == posts[0]

    def test_mentions_and_replies_have_a_tab_of_their_own(self, alice, bob, deliver):
        post = make_post(alice)
        like_post(post=post, by=bob)
        make_post(bob, "hm", in_reply_to=post)
        make_post(bob, "hi @alice")
        deliver()
        assert [e.group.kind for e in entries(alice).items] == ["mention", "reply", "like"]
        assert [e.group.kind for e in entries(alice, conversations=True).items] == ["mention", "reply"]


class TestFollowRequests:
    @pytest.fixture
    def pia(self, db):
        return make_member("pia", display_name="Pia", is_private=True)

    def test_a_follow_request_notifies_the_private_member(self, pia, alice, deliver):
        follow_member(member=pia, by=alice)
        deliver()
        assert told(pia) == [("request", "alice")]
        assert entries(pia).items[0].latest.get_absolute_url() == "/follow-requests"

    def test_approval_notifies_the_requester_only(self, pia, alice, deliver):
        follow_member(member=pia, by=alice)
        deliver()
        approve_request(requester=alice, by=pia)
        deliver()
        assert told(pia) == []
        assert unseen_count(pia) == 0
        assert told(alice) == [("accepted", "pia")]

    @pytest.mark.parametrize("how", ["cancelled", "refused"])
    def test_a_declined_request_withdraws_its_notification(self, pia, alice, deliver, how):
        follow_member(member=pia, by=alice)
        deliver()
        if how == "cancelled":
            cancel_request(member=pia, by=alice)
        else:
            decline_request(requester=alice, by=pia)
        deliver()
        assert told(pia) == told(alice) == []

    def test_a_request_withdrawn_before_its_event_notifies_nobody(self, pia, alice, deliver):
        follow_member(member=pia, by=alice)
        cancel_request(member=pia, by=alice)
        deliver()
        assert told(pia) == []

    def test_becoming_public_notifies_both_sides_of_approved_requests(self, pia, alice, deliver):
        follow_member(member=pia, by=alice)
        deliver()
        set_private(by=pia, private=False)
        deliver()
        assert told(pia) == [("follow", "alice")]
        assert told(alice) == [("accepted", "pia")]

    def test_an_unfollow_withdraws_the_approval(self, pia, alice, deliver):
        follow_member(member=pia, by=alice)
        approve_request(requester=alice, by=pia)
        deliver()
        remove_follower(follower=alice, by=pia)
        deliver()
        assert told(alice) == []


class TestBlocks:
    def test_notifications_by_a_blocked_member_are_hidden_until_unblocking(self, alice, bob, deliver):
        like_post(post=make_post(alice), by=bob)
        like_post(post=make_post(bob), by=alice)
        deliver()
        assert told(alice) == [("like", "bob")]
        assert told(bob) == [("like", "alice")]
        block_member(member=bob, by=alice)
        deliver()
        assert told(alice) == told(bob) == []
        assert unseen_count(alice) == unseen_count(bob) == 0
        unblock_member(member=bob, by=alice)
        deliver()
        assert told(alice) == [("like", "bob")]

    def test_a_block_updates_the_count_of_both(self, alice, bob, deliver, monkeypatch):
        said = []
        monkeypatch.setattr(
            "notifications.actions.publish_unread_count", lambda *, member: said.append(member)
        )
        block_member(member=bob, by=alice)
        deliver()
        assert set(said) == {alice, bob}

    def test_a_follow_ended_by_a_block_stays_withdrawn_after_unblocking(self, alice, bob, deliver):
        follow_member(member=alice, by=bob)
        deliver()
        block_member(member=bob, by=alice)
        unblock_member(member=bob, by=alice)
        deliver()
        assert told(alice) == []


def test_notifications_about_a_private_members_post_are_for_followers_only(alice, bob, carol, deliver):
    follow_member(member=alice, by=bob)
    make_post(alice, "Hello @bob and @carol")
    deliver()
    assert told(bob) == told(carol) == [("mention", "alice")]
    set_private(by=alice, private=True)
    deliver()
    assert told(bob) == [("mention", "alice")]
    assert told(carol) == []
    assert unseen_count(carol) == 0
