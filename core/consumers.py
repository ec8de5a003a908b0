"""The one socket, /ws/live: a page follows the streams of what it shows.

Text frames of JSON, at most 4 KB each, at most 20 a second.

A page of ours opens it with its cookie and its Origin. An app shows its access token: `Authorization: Bearer …` at the
opening, or, where headers cannot be set, the subprotocol "kith.token" and, within 10 s, as its first message

    {"type": "authenticate", "token": "..."}
        answered by {"type": "authenticated", "member": "7"}

Then no Origin is needed, and no cookie is looked at. A token never stands in an address. It is asked for once, at the
opening: that it runs out later closes nothing. The socket lasts as long as the sign-in that the token belongs to, and
closes with 4401 when that ends. docs/live.md

From the page or app:

    {"type": "follow", "streams": ["post.42", "member.7"], "after": "99"}
        at most 200 streams a socket; `after` is the newest notification that the page knows, to catch up from
    {"type": "unfollow", "streams": ["post.42"]}
    {"type": "ping"}
        at least every 60 s, or the socket closes

From the site:

    {"type": "followed", "streams": [...], "refused": [...], "facts": [...]}
        `facts` bring the page up to date; what may not be seen and what is not there are refused alike
    {"type": "post.counted", "id": "42", "likes": 13, ...}
        and other facts, as the streams of config/sockets.py say them
    {"type": "refused", "streams": [...]}
        what was followed and may be seen no more; nothing of it arrives any longer
    {"type": "gap"}
        something may have been missed: follow again, with `after`
    {"type": "pong"}
    {"type": "error", "code": "...", "message": "..."}
        for whoever writes the page, and so in English: no member ever reads it

It closes with 4400 (message not understood: do not come back), 4401 (signed out, no longer allowed, or the token is not
valid: a page is reloaded, an app refreshes its token or signs in again), 4408 (read too slowly), 4410 (silent for 60 s)
or 4429 (too many messages, or sockets of one member). After these three and after a lost connection the page connects
again and follows with `after`.

A member has at most 32 at a time, an address of visitors 128; one more is not opened, and the page asks by polling. A
socket with a promised token is one of its address until the token has come.

Nobody has to sign in: a visitor follows what visitors may see. Where sockets are blocked, `GET /live/since` answers
the same from the same handlers (core.views.since).
"""

import asyncio
import json
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Generic, TypeVar

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.module_loading import import_string

from core.bearer import holder_of
from core.client import address_group, socket_address
from core.layers import FanoutLayer
from core.limits import read_json, shown
from core.opening import TOKEN_PROTOCOL
from core.refusals import Refusal
from core.streams import EVERY_SOCKET, Fact, session_stream, sockets_stream
from core.trace import new_trace_id, set_trace_id

log = logging.getLogger("kith.live")

MAX_MESSAGE = 4096
MAX_STREAMS = 200
MESSAGES_A_SECOND = 20
SILENT_AFTER = 60.0
WRITE_WITHIN = 20.0
AUTHENTICATE_WITHIN = 10.0
RECHECK_EVERY = 300.0
"""How often an open socket looks again at session and account, should the fact that told of a change have
been lost.
"""

NOT_UNDERSTOOD = 4400
NO_LONGER_ALLOWED = 4401
TOO_SLOW = 4408
SILENT = 4410
TOO_MANY = 4429

KEYS = {
    "authenticate": {"type", "token"},
    "ping": {"type"},
    "follow": {"type", "streams", "after"},
    "unfollow": {"type", "streams"},
}
"""What each type of message from the page may have."""

_STREAM = re.compile(r"([a-z]{1,20})\.([A-Za-z0-9_-]{1,64})\Z")
_SNOWFLAKE = re.compile(r"[0-9]{1,19}\Z")


class Allowed(dict[str, Sequence[Fact]]):
    """What `Stream.catch_up` gives where the rights of one member decide about a key: `owners` says whose."""

    def __init__(self, facts: Mapping[str, Sequence[Fact]], owners: Mapping[str, int]) -> None:
        super().__init__(facts)
        self.owners = owners


MemberT = TypeVar("MemberT", bound=AbstractBaseUser)
"""Who asks. core does not import members: an app writes `class PostStream(Stream[Member])`."""


class Stream(Generic[MemberT]):
    """One kind of stream, `<prefix>.<key>`. Subclass in `<app>/consumers.py` and name it in
    config/sockets.py.

    One instance serves every socket of the process: keep nothing on it.
    """

    def catch_up(
        self, viewer: MemberT | None, keys: Sequence[str], after: int | None
    ) -> Mapping[str, Sequence[Fact]]:
        """Of `keys`, those that `viewer` may follow, each with the facts that bring its page
        up to date.

        A key left out is refused. One visible_to query for all keys; keys come from outside and may be anything that
        matches [A-Za-z0-9_-]{1,64}. `after`: the newest notification id that the page knows. Runs in a thread.
        """
        raise NotImplementedError

    def dress(self, viewer: MemberT | None, fact: Fact) -> Fact | None:
        """What this viewer is told of `fact`; None for nothing. No database: it runs on the event loop, once
        a socket.
        """
        return fact

    def ends(self, viewer: MemberT | None, fact: Fact) -> bool:
        """Whether nothing that follows is for this viewer's eyes: the socket unfollows after this fact."""
        return False


@dataclass
class CaughtUp:
    """What following some streams gave."""

    streams: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    owners: dict[str, int] = field(default_factory=dict)
    """Of these streams, the member of whose rights it depends who may follow."""


@cache
def _handler(prefix: str) -> Stream[AbstractBaseUser] | None:
    module, _, name = settings.STREAMS.rpartition(".")
    path = getattr(import_module(module), name).get(prefix)
    return import_string(path)() if path else None


def catch_up(viewer: AbstractBaseUser | None, streams: Sequence[str], after: int | None) -> CaughtUp:
    """Permission and the present state for each of `streams`, one query for each kind. For sockets and for
    polling.
    """
    result = CaughtUp()
    by_prefix: dict[str, list[str]] = {}
    for stream in dict.fromkeys(streams):
        match = _STREAM.match(stream)
        if match and _handler(match[1]):
            by_prefix.setdefault(match[1], []).append(match[2])
        else:
            result.refused.append(stream)
    for prefix, keys in by_prefix.items():
        handler = _handler(prefix)
        assert handler is not None
        allowed = handler.catch_up(viewer, keys, after)
        for key in keys:
            if key in allowed:
                result.streams.append(f"{prefix}.{key}")
                result.facts.extend(allowed[key])
                if isinstance(allowed, Allowed):
                    result.owners[f"{prefix}.{key}"] = allowed.owners[key]
            else:
                result.refused.append(f"{prefix}.{key}")
    return result


def snowflake(text: str) -> int | None:
    """An id from outside as a number, None when it cannot be one."""
    return int(text) if _SNOWFLAKE.match(text) and int(text) < 2**63 else None


_open: Counter[str] = Counter()
"""The open sockets of this process by member, or by address of those who are not signed in."""


class NotUnderstood(Exception):
    """A message that does not follow the protocol."""


class LiveConsumer(AsyncWebsocketConsumer):
    channel_layer: FanoutLayer
    channel_name: str

    viewer: AbstractBaseUser | None = None
    _session_key: str | None = None
    _awaits_token = False
    _timer: asyncio.TimerHandle | None = None
    _writing: asyncio.Timeout | None = None
    _closed = False
    _place = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._streams: set[str] = set()
        self._owners: dict[str, int] = {}
        self._control: list[str] = []
        self._receive_budget = float(MESSAGES_A_SECOND)
        self._heard_at = self._checked_at = time.monotonic()
        set_trace_id(new_trace_id())
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave_place()
            if self._timer is not None:
                self._timer.cancel()
            if hasattr(self, "channel_name"):
                self.channel_layer.forget(self.channel_name)

    # --- Opening ------------------------------------------------------------------------------------------

    async def connect(self) -> None:
        user, token = self.scope["user"], self.scope.get("token")
        if not (token or _same_origin(self.scope)) or not self._take_place(user):
            await self.close()
            return
        self._control = [EVERY_SOCKET]
        await self.channel_layer.group_add(EVERY_SOCKET, self.channel_name)
        if user.is_authenticated:
            await self._sign_in(getattr(user, "_wrapped", user), self.scope["session"].session_key or "")
        self.channel_layer.watch_overflow(self.channel_name, self._fell_behind)
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
        if not self._take_place(holder.member):
            await self._fail(TOO_MANY, "too_many_sockets", f"At most {settings.SOCKETS_PER_MEMBER} sockets.")
            return
        self._awaits_token = False
        await self._sign_in(holder.member, holder.session_key)
        # The session may have ended between the look at the token and the moment from which we hear of it.
        if await self._recheck():
            await self._say({"type": "authenticated", "member": str(holder.member.pk)})

    async def _refuse_token(self) -> None:
        await self._fail(NO_LONGER_ALLOWED, "authentication_failed", "This token is no longer valid.")

    def _take_place(self, user: Any) -> bool:
        """Whether this member, or else this address, has room for one more in this process. Who was counted before is
        counted there no longer.
        """
        if user.is_authenticated:
            place, most = f"m{user.pk}", settings.SOCKETS_PER_MEMBER
        else:
            place, most = f"a{address_group(socket_address(self.scope))}", settings.SOCKETS_PER_ADDRESS
        if _open[place] >= most:
            return False
        self._leave_place()
        _open[place] += 1
        self._place = place
        return True

    def _leave_place(self) -> None:
        if self._place:
            _open[self._place] -= 1
            if not _open[self._place]:
                del _open[self._place]
            self._place = ""

    # --- From the page ------------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        now = time.monotonic()
        self._receive_budget = min(
            float(MESSAGES_A_SECOND), self._receive_budget + (now - self._heard_at) * MESSAGES_A_SECOND
        )
        self._heard_at = now
        if self._closed:
            return
        if self._receive_budget < 1:
            await self._fail(TOO_MANY, "too_many_messages", f"At most {MESSAGES_A_SECOND} messages a second.")
            return
        self._receive_budget -= 1
        try:
            message = _parse(text_data)
            match message["type"]:
                case "ping":
                    await self._say({"type": "pong"})
                case "authenticate":
                    await self._authenticate(_token_in(message))
                case _ if self._awaits_token:
                    raise NotUnderstood("The first message is authenticate.")
                case "follow":
                    await self._follow(_streams_in(message), _after_in(message))
                case "unfollow":
                    await self._unfollow(_streams_in(message))
                case _:
                    raise NotUnderstood("type is follow, unfollow or ping.")
        except NotUnderstood as why:
            await self._fail(NOT_UNDERSTOOD, "not_understood", str(why))

    async def _follow(self, streams: list[str], after: int | None) -> None:
        room = MAX_STREAMS - len(self._streams)
        new = [stream for stream in dict.fromkeys(streams) if stream not in self._streams]
        over = set(new[room:]) if len(new) > room else set()
        asked = [stream for stream in streams if stream not in over]
        # Listen first, look after: nothing falls between the two. What arrives meanwhile waits in the mailbox, and is
        # thrown away there if the stream turns out not to be for this viewer.
        for stream in asked:
            if _STREAM.match(stream):
                await self.channel_layer.group_add(stream, self.channel_name)
        found = await database_sync_to_async(catch_up)(self.viewer, asked, after)
        for stream in found.refused:
            await self._drop(stream)
        self._streams.update(found.streams)
        self._owners |= found.owners
        refused = found.refused + [stream for stream in streams if stream in over]
        await self._say(
            {"type": "followed", "streams": found.streams, "refused": refused, "facts": found.facts}
        )
        if over:
            await self._say(
                {"type": "error", "code": "too_many_streams", "message": f"At most {MAX_STREAMS} streams."}
            )

    async def _unfollow(self, streams: list[str]) -> None:
        for stream in streams:
            if stream in self._streams:
                await self._drop(stream)

    async def _drop(self, stream: str) -> None:
        self._streams.discard(stream)
        self._owners.pop(stream, None)
        if _STREAM.match(stream):
            await self.channel_layer.group_discard(stream, self.channel_name)

    # --- From the layer -----------------------------------------------------------------------------------

    async def stream_fact(self, message: dict[str, Any]) -> None:
        stream, fact = message["stream"], message["fact"]
        if stream in self._control:
            if fact["type"] == "session.ended":
                await self._end(NO_LONGER_ALLOWED)
            elif "owner" not in fact or fact["owner"] in self._owners.values():
                await self._recheck()
            return
        if stream not in self._streams:
            return
        handler = _handler(stream.partition(".")[0])
        if handler is None:
            return
        dressed = handler.dress(self.viewer, fact)
        if dressed is not None:
            await self._say(dressed)
        if handler.ends(self.viewer, fact):
            await self._drop(stream)

    async def stream_gap(self, message: dict[str, Any]) -> None:
        # All sockets of the process are here at once; the database need not be.
        await asyncio.sleep(random.uniform(0, 1))
        if await self._recheck():
            await self._say({"type": "gap"})

    async def stream_overflow(self, message: dict[str, Any]) -> None:
        await self._end(TOO_SLOW)

    async def clock_struck(self, message: dict[str, Any]) -> None:
        now = time.monotonic()
        if self._awaits_token:
            await self._end(NO_LONGER_ALLOWED)
            return
        if now - self._heard_at >= SILENT_AFTER:
            await self._end(SILENT)
            return
        if now - self._checked_at >= RECHECK_EVERY:
            await self._recheck()
        self._set_timer()

    # --- Rights -------------------------------------------------------------------------------------------

    async def _recheck(self) -> bool:
        """Whether this socket may stay; otherwise it is closed. Streams that the viewer may follow no more
        are dropped, and the page is told.
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
            await self._say({"type": "refused", "streams": found.refused})
        return True

    # --- Writing and closing ------------------------------------------------------------------------------

    async def _say(self, fact: Fact) -> None:
        """Write, but do not wait for ever on a page that does not read."""
        if self._closed:
            return
        try:
            async with asyncio.timeout(WRITE_WITHIN) as self._writing:
                await self.send(text_data=json.dumps(fact, ensure_ascii=False, separators=(",", ":")))
        except TimeoutError:
            await self._end(TOO_SLOW)
        finally:
            self._writing = None

    def _fell_behind(self) -> None:
        """The mailbox ran over. If a write is what holds this socket up, it has waited long enough."""
        if self._writing is not None and not self._writing.expired():
            self._writing.reschedule(asyncio.get_running_loop().time())

    async def _fail(self, code: int, name: str, message: str) -> None:
        await self._say({"type": "error", "code": name, "message": message})
        await self._end(code)

    async def _end(self, code: int) -> None:
        """Close and be gone, whether or not the other side still reads."""
        self._closed = True
        try:
            async with asyncio.timeout(1):
                await self.close(code=code)
        except TimeoutError:
            pass
        raise StopConsumer

    def _set_timer(self) -> None:
        """One timer a socket, set again only when it strikes; a message merely notes the time."""
        loop = asyncio.get_running_loop()
        wait = max(1.0, self._heard_at + SILENT_AFTER - time.monotonic())
        if self._awaits_token:
            wait = AUTHENTICATE_WITHIN
        self._timer = loop.call_later(wait, self._strike)

    def _strike(self) -> None:
        self._timer = None
        self.channel_layer.post(self.channel_name, {"type": "clock.struck"})


def _same_origin(scope: Mapping[str, Any]) -> bool:
    """Whether a page of ours opened the socket. The host alone (AllowedHostsOriginValidator) would let in
    another port.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1").rstrip("/")
    host = headers.get(b"host", b"").decode("latin-1")
    return origin in {f"http://{host}", f"https://{host}", settings.SITE_URL, *settings.CSRF_TRUSTED_ORIGINS}


def _parse(text: str | None) -> dict[str, Any]:
    if text is None:
        raise NotUnderstood("Messages are text.")
    if len(text) > MAX_MESSAGE or len(text.encode()) > MAX_MESSAGE:
        raise NotUnderstood(f"A message has at most {MAX_MESSAGE} bytes.")
    try:
        message = read_json(text.encode())
    except Refusal:
        raise NotUnderstood("Messages are JSON, of whole characters.") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise NotUnderstood("A message is an object with a type.")
    if unknown := message.keys() - KEYS.get(message["type"], message.keys()):
        raise NotUnderstood(f"{message['type']} has no {shown(min(unknown))}.")
    return message


def _streams_in(message: Mapping[str, Any]) -> list[str]:
    streams = message.get("streams")
    if not isinstance(streams, list) or not all(isinstance(stream, str) for stream in streams):
        raise NotUnderstood("streams is a list of names.")
    return streams


def _token_in(message: Mapping[str, Any]) -> str:
    token = message.get("token")
    if not isinstance(token, str):
        raise NotUnderstood("token is a string.")
    return token


def _after_in(message: Mapping[str, Any]) -> int | None:
    after = message.get("after")
    if after is None or after == "":
        return None
    if not isinstance(after, str) or (number := snowflake(after)) is None:
        raise NotUnderstood("after is the id of a notification, as a string.")
    return number


@database_sync_to_async
def _session(session_key: str) -> Any:
    """The session as it is in the store now, not as this socket found it."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    store.load()
    return store
