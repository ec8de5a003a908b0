"""Race two workers for each event: it has its effect once, and notifications match the likes and follows."""

import pytest

from core.events import deliver_event
from core.models import Delivery, OutboxEvent
from notifications.models import Notification
from posts.actions import like_post, unlike_post
from posts.models import Like, Post
from social.actions import follow_member, unfollow_member
from social.models import Follow
from tests.factories import make_member, make_post
from tests.races.arena import PARALLEL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_worker")]


def test_each_event_is_delivered_by_two_workers_at_once(race, rng):
    star, fans = make_member(), [make_member() for _ in range(PARALLEL // 4)]
    post = make_post(star)
    OutboxEvent.objects.all().delete()
    known = {fan.pk: (False, False) for fan in fans}

    def round_of(number):
        for fan in fans:
            # Each fan changes both, so that every round has enough events.
            likes, follows = known[fan.pk]
            (unlike_post if likes else like_post)(post=Post.objects.get(pk=post.pk), by=fan)
            (unfollow_member if follows else follow_member)(member=star, by=fan)
            known[fan.pk] = (not likes, not follows)
        events = list(OutboxEvent.objects.values_list("id", flat=True)) * 2
        rng.shuffle(events)
        return [lambda event_id=event_id: deliver_event(event_id) for event_id in events]

    def check(results):
        while waiting := list(OutboxEvent.objects.waiting().values_list("id", flat=True)):
            assert all(deliver_event(event_id) for event_id in waiting)
        told = Notification.objects.visible_to(star)
        assert sorted(told.filter(kind="like").values_list("actor_id", flat=True)) == sorted(
            Like.objects.values_list("member_id", flat=True)
        )
        assert sorted(told.filter(kind="follow").values_list("actor_id", flat=True)) == sorted(
            Follow.objects.values_list("follower_id", flat=True)
        )
        Delivery.objects.all().delete()
        return told.count()

    race.run(round_of, check)
