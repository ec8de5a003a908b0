"""The consumer of `/ws/live`; `core.consumers` describes the protocol."""

import asyncio
import json
import logging
import random
import time
from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from core.bearer import holder_of
from core.client import address_group, socket_address
from core.consumers.catching_up import catch_up, stream_handler
from core.consumers.frames import NotUnderstood, after_of, parse_frame, streams_of, token_of
from core.layers import FanoutLayer
from core.socket_auth import TOKEN_PROTOCOL
from core.streams import EVERY_SOCKET, LiveMessage, parse_stream, session_stream, sockets_stream
from core.trace import new_trace_id, set_trace_id

log = logging.getLogger("kith.live")

MAX_STREAMS = 200
FRAMES_A_SECOND = 20
SILENT_AFTER = 60.0
SEND_TIMEOUT = 20.0
AUTHENTICATE_WITHIN = 10.0
RECHECK_EVERY = 300.0
"""How often an open socket checks session and account again, in case the message about a change was lost."""

NOT_UNDERSTOOD = 4400
NO_LONGER_ALLOWED = 4401
TOO_SLOW = 4408
SILENT = 4410
TOO_MANY = 4429

_open: Counter[str] = Counter()
"""The open sockets of this process by member, or by address for visitors."""


class LiveConsumer(AsyncWebsocketConsumer):
    channel_layer: FanoutLayer
    channel_name: str

    viewer: AbstractBaseUser | None = None
    _session_key: str | None = None
    _awaits_token = False
    _timer: asyncio.TimerHandle | None = None
    _sending: asyncio.Timeout | None = None
    _closed = False
    _counted_as = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._streams: set[str] = set()
        self._owners: dict[str, int] = {}
        self._control: list[str] = []
        self._receive_budget = float(FRAMES_A_SECOND)
        self._received_at = self._checked_at = time.monotonic()
        set_trace_id(new_trace_id())
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._uncount()
            if self._timer is not None:
                self._timer.cancel()
            if hasattr(self, "channel_name"):
                self.channel_layer.remove_channel(self.channel_name)

    # --- Opening ------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        user, token = self.scope["user"], self.scope.get("token")
        if not (token or _same_origin(self.scope)) or not self._count(user):
            await self.close()
            return
        self._control = [EVERY_SOCKET]
        await self.channel_layer.group_add(EVERY_SOCKET, self.channel_name)
        if user.is_authenticated:
            await self._sign_in(getattr(user, "_wrapped", user), self.scope["session"].session_key or "")
        self.channel_layer.watch_overflow(self.channel_name, self._on_overflow)
        await self.accept(TOKEN_PROTOCOL if TOKEN_PROTOCOL in self.scope.get("subprotocols", ()) else None)
        if token == "shown" and not user.is_authenticated:
            await self._refuse_token()
        self._awaits_token = token == "promised"
        self._set_timer()

    async def _sign_in(self, member: AbstractBaseUser, session_key: str) -> None:
        self.viewer, self._session_key = member, session_key
        for group in (sockets_stream(member.pk), session_stream(session_key)):
            self._control.append(group)
            await self.channel_layer.group_add(group, self.channel_name)

    async def _authenticate(self, token: str) -> None:
        if not self._awaits_token:
            raise NotUnderstood("This socket was opened without the promise of a token.")
        holder = await database_sync_to_async(holder_of)(token)
        if holder is None:
            await self._refuse_token()
            return
        if not self._count(holder.member):
            await self._fail(TOO_MANY, "too_many_sockets", f"At most {settings.SOCKETS_PER_MEMBER} sockets.")
            return
        self._awaits_token = False
        await self._sign_in(holder.member, holder.session_key)
        # The session may have ended after the token was checked and before this socket listened for it.
        if await self._recheck():
            await self._send({"type": "authenticated", "member": str(holder.member.pk)})

    async def _refuse_token(self) -> None:
        await self._fail(NO_LONGER_ALLOWED, "authentication_failed", "This token is no longer valid.")

    def _count(self, user: Any) -> bool:
        """Count this socket for the member, or for the address of a visitor. Return False if the limit of this process
        is reached. A socket that was counted for its address before is then counted for its member instead.
        """
        if user.is_authenticated:
            name, limit = f"m{user.pk}", settings.SOCKETS_PER_MEMBER
        else:
            name, limit = f"a{address_group(socket_address(self.scope))}", settings.SOCKETS_PER_ADDRESS
        if _open[name] >= limit:
            return False
        self._uncount()
        _open[name] += 1
        self._counted_as = name
        return True

    def _uncount(self) -> None:
        if self._counted_as:
            _open[self._counted_as] -= 1
            if not _open[self._counted_as]:
                del _open[self._counted_as]
            self._counted_as = ""

    # --- From the client ----------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        now = time.monotonic()
        self._receive_budget = min(
            float(FRAMES_A_SECOND), self._receive_budget + (now - self._received_at) * FRAMES_A_SECOND
        )
        self._received_at = now
        if self._closed:
            return
        if self._receive_budget < 1:
            await self._fail(TOO_MANY, "too_many_messages", f"At most {FRAMES_A_SECOND} messages a second.")
            return
        self._receive_budget -= 1
        try:
            frame = parse_frame(text_data)
            match frame["type"]:
                case "ping":
                    await self._send({"type": "pong"})
                case "authenticate":
                    await self._authenticate(token_of(frame))
                case _ if self._awaits_token:
                    raise NotUnderstood("The first message is authenticate.")
                case "subscribe":
                    await self._subscribe(streams_of(frame), after_of(frame))
                case "unsubscribe":
                    await self._unsubscribe(streams_of(frame))
                case _:
                    raise NotUnderstood("type is subscribe, unsubscribe or ping.")
        except NotUnderstood as why:
            await self._fail(NOT_UNDERSTOOD, "not_understood", str(why))

    async def _subscribe(self, streams: list[str], after: int | None) -> None:
        room = MAX_STREAMS - len(self._streams)
        new = [stream for stream in dict.fromkeys(streams) if stream not in self._streams]
        over = set(new[room:]) if len(new) > room else set()
        requested = [stream for stream in streams if stream not in over]
        # Subscribe first, then read the database, so that nothing is lost between the two. What arrives meanwhile waits
        # in the mailbox, and is dropped there if the viewer may not see the stream.
        for stream in requested:
            if parse_stream(stream):
                await self.channel_layer.group_add(stream, self.channel_name)
        found = await database_sync_to_async(catch_up)(self.viewer, requested, after)
        for stream in found.refused:
            await self._drop(stream)
        self._streams.update(found.streams)
        self._owners |= found.owners
        refused = found.refused + [stream for stream in streams if stream in over]
        await self._send(
            {"type": "subscribed", "streams": found.streams, "refused": refused, "facts": found.messages}
        )
        if over:
            await self._send(
                {"type": "error", "code": "too_many_streams", "message": f"At most {MAX_STREAMS} streams."}
            )

    async def _unsubscribe(self, streams: list[str]) -> None:
        for stream in streams:
            if stream in self._streams:
                await self._drop(stream)

    async def _drop(self, stream: str) -> None:
        self._streams.discard(stream)
        self._owners.pop(stream, None)
        if parse_stream(stream):
            await self.channel_layer.group_discard(stream, self.channel_name)

    # --- From the channel layer ---------------------------------------------------------------------------

    async def stream_message(self, event: dict[str, Any]) -> None:
        stream, message = event["stream"], event["message"]
        if stream in self._control:
            if message["type"] == "session.ended":
                await self._end(NO_LONGER_ALLOWED)
            elif "owner" not in message or message["owner"] in self._owners.values():
                await self._recheck()
            return
        if stream not in self._streams:
            return
        parsed = parse_stream(stream)
        handler = stream_handler(parsed[0]) if parsed else None
        if handler is None:
            return
        visible = handler.for_viewer(self.viewer, message)
        if visible is not None:
            await self._send(visible)
        if handler.is_last(self.viewer, message):
            await self._drop(stream)

    async def stream_gap(self, event: dict[str, Any]) -> None:
        # All sockets of the process get here at once; spread their queries over a second.
        await asyncio.sleep(random.uniform(0, 1))
        if await self._recheck():
            await self._send({"type": "gap"})

    async def stream_overflow(self, event: dict[str, Any]) -> None:
        await self._end(TOO_SLOW)

    async def timer_fired(self, event: dict[str, Any]) -> None:
        now = time.monotonic()
        if self._awaits_token:
            await self._end(NO_LONGER_ALLOWED)
            return
        if now - self._received_at >= SILENT_AFTER:
            await self._end(SILENT)
            return
        if now - self._checked_at >= RECHECK_EVERY:
            await self._recheck()
        self._set_timer()

    # --- Permissions --------------------------------------------------------------------------------------

    async def _recheck(self) -> bool:
        """Check session, account and subscriptions again. Return False if the socket has been closed.

        Streams that the viewer may no longer see are dropped, and the client is notified.
        """
        self._checked_at = time.monotonic()
        if self._session_key is not None:
            viewer = await get_user({"session": await _session(self._session_key)})
            if self.viewer is None or not viewer.is_authenticated or viewer.pk != self.viewer.pk:
                await self._end(NO_LONGER_ALLOWED)
                return False
            self.viewer = viewer
        found = await database_sync_to_async(catch_up)(self.viewer, sorted(self._streams), None)
        for stream in found.refused:
            await self._drop(stream)
        if found.refused:
            await self._send({"type": "refused", "streams": found.refused})
        return True

    # --- Sending and closing ------------------------------------------------------------------------------

    async def _send(self, message: LiveMessage) -> None:
        """Send a frame; close the socket if the client doesn't read it in time."""
        if self._closed:
            return
        try:
            async with asyncio.timeout(SEND_TIMEOUT) as self._sending:
                await self.send(text_data=json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        except TimeoutError:
            await self._end(TOO_SLOW)
        finally:
            self._sending = None

    def _on_overflow(self) -> None:
        """Abort the send that blocks this socket, if there is one: its mailbox is full."""
        if self._sending is not None and not self._sending.expired():
            self._sending.reschedule(asyncio.get_running_loop().time())

    async def _fail(self, code: int, name: str, message: str) -> None:
        await self._send({"type": "error", "code": name, "message": message})
        await self._end(code)

    async def _end(self, code: int) -> None:
        """Close the socket, whether or not the client still reads."""
        self._closed = True
        try:
            async with asyncio.timeout(1):
                await self.close(code=code)
        except TimeoutError:
            pass
        raise StopConsumer

    def _set_timer(self) -> None:
        """Set the socket’s only timer. A frame doesn’t reset it: it only notes when it was received."""
        loop = asyncio.get_running_loop()
        wait = max(1.0, self._received_at + SILENT_AFTER - time.monotonic())
        if self._awaits_token:
            wait = AUTHENTICATE_WITHIN
        self._timer = loop.call_later(wait, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self.channel_layer.send_nowait(self.channel_name, {"type": "timer.fired"})


def _same_origin(scope: Mapping[str, Any]) -> bool:
    """Return whether one of our pages opened the socket.

    AllowedHostsOriginValidator alone compares only hosts, and so accepts a page on another port.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1").rstrip("/")
    host = headers.get(b"host", b"").decode("latin-1")
    return origin in {f"http://{host}", f"https://{host}", settings.SITE_URL, *settings.CSRF_TRUSTED_ORIGINS}


@database_sync_to_async
def _session(session_key: str) -> Any:
    """Load the session as it is in the store now, not as it was when the socket opened."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    store.load()
    return store
