"""Measure a like until it reaches the author’s socket, alternating with floor W (bare socket) and floor D (hello).

`python -m bench.sockets PLAN.json` prints the milliseconds of each.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import redis.asyncio
from websockets.asyncio.client import ClientConnection, connect

from bench.load import Answer

LOST_AFTER = 10.0


class Seats:
    """Open sockets with the arrival times of relevant frames."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self.url, self.port = f"ws://{host}{path}", port
        self.connections: list[ClientConnection] = []
        self.arrived: list[asyncio.Queue[float]] = []
        self.readers: list[asyncio.Task[None]] = []

    async def open(self, hello: str, *, headers: dict[str, str], expect: str) -> None:
        connection = await connect(
            self.url,
            host="127.0.0.1",
            port=self.port,
            additional_headers=headers,
            compression=None,
            open_timeout=30,
        )
        await connection.send(hello)
        await connection.recv()
        self.connections.append(connection)
        self.arrived.append(asyncio.Queue())
        self.readers.append(asyncio.create_task(self._read(len(self.connections) - 1, expect)))

    async def _read(self, seat: int, expect: str) -> None:
        async for frame in self.connections[seat]:
            if expect in str(frame):
                self.arrived[seat].put_nowait(time.perf_counter())

    async def next_after(self, seat: int, begun: float) -> float | None:
        """Return the milliseconds until the next frame on this socket, None if it is lost."""
        with contextlib.suppress(TimeoutError):
            return (await asyncio.wait_for(self.arrived[seat].get(), LOST_AFTER) - begun) * 1000
        return None

    async def close(self) -> None:
        for reader in self.readers:
            reader.cancel()
        await asyncio.gather(*(connection.close() for connection in self.connections))


async def ask(port: int, request: str) -> int:
    """Send one request over a new connection. Return its status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode("latin-1"))
    answer = Answer()
    while chunk := await reader.read(65_536):
        if answer.feed(chunk):
            break
    writer.close()
    return answer.status


def resident_kib(pid: int) -> int:
    """Return the memory of a process, 0 if the system doesn’t say."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


async def measure(plan: dict[str, Any]) -> dict[str, Any]:
    before = resident_kib(plan["live_pid"])
    kith, bare = (
        Seats(plan["host"], plan["live_port"], "/ws/live"),
        Seats(plan["host"], plan["bare_port"], "/ws"),
    )
    for seat in plan["seats"]:
        subscribe = json.dumps({"type": "subscribe", "streams": [f"member.{seat['member']}"]})
        headers = {"Cookie": f"sessionid={seat['session']}", "Origin": f"https://{plan['host']}"}
        await kith.open(subscribe, headers=headers, expect="notification.created")
    memory = (resident_kib(plan["live_pid"]) - before) / len(plan["seats"])
    for number in range(len(plan["seats"])):
        await bare.open(str(number), headers={}, expect='"to"')
    took: dict[str, list[float]] = {"like": [], "bare": [], "hello": []}
    lost: dict[str, int] = {"like": 0, "bare": 0}
    client = redis.asyncio.Redis.from_url(plan["redis_url"])
    for number, like in enumerate(plan["likes"]):
        begun = time.perf_counter()
        await ask(plan["web_port"], plan["hello"])
        hello = (time.perf_counter() - begun) * 1000

        begun = time.perf_counter()
        await client.publish("bench.bare", json.dumps({"to": str(like["seat"]), "id": number}))
        through_bare = await bare.next_after(like["seat"], begun)

        begun = time.perf_counter()
        status = await ask(plan["web_port"], like["request"])
        if status != 200:
            raise RuntimeError(f"a like was answered by {status}")
        through_kith = await kith.next_after(like["seat"], begun)
        # The first ones are a warm-up.
        if number < plan["warm"]:
            continue
        took["hello"].append(hello)
        for name, ms in (("bare", through_bare), ("like", through_kith)):
            if ms is None:
                lost[name] += 1
            else:
                took[name].append(ms)
    await client.aclose()
    await kith.close()
    await bare.close()
    return {"ms": took, "lost": lost, "kib_a_socket": memory}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(json.loads(Path(sys.argv[1]).read_text())))))
