"""uvicorn’s HTTP protocol with limits: `--http core.server:BoundedHttpProtocol`; `manage.py serve` sets it too.

uvicorn itself waits forever for the rest of a request, accepts headers of any length, and accepts connections until
the process has no file descriptors left. Here everything has a deadline, an address has a limited number of
connections, and when all are taken, one whose request is incomplete is closed.
"""

import asyncio
import sys
from asyncio.transports import BaseTransport
from collections import Counter
from functools import cache
from typing import Any

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from core.client import address_group, is_trusted_proxy

HEADERS_MAX = 32 * 1024
"""Bytes of a request before its body, like nginx; a cookie has 4 KB."""
HEADERS_AT_MOST = 100
HEADERS_WITHIN = 10.0
BODY_WITHIN = 20.0
BODY_RATE = 1_000
"""Bytes a second that a body needs after `BODY_WITHIN`."""
READ_WITHIN = 30.0
"""How long a response may wait for a client that doesn’t read."""
PIPELINED_AT_MOST = 20
REST_MAX = 1024 * 1024
REST_WITHIN = 5.0
"""How much of a request is still read after its response, and for how long: closing a connection while data arrives
loses the response.
"""
SPARE_DESCRIPTORS = 256
"""For the database, files, Redis and the mail server."""
DESCRIPTORS_WANTED = 16_384


class Connections:
    """The open connections of this process by address, and those for whose requests the server waits."""

    def __init__(self) -> None:
        self._address: dict[BaseTransport, str] = {}
        self._open: Counter[str] = Counter()
        # Oldest first.
        self._waiting: dict[str, dict[BaseTransport, None]] = {}

    def __len__(self) -> int:
        return len(self._address)

    def join(self, transport: BaseTransport, address: str) -> bool:
        """Count a connection of this address. Return False if there is no room; one that is idle is closed to make
        room.
        """
        address = "" if not address or is_trusted_proxy(address) else address_group(address)
        full = bool(address) and self._open[address] >= settings.CONNECTIONS_PER_ADDRESS
        if full and not self._close_one_of(address):
            return False
        if len(self) >= connections_at_most() and not any(map(self._close_one_of, list(self._waiting))):
            return False
        self._address[transport] = address
        self._open[address] += 1
        return True

    def leave(self, transport: BaseTransport) -> None:
        self.waits(transport, False)
        address = self._address.pop(transport, None)
        if address is not None:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def waits(self, transport: BaseTransport, waits: bool) -> None:
        """Record whether the server waits for this client, or the client for the server."""
        if (address := self._address.get(transport)) is None:
            return
        waiting = self._waiting.setdefault(address, {})
        waiting.pop(transport, None)
        if waits:
            waiting[transport] = None
        if not waiting:
            del self._waiting[address]

    def _close_one_of(self, address: str) -> bool:
        transport = next(iter(self._waiting.get(address, ())), None)
        if transport is None:
            return False
        self.leave(transport)
        transport.abort()  # type: ignore[attr-defined]
        return True


connections = Connections()


@cache
def connections_at_most() -> int:
    """Return how many connections the descriptors allow, after raising the process’s limit."""
    if sys.platform == "win32":
        return 500
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS_WANTED if hard == resource.RLIM_INFINITY else min(DESCRIPTORS_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    most = DESCRIPTORS_WANTED if soft == resource.RLIM_INFINITY else min(DESCRIPTORS_WANTED, soft)
    return max(most - SPARE_DESCRIPTORS, most // 2)


def _answer(status: int) -> bytes:
    line = STATUS_LINE[status]
    phrase = line.split(b" ", 2)[2].strip()
    head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
    return line + head % len(phrase) + phrase


class BoundedHttpProtocol(HttpToolsProtocol):
    """Deadlines for headers, bodies and readers; a limit for headers; room for everyone (`Connections`)."""

    transport: asyncio.Transport
    _timer: asyncio.TimerHandle | None = None
    _reader_timer: asyncio.TimerHandle | None = None
    _refused = 0
    """The status with which this connection was refused; further data is ignored."""
    _in_head = True
    _size = 0
    """Of complete headers."""
    _fed = 0
    """Since the request began."""
    _body_since = 0.0
    _body = 0
    _rest = 0

    # --- Opening and closing ------------------------------------------------------------------------------

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        if not connections.join(transport, self.client[0] if self.client else ""):
            self._refused = 429
            self.transport.write(_answer(429))
            self.transport.close()
            return
        connections.waits(transport, True)
        self._within(HEADERS_WITHIN, self._refuse, 408)

    def connection_lost(self, exc: Exception | None) -> None:
        connections.leave(self.transport)
        for timer in (self._timer, self._reader_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        # From now on core.websocket has the connection, and removes it from the list.
        self._over()
        super().handle_websocket_upgrade()

    # --- Receiving ----------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self._refused or (self.cycle is not None and self.cycle.response_complete and not self._in_head):
            self._rest += len(data)
            if self._rest > REST_MAX:
                self.transport.abort()
                return
            if self._refused:
                return
        if self._in_head and self._timer is None:
            # The next request of a keep-alive connection.
            self._within(HEADERS_WITHIN, self._refuse, 408)
        self._fed += len(data)
        super().data_received(data)
        if self._in_head and not self._refused and self._fed > HEADERS_MAX:
            # An incomplete header is in the parser, which doesn’t count.
            self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._size = self._body = self._rest = 0

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= PIPELINED_AT_MOST:
            self._stop(429)
        self._in_head = False
        connections.waits(self.transport, False)
        self._body_since = self.loop.time()
        self._within(BODY_WITHIN, self._look_at_body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head = True
        self._fed = 0
        self._over()
        super().on_message_complete()
        if self.cycle is not None and self.cycle.response_complete:
            # Answered before the request was complete: the data since then has stopped uvicorn’s timer.
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        others = bool(self.pipeline)
        super().on_response_complete()
        if self.transport.is_closing() or others:
            return
        connections.waits(self.transport, True)
        if not self._in_head:
            self._within(REST_WITHIN, self.transport.abort)

    # --- Slow readers -------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._reader_timer is None:
            self._reader_timer = self.loop.call_later(READ_WITHIN, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None

    # --- Refusing -----------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:
        """Respond to what the parser couldn’t read, or what `_stop` refused."""
        self._refuse(self._refused or 400)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > HEADERS_MAX or len(self.headers) >= HEADERS_AT_MOST:
            self._stop(431)

    def _stop(self, status: int) -> None:
        """Stop reading, from within the parser, by raising."""
        self._refused = status
        raise ValueError(status)

    def _refuse(self, status: int) -> None:
        """Send the reason and close, unless a response is being sent: then only close."""
        self._refused = status
        connections.waits(self.transport, False)
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.abort()
            return
        self.transport.write(_answer(status))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._within(REST_WITHIN, self.transport.abort)

    def _look_at_body(self) -> None:
        """Refuse the request if its body arrives too slowly; otherwise check again later."""
        late = self.loop.time() - self._body_since - BODY_WITHIN - self._body / BODY_RATE
        if late < 0 or self.flow.read_paused:
            self._within(max(-late, 1.0), self._look_at_body)
        else:
            self._refuse(408)

    def _within(self, seconds: float, then: Any, *given: Any) -> None:
        self._over()
        self._timer = self.loop.call_later(seconds, then, *given)

    def _over(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
