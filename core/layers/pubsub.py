"""The Redis channel between processes: one client that publishes, and one subscription for each event loop."""

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Callable
from typing import Any

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.breaker import REDIS_TIMEOUT, Open, redis_breaker
from core.layers.mailbox import Message

log = logging.getLogger("kith.live")

REDIS_CHANNEL = "kith:live"
PING_AFTER = 5.0
"""Seconds without a message until a subscription is pinged, and then until it must have answered."""
SUBSCRIBE_WITHIN = 1.0


class RedisPubSub:
    """Publishes to the channel, and passes what comes from it to `dispatch` and `dispatch_gap`."""

    def __init__(
        self, url: str, *, dispatch: Callable[[str, Message], None], dispatch_gap: Callable[[], None]
    ) -> None:
        self._url = url
        self._dispatch = dispatch
        self._dispatch_gap = dispatch_gap
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
        """Publish the message. Return False if Redis is down; other processes learn about the gap when it is back."""
        try:
            with self._breaker.guard():
                if self._owes_gap:
                    self._client.publish(REDIS_CHANNEL, json.dumps({"gap": True}))
                    self._owes_gap = False
                self._client.publish(REDIS_CHANNEL, json.dumps({"group": group, "message": message}))
        except (Open, redis.RedisError, OSError) as fault:
            if not self._owes_gap:
                log.warning("Redis is down, so live messages stay in this process: %s", fault)
            self._owes_gap = True
            return False
        return True

    def subscribe_on(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop not in self._subscriptions:
            for closed in [other for other in self._subscriptions if other.is_closed()]:
                del self._subscriptions[closed]
            self._subscriptions[loop] = _Subscription(self, loop)

    def unsubscribe_on(self, loop: asyncio.AbstractEventLoop) -> None:
        subscription = self._subscriptions.pop(loop, None)
        if subscription is not None:
            subscription.stop()

    async def wait_until_subscribed(self) -> None:
        """Wait a moment for the subscription: without Redis a socket opens too, and gets the gap later."""
        subscription = self._subscriptions.get(asyncio.get_running_loop())
        if subscription is not None:
            await subscription.wait_until_ready()

    def close(self) -> None:
        for loop in list(self._subscriptions):
            self.unsubscribe_on(loop)
        self._client.close()


class _Subscription:
    """Keeps one subscription alive on one event loop."""

    def __init__(self, pubsub: RedisPubSub, loop: asyncio.AbstractEventLoop) -> None:
        self._url = pubsub._url
        self._dispatch = pubsub._dispatch
        self._dispatch_gap = pubsub._dispatch_gap
        self._ready = asyncio.Event()
        self._missed = False
        self._failures = 0
        self._task = loop.create_task(self._keep_alive())

    def stop(self) -> None:
        self._task.cancel()

    async def wait_until_ready(self) -> None:
        if self._ready.is_set():
            return
        if not self._missed and not redis_breaker(self._url).is_open:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ready.wait(), SUBSCRIBE_WITHIN)
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
                # Messages published from now until the next subscription are lost to this process.
                self._missed = True
                self._ready.clear()
                self._failures += 1
                wait = min(10.0, 0.1 * 2 ** min(self._failures, 7)) * random.uniform(0.5, 1.0)
                log.warning("live subscription failed (%s), next attempt in %.1f s", fault, wait)
                await asyncio.sleep(wait)

    async def _read(self, pubsub: Any) -> None:
        pinged = False
        while True:
            reply = await pubsub.get_message(timeout=PING_AFTER)
            if reply is None:
                if pinged:
                    raise TimeoutError("no answer to a ping")
                await pubsub.ping()
                pinged = True
                continue
            pinged = False
            if reply["type"] == "subscribe":
                self._ready.set()
                self._failures = 0
                if self._missed:
                    self._missed = False
                    self._dispatch_gap()
            elif reply["type"] == "message":
                self._handle(reply["data"])

    def _handle(self, data: bytes) -> None:
        try:
            message = json.loads(data)
            if message.get("gap"):
                self._dispatch_gap()
            else:
                self._dispatch(message["group"], message["message"])
        except (ValueError, KeyError, AttributeError, TypeError):
            log.warning("not understood on %s: %.100r", REDIS_CHANNEL, data)
