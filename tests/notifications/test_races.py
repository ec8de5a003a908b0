"""After concurrent likes and unlikes, notifications match the likes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from core.events import deliver_pending
from core.models import OutboxEvent
from notifications.models import Notification
from posts.actions import like_post, unlike_post
from posts.models import Like
from tests.factories import make_member, make_post


@pytest.mark.django_db(transaction=True)
def test_liking_and_unliking_at_once_leaves_a_consistent_state():
    author, fans = make_member(), [make_member() for _ in range(2)]
    post = make_post(author)

    def toggle(number: int) -> None:
        fan = fans[number % 2]
        try:
            for turn in range(8):
                # As from two tabs of the same member.
                act = like_post if (turn + number // 2) % 2 else unlike_post
                act(post=type(post).objects.get(pk=post.pk), by=fan)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(toggle, range(4)))
    OutboxEvent.objects.update(parked_at=None)
    deliver_pending()
    likers = set(Like.objects.filter(post=post).values_list("member", flat=True))
    told = Notification.objects.visible_to(author).values_list("actor", flat=True)
    assert sorted(told) == sorted(likers)
    assert Notification.objects.filter(post=post).count() <= 2
    post.refresh_from_db()
    assert post.likes_count == len(likers)
