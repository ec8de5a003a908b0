"""Facts on streams: `publish("post.42", {"type": "post.counted", "likes": 13})` reaches every socket that
follows `post.42`.

A fact carries ids and numbers, never HTML: each page draws for its own viewer. A fact is a hint that may be lost;
whoever reconnects catches up (core.consumers.catch_up).
"""

import hashlib
from typing import Any

from channels.layers import get_channel_layer
from django.db import transaction

Fact = dict[str, Any]


def publish(stream: str, fact: Fact, *, latest: bool = False) -> None:
    """Send `fact` to the followers of `stream` after the running transaction has committed.

    `latest`: a newer fact of its type makes this one needless, so that of many in a row few are sent.
    """
    transaction.on_commit(lambda: broadcast(stream, fact, latest=latest))


def broadcast(stream: str, fact: Fact, *, latest: bool = False) -> None:
    """Send now, from any thread; never raises because of a lost Redis."""
    layer = get_channel_layer()
    if layer is None:
        return
    message: Fact = {"type": "stream.fact", "stream": stream, "fact": fact}
    if latest:
        message["latest"] = fact["type"]
    layer.broadcast(stream, message)


def session_stream(session_key: str) -> str:
    """Where the sockets of one sign-in listen: named by a hash, because names travel through Redis and logs."""
    return f"session.{hashlib.sha256(session_key.encode()).hexdigest()[:32]}"


def member_stream(member_id: int) -> str:
    """Where facts for one member alone are said."""
    return f"member.{member_id}"


def sockets_stream(member_id: int) -> str:
    """Where all sockets of a member listen, whatever they follow."""
    return f"sockets.{member_id}"


def close_sockets_of_session(session_key: str) -> None:
    """After the commit: every socket of this sign-in closes (4401)."""
    publish(session_stream(session_key), {"type": "session.ended"})


EVERY_SOCKET = "sockets"
"""Where all sockets listen, those of visitors too."""


def recheck_sockets_on(owner_id: int) -> None:
    """After the commit: every socket that follows something of this member's looks again at whether it may.

    For an account that turned private or was closed: one fact, however much the member has posted.
    """
    publish(EVERY_SOCKET, {"type": "rights.changed", "owner": owner_id})


def recheck_sockets_of(member_id: int) -> None:
    """After the commit: the member's sockets look again at session, account and what they may follow.

    For whoever changes rights: a deactivated member, a new password, a block.
    """
    publish(sockets_stream(member_id), {"type": "rights.changed"})
