"""Streams of live messages: `publish(post_stream(42), {"type": "post.counted", "likes": 13})` reaches every socket
that is subscribed to `post.42`.

A live message carries ids and numbers, never HTML: each page renders for its own viewer. It may be lost; a client that
reconnects catches up (core.consumers.catch_up).

Stream names are built and parsed here and, in the browser, in static/js/streams.js.
"""

import hashlib
import re
from typing import Any

from channels.layers import get_channel_layer
from django.db import transaction

LiveMessage = dict[str, Any]

EVERY_SOCKET = "sockets"
"""The stream of all sockets, visitors’ included."""

_STREAM = re.compile(r"([a-z]{1,20})\.([A-Za-z0-9_-]{1,64})\Z")


def parse_stream(name: str) -> tuple[str, str] | None:
    """Return prefix and key of a stream’s name ("post.42" → "post", "42"); None if it is not such a name."""
    match = _STREAM.match(name)
    return (match[1], match[2]) if match else None


def post_stream(post_id: int) -> str:
    """Return the stream with the changes of one post."""
    return f"post.{post_id}"


def member_stream(member_id: int) -> str:
    """Return the stream with messages for one member only."""
    return f"member.{member_id}"


def session_stream(session_key: str) -> str:
    """Return the stream of all sockets of one session. The key is hashed, because names appear in Redis and logs."""
    return f"session.{hashlib.sha256(session_key.encode()).hexdigest()[:32]}"


def sockets_stream(member_id: int) -> str:
    """Return the stream of all sockets of one member, whatever they are subscribed to."""
    return f"sockets.{member_id}"


def publish(stream: str, message: LiveMessage, *, latest: bool = False) -> None:
    """Send `message` to the subscribers of `stream` after the running transaction has committed.

    With `latest`, only the newest message of its type matters, so that few of many in a row are sent.
    """
    transaction.on_commit(lambda: broadcast(stream, message, latest=latest))


def broadcast(stream: str, message: LiveMessage, *, latest: bool = False) -> None:
    """Send `message` now, from any thread. Never raises because Redis is down."""
    layer = get_channel_layer()
    if layer is None:
        return
    event: dict[str, Any] = {"type": "stream.message", "stream": stream, "message": message}
    if latest:
        event["latest"] = message["type"]
    layer.broadcast(stream, event)


def close_sockets_of_session(session_key: str) -> None:
    """Close every socket of this session (4401) after the commit."""
    publish(session_stream(session_key), {"type": "session.ended"})


def recheck_sockets_on(owner_id: int) -> None:
    """Have every socket that is subscribed to something of this member check again, after the commit, whether it may.

    For an account that became private or was closed: one message, however much the member has posted.
    """
    publish(EVERY_SOCKET, {"type": "rights.changed", "owner": owner_id})


def recheck_sockets_of(member_id: int) -> None:
    """Have the member’s sockets check session, account and subscriptions again after the commit.

    For anything that changes permissions: a deactivated member, a new password, a block.
    """
    publish(sockets_stream(member_id), {"type": "rights.changed"})
