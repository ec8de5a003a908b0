"""Facts on streams: `publish("post.42", {"type": "post.counted", "likes": 13})` reaches every socket that follows `post.42`.

A fact carries ids and numbers, never HTML: each socket draws for its own viewer. A fact is a hint that may be lost;
whoever reconnects catches up by cursor.
"""

from typing import Any

from channels.layers import get_channel_layer
from django.db import transaction


def publish(stream: str, fact: dict[str, Any]) -> None:
    """Send `fact` to the followers of `stream` after the running transaction has committed."""
    transaction.on_commit(lambda: broadcast(stream, fact))


def broadcast(stream: str, fact: dict[str, Any]) -> None:
    """Send now, from any thread; never raises because of a lost Redis."""
    layer = get_channel_layer()
    if layer is not None:
        layer.broadcast(stream, {"type": "stream.fact", "stream": stream, "fact": fact})
