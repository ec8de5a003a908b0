"""The channel layer: one dictionary of groups in each process and, between processes, one Redis channel.

Every process keeps a single subscription, so that a fact costs Redis one message a process and not one a socket.
Delivery is at most once by design: a socket that reads too slowly is closed, a subscription that broke is followed by
a "gap" to every socket of the process, and both make the client catch up from the database.
"""

import asyncio
import contextlib
import json
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import redis
import redis.asyncio
from asgiref.sync import sync_to_async
from channels.layers import BaseChannelLayer
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.breaker import REDIS_TIMEOUT, Open, redis_breaker

log = logging.getLogger("kith.live")

Message = dict[str, Any]
GAP: Message = {"type": "stream.gap"}
OVERFLOW: Message = {"type": "stream.overflow"}

REDIS_CHANNEL = "kith:live"
SILENCE = 5.0
"""A subscription that says nothing for so long is asked whether it lives, and given as long to answer."""
SUBSCRIBE_WITHIN = 1.0
CALM = 0.25
"""Of facts of which only the latest counts, a group hears one in so many seconds: the first at once, then the last."""


class Mailbox:
    """The bounded queue of one socket; touched only on the loop of that socket."""

    __slots__ = ("capacity", "groups", "loop", "messages", "on_overflow", "overflowed", "reader")

    def __init__(self, loop: asyncio.AbstractEventLoop, capacity: int) -> None:
        self.loop = loop
        self.capacity = capacity
        self.groups: set[str] = set()
        self.messages: deque[Message] = deque()
        self.reader: asyncio.Future[None] | None = None
        self.overflowed = False
        self.on_overflow: Callable[[], None] | None = None

    def put(self, message: Message) -> None:
        if self.overflowed:
            return
        if len(self.messages) >= self.capacity:
            # What is left out now could not be told apart later: drop everything and let the socket start
            # again.
            self.overflowed = True
            self.messages.clear()
            message = OVERFLOW
        self.messages.append(message)
        if self.reader is not None and not self.reader.done():
            self.reader.set_result(None)
        if self.overflowed and self.on_overflow is not None:
            self.on_overflow()

    async def get(self) -> Message:
        while not self.messages:
            self.reader = self.loop.create_future()
            try:
                await self.reader
            finally:
                self.reader = None
        return self.messages.popleft()


class _Calmed:
    """When a group last heard a fact of which only the latest counts, and the one that waits."""

    __slots__ = ("said_at", "waiting")

    def __init__(self) -> None:
        self.said_at = 0.0
        self.waiting: Message | None = None


class FanoutLayer(BaseChannelLayer):
    """Groups of sockets, reached from any thread by `broadcast` and, with `redis_url`, from any process."""

    extensions = ("groups",)

    def __init__(self, redis_url: str = "", capacity: int = 100, **options: Any) -> None:
        super().__init__(capacity=capacity, **options)
        self.channel_capacity: Any = self.compile_capacities(self.channel_capacity)
        self._lock = threading.Lock()
        self._mailboxes: dict[str, Mailbox] = {}
        self._groups: dict[str, set[str]] = {}
        self._calmed: dict[str, dict[str, _Calmed]] = {}
        self._redis = _Redis(redis_url, self) if redis_url else None

    # --- What Channels asks for ---------------------------------------------------------------------------

    async def new_channel(self, prefix: str = "socket") -> str:
        loop = asyncio.get_running_loop()
        channel = f"{prefix}.{uuid4().hex}"
        with self._lock:
            self._mailboxes[channel] = Mailbox(loop, self.get_capacity(channel))
        if self._redis is not None:
            self._redis.subscribe_on(loop)
        return channel

    async def receive(self, channel: str) -> Message:
        return await self._mailboxes[channel].get()

    async def send(self, channel: str, message: Message) -> None:
        """To one channel of this process (a name is known nowhere else)."""
        with self._lock:
            mailbox = self._mailboxes.get(channel)
        if mailbox is not None:
            _hand_over([mailbox], message)

    async def group_add(self, group: str, channel: str) -> None:
        """From the moment this returns, the channel has everything that is said to the group."""
        self.require_valid_group_name(group)
        if self._redis is not None:
            await self._redis.subscribed()
        with self._lock:
            mailbox = self._mailboxes.get(channel)
            if mailbox is not None:
                mailbox.groups.add(group)
                self._groups.setdefault(group, set()).add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        with self._lock:
            self._discard(group, channel)

    async def group_send(self, group: str, message: Message) -> None:
        if self._redis is None:
            self.broadcast(group, message)
        else:
            await sync_to_async(self.broadcast, thread_sensitive=False)(group, message)

    async def flush(self) -> None:
        with self._lock:
            self._groups.clear()
            self._mailboxes.clear()
            self._calmed.clear()

    async def close(self) -> None:
        await self.flush()
        if self._redis is not None:
            self._redis.close()

    # --- What Kith adds -----------------------------------------------------------------------------------

    def broadcast(self, group: str, message: Message) -> None:
        """To every socket of the group, in every process, from any thread. Never raises for a Redis that is
        away.
        """
        self.require_valid_group_name(group)
        if self._redis is None or not self._redis.publish(group, message):
            self.dispatch(group, message)

    def dispatch(self, group: str, message: Message) -> None:
        """To the sockets of this process only. Of messages with the same `latest`, only the newest has to arrive."""
        if "latest" in message and self._hold_back(group, message):
            return
        with self._lock:
            mailboxes = [self._mailboxes[channel] for channel in self._groups.get(group, ())]
        if mailboxes:
            _hand_over(mailboxes, message)

    def _hold_back(self, group: str, message: Message) -> bool:
        """Whether the message waits, because the group has just had one like it."""
        kind = str(message["latest"])
        now = time.monotonic()
        with self._lock:
            members = self._groups.get(group)
            if not members:
                return False
            calmed = self._calmed.setdefault(group, {}).setdefault(kind, _Calmed())
            # Twice the time: the loop that should have let the waiting one go is gone itself.
            if now - calmed.said_at >= (CALM if calmed.waiting is None else 2 * CALM):
                calmed.said_at, calmed.waiting = now, None
                return False
            if calmed.waiting is None:
                loop = self._mailboxes[next(iter(members))].loop
                wait = max(0.0, calmed.said_at + CALM - now)
                try:
                    loop.call_soon_threadsafe(loop.call_later, wait, self._let_go, group, kind)
                except RuntimeError:
                    return False
            calmed.waiting = message
        return True

    def _let_go(self, group: str, kind: str) -> None:
        with self._lock:
            calmed = self._calmed.get(group, {}).get(kind)
            if calmed is None or calmed.waiting is None:
                return
            message = {name: value for name, value in calmed.waiting.items() if name != "latest"}
            calmed.waiting, calmed.said_at = None, time.monotonic()
        self.dispatch(group, message)

    def dispatch_gap(self) -> None:
        """Tell every socket of this process that something may have been missed."""
        with self._lock:
            mailboxes = list(self._mailboxes.values())
        if mailboxes:
            _hand_over(mailboxes, GAP)

    def post(self, channel: str, message: Message) -> None:
        """To one channel, from its own loop and without waiting."""
        if channel in self._mailboxes:
            self._mailboxes[channel].put(message)

    def watch_overflow(self, channel: str, callback: Callable[[], None]) -> None:
        """Call back at once when the channel's reader has fallen too far behind, even while it is stuck in a
        write.
        """
        self._mailboxes[channel].on_overflow = callback

    def forget(self, channel: str) -> None:
        """The socket is gone, and with it everything that was kept for it."""
        with self._lock:
            gone = self._mailboxes.get(channel)
            for group in list(gone.groups) if gone is not None else ():
                self._discard(group, channel)
            self._mailboxes.pop(channel, None)
            last = gone is not None and not any(box.loop is gone.loop for box in self._mailboxes.values())
        if last and gone is not None and self._redis is not None:
            self._redis.unsubscribe_on(gone.loop)

    def _discard(self, group: str, channel: str) -> None:
        mailbox = self._mailboxes.get(channel)
        if mailbox is not None:
            mailbox.groups.discard(group)
        members = self._groups.get(group)
        if members is not None:
            members.discard(channel)
            if not members:
                del self._groups[group]
                self._calmed.pop(group, None)


def _hand_over(mailboxes: list[Mailbox], message: Message) -> None:
    """Cross over into the loop of each mailbox: one wake-up a loop, however many mailboxes."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Mailbox]] = {}
    for mailbox in mailboxes:
        by_loop.setdefault(mailbox.loop, []).append(mailbox)
    for loop, boxes in by_loop.items():
        # A loop that has been closed takes its sockets with it.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_put_all, boxes, message)


def _put_all(mailboxes: list[Mailbox], message: Message) -> None:
    for mailbox in mailboxes:
        mailbox.put(message)


class _Redis:
    """The one channel between processes: a client to publish with, and a subscription for each loop with
    sockets.
    """

    def __init__(self, url: str, layer: FanoutLayer) -> None:
        self._url = url
        self._layer = layer
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        )
        self._breaker = redis_breaker(url)
        self._owes_gap = False
        self._subscriptions: dict[asyncio.AbstractEventLoop, _Subscription] = {}

    def publish(self, group: str, message: Message) -> bool:
        """False when Redis did not take it. Other processes are told of the gap as soon as it takes something
        again.
        """
        try:
            with self._breaker.guard():
                if self._owes_gap:
                    self._client.publish(REDIS_CHANNEL, json.dumps({"gap": True}))
                    self._owes_gap = False
                self._client.publish(REDIS_CHANNEL, json.dumps({"group": group, "message": message}))
        except (Open, redis.RedisError, OSError) as fault:
            if not self._owes_gap:
                log.warning("live facts stay in this process, Redis is away: %s", fault)
            self._owes_gap = True
            return False
        return True

    def subscribe_on(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop not in self._subscriptions:
            for closed in [other for other in self._subscriptions if other.is_closed()]:
                del self._subscriptions[closed]
            self._subscriptions[loop] = _Subscription(self._url, self._layer, loop)

    def unsubscribe_on(self, loop: asyncio.AbstractEventLoop) -> None:
        subscription = self._subscriptions.pop(loop, None)
        if subscription is not None:
            subscription.stop()

    async def subscribed(self) -> None:
        """Wait until facts arrive, but not for long: without Redis a socket still opens, and is told of the
        gap later.
        """
        subscription = self._subscriptions.get(asyncio.get_running_loop())
        if subscription is not None:
            await subscription.ready()

    def close(self) -> None:
        for loop in list(self._subscriptions):
            self.unsubscribe_on(loop)
        self._client.close()


class _Subscription:
    """Keeps one subscription alive on one loop."""

    def __init__(self, url: str, layer: FanoutLayer, loop: asyncio.AbstractEventLoop) -> None:
        self._url = url
        self._layer = layer
        self._live = asyncio.Event()
        self._missed = False
        self._failures = 0
        self._task = loop.create_task(self._keep_alive())

    def stop(self) -> None:
        self._task.cancel()

    async def ready(self) -> None:
        if self._live.is_set():
            return
        if not self._missed and not redis_breaker(self._url).is_open:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._live.wait(), SUBSCRIBE_WITHIN)
                return
        self._missed = True

    async def _keep_alive(self) -> None:
        while True:
            try:
                async with (
                    redis.asyncio.Redis.from_url(
                        self._url,
                        socket_connect_timeout=REDIS_TIMEOUT,
                        socket_timeout=REDIS_TIMEOUT,
                        retry=redis.asyncio.retry.Retry(NoBackoff(), 0),
                    ) as client,
                    client.pubsub() as pubsub,
                ):
                    await pubsub.subscribe(REDIS_CHANNEL)
                    await self._read(pubsub)
            except (redis.RedisError, OSError, TimeoutError) as fault:
                # Facts said from now until the next subscription are lost to this process.
                self._missed = True
                self._live.clear()
                self._failures += 1
                wait = min(10.0, 0.1 * 2 ** min(self._failures, 7)) * random.uniform(0.5, 1.0)
                log.warning("live subscription broke (%s), next try in %.1f s", fault, wait)
                await asyncio.sleep(wait)

    async def _read(self, pubsub: Any) -> None:
        asked = False
        while True:
            answer = await pubsub.get_message(timeout=SILENCE)
            if answer is None:
                if asked:
                    raise TimeoutError("no answer to a ping")
                await pubsub.ping()
                asked = True
                continue
            asked = False
            if answer["type"] == "subscribe":
                self._live.set()
                self._failures = 0
                if self._missed:
                    self._missed = False
                    self._layer.dispatch_gap()
            elif answer["type"] == "message":
                self._take(answer["data"])

    def _take(self, data: bytes) -> None:
        try:
            said = json.loads(data)
            if said.get("gap"):
                self._layer.dispatch_gap()
            else:
                self._layer.dispatch(said["group"], said["message"])
        except (ValueError, KeyError, AttributeError, TypeError):
            log.warning("not understood on %s: %.100r", REDIS_CHANNEL, data)
