"""Check that an open page gets no notifications that its viewer has muted."""

from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import connections

from config.asgi import application
from core.events import deliver_pending
from messaging.actions import send_message
from posts.actions import like_post, mute_thread
from social.actions import mute_member, mute_word, unmute_member
from tests.factories import make_member, make_post
from tests.live.sockets import Socket
from tests.live.test_consumer import headers, signed_in_session

pytestmark = pytest.mark.django_db(transaction=True)


@database_sync_to_async
def scene():
    """Create alice, who mutes bob, a word and a thread, and carol."""
    alice, bob, carol = (make_member(name) for name in ("alice", "bob", "carol"))
    post, quarrel = make_post(alice), make_post(alice)
    mute_member(member=bob, by=alice)
    mute_word(by=alice, text="zebra")
    mute_thread(post=quarrel, by=alice)
    while deliver_pending():
        pass
    return alice, bob, carol, post, quarrel


@database_sync_to_async
def act(alice, bob, carol, post, quarrel):
    like_post(post=post, by=bob)
    make_post(bob, "hello @alice")
    make_post(carol, "a zebra for @alice")
    make_post(carol, "no, no", in_reply_to=quarrel)
    send_message(by=bob, to=alice, text="Hello?")
    like_post(post=post, by=carol)
    while deliver_pending():
        pass


async def test_muted_notifications_do_not_arrive():
    alice, bob, carol, post, quarrel = await scene()
    socket = Socket(application, "/ws/live", headers(await signed_in_session(alice)))
    assert await socket.connect()
    try:
        await socket.subscribe(f"member.{alice.pk}")
        await act(alice, bob, carol, post, quarrel)
        heard: list[dict[str, Any]] = []
        while "like" not in [fact.get("kind") for fact in heard]:
            heard.append(await socket.hear())
        assert [(fact["type"], fact.get("kind")) for fact in heard if "notification" in fact["type"]] == [
            ("notification.created", "like")
        ]
        assert heard[-1]["unread"] == 1
        assert [fact["quiet"] for fact in heard if fact["type"] == "message.created"] == [True]
        await database_sync_to_async(unmute_member)(member=bob, by=alice)
    finally:
        await socket.disconnect()
        await database_sync_to_async(connections.close_all)()
