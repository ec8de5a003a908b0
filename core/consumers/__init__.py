"""The WebSocket `/ws/live`: a page or app subscribes to the streams of what it shows.

Frames are JSON text, at most 4 KB each, at most 20 a second.

One of our pages connects with its cookie and its Origin. An app sends its access token: `Authorization: Bearer …` in
the handshake or, where headers can't be set, the subprotocol "kith.token" and, within 10 s, as its first frame

    {"type": "authenticate", "token": "..."}
        the reply is {"type": "authenticated", "member": "7"}

Then no Origin is needed, and cookies are ignored. A token is never part of a URL. It is checked once, when the socket
opens: its expiry closes nothing. The socket lasts as long as the session that the token belongs to, and closes with
4401 when that ends. See docs/live.md.

Frames from the client:

    {"type": "subscribe", "streams": ["post.42", "member.7"], "after": "99"}
        up to 200 streams a socket; `after` is the newest notification that the client knows, to catch up from
    {"type": "unsubscribe", "streams": ["post.42"]}
    {"type": "ping"}
        at least every 60 s, or the socket closes

Frames from the server:

    {"type": "subscribed", "streams": [...], "refused": [...], "facts": [...]}
        `facts` are live messages that bring the client up to date; a stream that the viewer may not see and one that
        doesn't exist are both refused
    {"type": "post.counted", "id": "42", "likes": 13, ...}
        and other live messages, from the streams of config/sockets.py
    {"type": "refused", "streams": [...]}
        streams that the viewer may no longer see; the socket is unsubscribed from them
    {"type": "gap"}
        live messages may have been lost: subscribe again, with `after`
    {"type": "pong"}
    {"type": "error", "code": "...", "message": "..."}
        for the developer of the client, so in English: members never see it

The socket closes with 4400 (frame not understood: don't reconnect), 4401 (signed out, no longer allowed, or the token
is invalid: a page is reloaded, an app refreshes its token or signs in again), 4408 (client reads too slowly), 4410 (no
frame for 60 s) or 4429 (too many frames, or too many sockets of one member). After the last three and after a lost
connection the client reconnects and subscribes with `after`.

A member has up to 32 sockets, visitors from one address 128; further ones are rejected, and the page polls instead. A
socket that has announced a token counts for its address until it has sent the token.

Visitors may subscribe to what visitors may see. Where WebSockets are blocked, `GET /live/since` returns the same from
the same handlers (core.views.since).
"""

from core.consumers.catching_up import (
    CatchUpResult,
    OwnedStreams,
    Stream,
    catch_up,
    snowflake,
)
from core.consumers.live import (
    MAX_STREAMS,
    NO_LONGER_ALLOWED,
    NOT_UNDERSTOOD,
    SILENT,
    TOO_MANY,
    TOO_SLOW,
    LiveConsumer,
)

__all__ = [
    "MAX_STREAMS",
    "NOT_UNDERSTOOD",
    "NO_LONGER_ALLOWED",
    "SILENT",
    "TOO_MANY",
    "TOO_SLOW",
    "CatchUpResult",
    "LiveConsumer",
    "OwnedStreams",
    "Stream",
    "catch_up",
    "snowflake",
]
