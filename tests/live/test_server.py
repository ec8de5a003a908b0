"""Test a real server with clients that send incomplete, slow or large requests or don't read the response."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from core import server
from core.server import BoundedHttpProtocol

pytestmark = pytest.mark.faults
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeouts, and don't count connections of other tests."""
    for name, value in {
        "HEADERS_WITHIN": 0.4,
        "BODY_WITHIN": 0.4,
        "READ_WITHIN": 0.4,
        "REST_WITHIN": 0.4,
    }.items():
        monkeypatch.setattr(server, name, value)
    monkeypatch.setattr(server, "connections", server.Connections())


async def hello(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """Read the request and respond: /refuse doesn't read, /slow takes a second, /long has a large response."""
    if scope["path"] != "/refuse":
        while (await receive()).get("more_body"):
            pass
    if scope["path"] == "/slow":
        await asyncio.sleep(1)
    body = b"x" * (20_000_000 if scope["path"] == "/long" else 5)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
    )
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    config = uvicorn.Config(
        hello, lifespan="off", log_config=None, http=BoundedHttpProtocol, timeout_keep_alive=1
    )
    site = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.ensure_future(site.serve(sockets=[listener]))
        while not site.started:
            await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
        while _clients:
            _clients.pop().writer.close()
        site.should_exit = True
        await running
    assert len(server.connections) == 0, "each that came has gone"
    assert not server.connections._open
    assert not server.connections._waiting


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        try:
            await self.writer.drain()
        except ConnectionError:
            pass

    async def status(self) -> int:
        """Return the status of the next response, or 0 if there is none."""
        try:
            line = await asyncio.wait_for(self.reader.readline(), 5)
        except ConnectionError:
            return 0
        return int(line.split()[1]) if line else 0

    async def is_closed(self, within: float = 5) -> bool:
        try:
            async with asyncio.timeout(within):
                while await self.reader.read(1_000_000):
                    pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
        return True


_clients: list[Client] = []


async def connected(port: int, *data: bytes) -> Client:
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    _clients.append(client)
    for piece in data:
        await client.send(piece)
    return client


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"G",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=",
        GET + b"GET / HT",
    ],
    ids=["nothing", "a letter", "a header", "half a header", "a second one"],
)
async def test_an_incomplete_request_times_out(begun: bytes) -> None:
    async with serving() as port:
        client = await connected(port, begun)
        if begun.startswith(GET):
            assert await client.status() == 200
            assert await client.is_closed(3)
        else:
            assert await client.status() == 408
            assert await client.is_closed(3)


async def test_slow_headers_time_out() -> None:
    async with serving() as port:
        client = await connected(port, b"GET / HTTP/1.1\r\n")
        for number in range(12):
            await client.send(b"X-%d: a\r\n" % number)
            await asyncio.sleep(0.05)
        assert await client.status() == 408


@pytest.mark.parametrize(
    "headers",
    [
        b"Cookie: " + b"a" * 1_000_000,
        b"Cookie: " + b"a" * 40_000 + b"\r\n\r\n",
        b"".join(b"X-%d: a\r\n" % number for number in range(200)) + b"\r\n",
        b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(50)) + b"\r\n",
    ],
    ids=["without an end", "long", "many", "long together"],
)
async def test_headers_have_a_limit(headers: bytes) -> None:
    async with serving() as port:
        client = await connected(port, b"GET / HTTP/1.1\r\nHost: a\r\n" + headers)
        assert await client.status() == 431
        client = await connected(port, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await client.status() == 431
        assert await (await connected(port, GET)).status() == 200


async def test_a_body_may_be_longer_than_headers() -> None:
    async with serving() as port:
        post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + b"a" * 2_000_000
        client = await connected(port, post, GET)
        assert await client.status() == 200


async def test_a_slow_body_times_out() -> None:
    async with serving() as port:
        client = await connected(port, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        for _ in range(20):
            await client.send(b"a")
            await asyncio.sleep(0.05)
        assert await client.is_closed()


async def test_a_steady_body_does_not_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BODY_RATE", 10)
    async with serving() as port:
        client = await connected(port, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n")
        for _ in range(20):
            await client.send(b"a")
            await asyncio.sleep(0.05)
        assert await client.status() == 200


async def test_a_refusal_before_the_body_is_read_arrives() -> None:
    async with serving() as port:
        client = await connected(
            port, b"POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 400000000\r\n\r\n"
        )
        assert await client.status() == 200
        for _ in range(40):
            await client.send(b"a" * 100_000)
        assert await client.is_closed(), "and nobody reads the rest"


async def test_a_client_that_does_not_read_is_closed() -> None:
    async with serving() as port:
        ours = socket.socket()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(ours, ("127.0.0.1", port))
        await loop.sock_sendall(ours, b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(5):
            while not len(server.connections):
                await asyncio.sleep(0.02)
            while len(server.connections):
                await asyncio.sleep(0.02)
        ours.close()


async def test_an_idle_keep_alive_connection_is_closed() -> None:
    async with serving() as port:
        client = await connected(port)
        for _ in range(3):
            await client.send(GET)
            assert await client.status() == 200
            await client.reader.readuntil(b"xxxxx")
        assert await client.is_closed(3)


class TestRoom:
    async def test_connections_of_an_ip_address_are_limited_and_idle_ones_make_room(
        self, settings: Any
    ) -> None:
        settings.CONNECTIONS_PER_ADDRESS = 3
        async with serving() as port:
            waiting = [await connected(port, b"GET / HTTP/1.1\r\n") for _ in range(3)]
            await asyncio.sleep(0.1)
            assert await (await connected(port, GET)).status() == 200
            assert await waiting[0].status() == 0, "the oldest"
            assert [await client.status() for client in waiting[1:]] == [408, 408]

    async def test_connections_with_a_running_request_make_no_room(self, settings: Any) -> None:
        settings.CONNECTIONS_PER_ADDRESS = 3
        async with serving() as port:
            slow = [await connected(port, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(3)]
            await asyncio.sleep(0.1)
            assert await (await connected(port, GET)).status() == 429
            assert [await client.status() for client in slow] == [200, 200, 200]

    async def test_a_trusted_proxy_has_no_limit(self, settings: Any) -> None:
        settings.CONNECTIONS_PER_ADDRESS = 1
        settings.TRUSTED_PROXIES = ["127.0.0.0/8"]
        async with serving() as port:
            slow = [await connected(port, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(3)]
            assert [await client.status() for client in slow] == [200, 200, 200]

    async def test_all_connections_are_limited_by_descriptors(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(server, "connections_at_most", lambda: 3)
        async with serving() as port:
            waiting = [await connected(port, b"GET / HTTP/1.1\r\n") for _ in range(5)]
            assert await (await connected(port, GET)).status() == 200
            assert [await client.status() for client in waiting] == [0, 0, 0, 408, 408]


def test_a_process_raises_its_descriptors_and_reserves_some() -> None:
    import resource

    server.connections_at_most.cache_clear()
    most = server.connections_at_most()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 0 < most < soft
    assert soft >= min(hard, server.DESCRIPTORS_WANTED)
