"""Check that sockets stop receiving live messages about a post once it is hidden from their viewer.

Uses the real actions, subscribers and sockets; the truth table says who still receives messages.
"""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.db import connections

from accounts.actions import deactivate_member, request_deletion
from config.asgi import application
from core import streams
from core.events import deliver_pending
from posts.actions import delete_post, hold_post, remove_post
from posts.models import Post
from social.actions import block_member, follow_member, set_private
from tests.factories import make_member, make_post
from tests.live.sockets import Socket
from tests.live.test_consumer import headers, signed_in_session
from tests.visibility.truth import STATES, VIEWERS, may_read

pytestmark = pytest.mark.django_db(transaction=True)

WATCHERS = ("anonymous", "stranger", "follower", "author", "blocked", "blocker")
HIDINGS = ("public", "held", "removed", "deleted", "closed", "leaving", "made private")


class Room:
    """An author, a post, and viewers who have it on an open page."""

    def __init__(self) -> None:
        self.author = make_member("author")
        self.post = make_post(self.author, "Seen by all")
        self.members: dict[str, Any] = {"anonymous": None, "author": self.author}
        for name in WATCHERS:
            if name not in self.members:
                self.members[name] = make_member(name)
        for name in ("follower", "blocked", "blocker"):
            follow_member(member=self.author, by=self.members[name])
        deliver_pending()

    def hide(self, state: str) -> None:
        block_member(member=self.members["blocked"], by=self.author)
        block_member(member=self.author, by=self.members["blocker"])
        post = Post.objects.get(pk=self.post.pk)
        match state:
            case "held":
                hold_post(post=post, reason="To be looked at.")
            case "removed":
                remove_post(post=post, reason="Rule 2")
            case "deleted":
                delete_post(post=post, by=self.author)
            case "closed":
                deactivate_member(member=self.author, by=make_member("root", is_staff=True))
            case "leaving":
                request_deletion(member=self.author, by=self.author)
            case "made private":
                set_private(by=self.author, private=True)
        deliver_pending()


@pytest.mark.parametrize("state", HIDINGS)
async def test_a_viewer_from_whom_a_post_is_hidden_gets_no_live_messages(state: str) -> None:
    room = await database_sync_to_async(Room)()
    stream = f"post.{room.post.pk}"
    sockets: dict[str, Socket] = {}
    for name, member in room.members.items():
        key = await signed_in_session(member) if member is not None else ""
        socket = sockets[name] = Socket(application, "/ws/live", headers(key))
        assert await socket.connect()
        assert (await socket.subscribe(stream))["streams"] == [stream]
    await database_sync_to_async(room.hide)(state)
    for socket in sockets.values():
        await _quiet(socket)
    await _broadcast(stream, {"type": "post.counted", "id": str(room.post.pk), "likes": 7})
    heard = {name: await _hears(socket) for name, socket in sockets.items()}
    row = next(row for row in STATES if row.name == state)
    expected = {viewer.name: may_read(row, viewer) for viewer in VIEWERS if viewer.name in WATCHERS}
    for socket in sockets.values():
        await socket.disconnect()
    await database_sync_to_async(connections.close_all)()
    assert heard == expected


_broadcast: Callable[..., Any] = sync_to_async(streams.broadcast, thread_sensitive=False)


async def _quiet(socket: Socket) -> None:
    """Receive and discard pending messages."""
    while not socket.future.done() and not await socket.receive_nothing(0.3):
        await socket.receive_output(timeout=1)


async def _hears(socket: Socket) -> bool:
    if socket.future.done() or await socket.receive_nothing(0.5):
        return False
    output = await socket.receive_output(timeout=1)
    return bool(output["type"] == "websocket.send" and "post.counted" in output["text"])
