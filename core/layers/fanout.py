"""The channel layer itself."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from channels.layers import BaseChannelLayer

from core.layers.mailbox import Mailbox, Message, deliver
from core.layers.pubsub import RedisPubSub

GAP: Message = {"type": "stream.gap"}

COALESCE_INTERVAL = 0.25
"""Seconds between two messages of which only the latest matters: a group gets the first at once, then the last."""


class _Coalesced:
    """When a group last got a message of which only the latest matters, and the waiting one."""

    __slots__ = ("sent_at", "waiting")

    def __init__(self) -> None:
        self.sent_at = 0.0
        self.waiting: Message | None = None


class FanoutLayer(BaseChannelLayer):
    """Groups of sockets. `broadcast` reaches them from any thread and, with `redis_url`, from any process."""

    extensions = ("groups",)

    def __init__(self, redis_url: str = "", capacity: int = 100, **options: Any) -> None:
        super().__init__(capacity=capacity, **options)
        self.channel_capacity: Any = self.compile_capacities(self.channel_capacity)
        self._lock = threading.Lock()
        self._mailboxes: dict[str, Mailbox] = {}
        self._groups: dict[str, set[str]] = {}
        self._coalesced: dict[str, dict[str, _Coalesced]] = {}
        self._redis = (
            RedisPubSub(redis_url, dispatch=self.dispatch, dispatch_gap=self.dispatch_gap)
            if redis_url
            else None
        )

    # --- The interface of Channels ------------------------------------------------------------------------

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
        """Send to one channel of this process; other processes don’t know its name."""
        with self._lock:
            mailbox = self._mailboxes.get(channel)
        if mailbox is not None:
            deliver([mailbox], message)

    async def group_add(self, group: str, channel: str) -> None:
        """Add the channel to the group. It gets every message that is sent after this returns."""
        self.require_valid_group_name(group)
        if self._redis is not None:
            await self._redis.wait_until_subscribed()
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
            self._coalesced.clear()

    async def close(self) -> None:
        await self.flush()
        if self._redis is not None:
            self._redis.close()

    # --- What Kith adds -----------------------------------------------------------------------------------

    def broadcast(self, group: str, message: Message) -> None:
        """Send to every socket of the group, in every process, from any thread. Doesn’t raise if Redis is down."""
        self.require_valid_group_name(group)
        if self._redis is None or not self._redis.publish(group, message):
            self.dispatch(group, message)

    def dispatch(self, group: str, message: Message) -> None:
        """Send to the sockets of this process. Of messages with the same `latest`, only the newest has to arrive."""
        if "latest" in message and self._coalesce(group, message):
            return
        with self._lock:
            mailboxes = [self._mailboxes[channel] for channel in self._groups.get(group, ())]
        if mailboxes:
            deliver(mailboxes, message)

    def _coalesce(self, group: str, message: Message) -> bool:
        """Hold the message back if the group has just had one like it. Return whether it waits."""
        kind = str(message["latest"])
        now = time.monotonic()
        with self._lock:
            members = self._groups.get(group)
            if not members:
                return False
            coalesced = self._coalesced.setdefault(group, {}).setdefault(kind, _Coalesced())
            # After twice the interval, the loop that should have sent the waiting message is gone.
            interval = COALESCE_INTERVAL if coalesced.waiting is None else 2 * COALESCE_INTERVAL
            if now - coalesced.sent_at >= interval:
                coalesced.sent_at, coalesced.waiting = now, None
                return False
            if coalesced.waiting is None:
                loop = self._mailboxes[next(iter(members))].loop
                wait = max(0.0, coalesced.sent_at + COALESCE_INTERVAL - now)
                try:
                    loop.call_soon_threadsafe(loop.call_later, wait, self._send_waiting, group, kind)
                except RuntimeError:
                    return False
            coalesced.waiting = message
        return True

    def _send_waiting(self, group: str, kind: str) -> None:
        with self._lock:
            coalesced = self._coalesced.get(group, {}).get(kind)
            if coalesced is None or coalesced.waiting is None:
                return
            message = {name: value for name, value in coalesced.waiting.items() if name != "latest"}
            coalesced.waiting, coalesced.sent_at = None, time.monotonic()
        self.dispatch(group, message)

    def dispatch_gap(self) -> None:
        """Tell every socket of this process that messages may have been lost."""
        with self._lock:
            mailboxes = list(self._mailboxes.values())
        if mailboxes:
            deliver(mailboxes, GAP)

    def send_nowait(self, channel: str, message: Message) -> None:
        """Send to one channel from its own event loop, without waiting."""
        if channel in self._mailboxes:
            self._mailboxes[channel].put(message)

    def watch_overflow(self, channel: str, callback: Callable[[], None]) -> None:
        """Call `callback` as soon as the channel’s mailbox is full, even while its reader is blocked in a write."""
        self._mailboxes[channel].on_overflow = callback

    def remove_channel(self, channel: str) -> None:
        """Remove a closed socket: its mailbox, its groups and, if it was the last of its loop, the subscription."""
        with self._lock:
            mailbox = self._mailboxes.get(channel)
            for group in list(mailbox.groups) if mailbox is not None else ():
                self._discard(group, channel)
            self._mailboxes.pop(channel, None)
            last = mailbox is not None and not any(
                other.loop is mailbox.loop for other in self._mailboxes.values()
            )
        if last and mailbox is not None and self._redis is not None:
            self._redis.unsubscribe_on(mailbox.loop)

    def _discard(self, group: str, channel: str) -> None:
        mailbox = self._mailboxes.get(channel)
        if mailbox is not None:
            mailbox.groups.discard(group)
        members = self._groups.get(group)
        if members is not None:
            members.discard(channel)
            if not members:
                del self._groups[group]
                self._coalesced.pop(group, None)
