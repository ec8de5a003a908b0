"""Race an erasure with actions of others: nothing of the member is left, not even in counters."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions import erase_member
from accounts.models import Member
from core.models import OutboxEvent
from posts.actions import bookmark_post, like_post, unlike_post, write_post
from posts.models import Bookmark, Like, Post
from social.actions import follow_member, unfollow_member
from social.models import Follow
from tests.architecture.truth import broken_rules
from tests.factories import close, make_member, make_post
from tests.races.arena import PARALLEL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_worker")]


def test_a_member_is_erased_while_others_like_follow_and_reply_to_them(race, rng):
    people = [make_member() for _ in range(6)]
    theirs = [make_post(by) for by in people]
    leavers = []

    def round_of(number):
        leaver = make_member(f"leaver{number}")
        leavers.append(leaver)
        posts = [make_post(leaver), make_post(leaver, in_reply_to=theirs[0])]
        for by in people[:3]:
            follow_member(member=leaver, by=by)
            follow_member(member=by, by=leaver)
            like_post(post=posts[0], by=by)
            like_post(post=theirs[3], by=leaver) if by is people[0] else None
        OutboxEvent.objects.all().delete()
        # The grace period has just ended, but others still have the page open.
        close(leaver, deletion_requested_at=timezone.now() - timedelta(days=365))
        calls: list[Any] = [lambda: erase_member(member_id=leaver.pk)] * 3
        while len(calls) < PARALLEL:
            by, post = rng.choice(people), rng.choice(posts)
            calls.append(
                rng.choice(
                    [
                        lambda by=by, post=post: like_post(post=post, by=by),
                        lambda by=by, post=post: unlike_post(post=post, by=by),
                        lambda by=by, post=post: bookmark_post(post=post, by=by),
                        lambda by=by: follow_member(member=leaver, by=by),
                        lambda by=by: unfollow_member(member=leaver, by=by),
                        lambda by=by, post=post: write_post(by=by, text="Still there?", in_reply_to=post),
                        # A request from a page that the leaver opened earlier.
                        lambda by=by: follow_member(member=by, by=leaver),
                    ]
                )
            )
        rng.shuffle(calls)
        return calls

    def check(results):
        assert erase_member(member_id=leavers[-1].pk)
        assert not Member.objects.get_queryset().filter(pk=leavers[-1].pk).exists()
        assert not Follow.objects.filter(follower=leavers[-1]).exists()
        assert not Post.objects.filter(author=leavers[-1]).exists()
        assert broken_rules() == []
        return Like.objects.count() + Bookmark.objects.count() + Follow.objects.count()

    race.run(round_of, check)
