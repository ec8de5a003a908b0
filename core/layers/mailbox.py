"""Mailboxes: the bounded queue of each socket."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
OVERFLOW: Message = {"type": "stream.overflow"}


class Mailbox:
    """The bounded queue of one socket; use it only on the event loop of that socket."""

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
            # Drop all messages, because nothing would show later which one is missing: the client reconnects.
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


def deliver(mailboxes: list[Mailbox], message: Message) -> None:
    """Put the message into the mailboxes, each on its own event loop, with one wake-up per loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Mailbox]] = {}
    for mailbox in mailboxes:
        by_loop.setdefault(mailbox.loop, []).append(mailbox)
    for loop, boxes in by_loop.items():
        # The sockets of a closed loop are closed too.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_put_all, boxes, message)


def _put_all(mailboxes: list[Mailbox], message: Message) -> None:
    for mailbox in mailboxes:
        mailbox.put(message)
