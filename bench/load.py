"""The load generator: N concurrent requests over plain sockets, in its own process.

`python -m bench.load REQUESTS.json` answers each line {"row", "seconds", "at_once"} with a line of figures.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any


@dataclass
class Answer:
    """Collects the received bytes of one response."""

    data: bytearray = field(default_factory=bytearray)
    status: int = 0
    body_at: int = 0
    length: int | None = None
    closes: bool = False

    def feed(self, chunk: bytes) -> bool:
        """Add received bytes. Return whether the response is complete."""
        self.data += chunk
        if not self.status:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self.data[:end]).lower()
            self.status, self.body_at = int(head[9:12]), end + 4
            self.closes = b"\r\nconnection: close" in head
            for line in head.split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    self.length = int(line[15:])
            if self.length is None and self.status in (204, 304):
                self.length = 0
        return self.length is not None and len(self.data) - self.body_at >= self.length

    @property
    def size(self) -> int:
        return len(self.data) - self.body_at


@dataclass
class Slot:
    """One of the concurrent requests."""

    connection: socket.socket | None = None
    request: bytes = b""
    begun: float = 0.0
    answer: Answer = field(default_factory=Answer)


class Load:
    def __init__(self, port: int, *, at_once: int) -> None:
        self.address = ("127.0.0.1", port)
        self.slots = [Slot() for _ in range(at_once)]
        self.selector = selectors.DefaultSelector()

    def run(self, requests: Iterator[bytes], seconds: float) -> dict[str, Any]:
        """Send requests for `seconds` or until none are left, then wait for those in progress."""
        took: list[float] = []
        statuses: Counter[int] = Counter()
        size = 0
        begun = time.perf_counter()
        last = begun
        under_way = sum(self._send(slot, requests) for slot in self.slots)
        while under_way:
            events = self.selector.select(timeout=30)
            if not events:
                raise TimeoutError("no answer for 30 s")
            for key, _ in events:
                slot: Slot = key.data
                assert slot.connection is not None
                chunk = slot.connection.recv(262_144)
                whole = slot.answer.feed(chunk) if chunk else slot.answer.length is None
                if not whole and chunk:
                    continue
                last = time.perf_counter()
                if whole and slot.answer.status:
                    took.append((last - slot.begun) * 1000)
                    statuses[slot.answer.status] += 1
                    size += slot.answer.size
                else:
                    # The connection was closed in the middle of a response.
                    statuses[0] += 1
                if not chunk or slot.answer.closes:
                    self._close(slot)
                if last - begun >= seconds or not self._send(slot, requests):
                    under_way -= 1
        for slot in self.slots:
            self._close(slot)
        return {
            "seconds": last - begun,
            "ms": [round(ms, 3) for ms in took],
            "statuses": dict(statuses),
            "bytes": size / max(len(took), 1),
        }

    def _send(self, slot: Slot, requests: Iterator[bytes]) -> bool:
        request = next(requests, None)
        if request is None:
            return False
        slot.answer, slot.begun = Answer(), time.perf_counter()
        if slot.connection is None:
            slot.connection = socket.create_connection(self.address)
            slot.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(slot.connection, selectors.EVENT_READ, slot)
        slot.connection.sendall(request)
        return True

    def _close(self, slot: Slot) -> None:
        if slot.connection is not None:
            self.selector.unregister(slot.connection)
            slot.connection.close()
            slot.connection = None


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    rows: dict[str, Iterator[bytes]] = {}
    for name, row in plan["rows"].items():
        requests = [request.encode("latin-1") for request in row["requests"]]
        rows[name] = iter(requests) if row["once"] else cycle(requests)
    for line in sys.stdin:
        order = json.loads(line)
        load = Load(plan["port"], at_once=order["at_once"])
        print(json.dumps(load.run(rows[order["row"]], order["seconds"])), flush=True)


if __name__ == "__main__":
    main()
