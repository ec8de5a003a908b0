"""Test a real server over TCP with clients that stop reading."""

import asyncio
import base64
import json
import os
import socket
from contextlib import asynccontextmanager

import pytest
import uvicorn
import websockets
from django.contrib.auth.models import AnonymousUser
from websockets.typing import Origin

from core import websocket
from core.consumers import LiveConsumer, Stream
from core.layers import FanoutLayer


class Anything(Stream):
    def catch_up(self, viewer, keys, after):
        return {key: [] for key in keys}


@asynccontextmanager
async def serving(layer, monkeypatch):
    """Serve the consumer with uvicorn, configured as by `manage.py serve`, without sessions or a database."""
    monkeypatch.setattr("channels.consumer.get_channel_layer", lambda alias: layer)
    for module in ("catching_up", "live"):
        monkeypatch.setattr(f"core.consumers.{module}.stream_handler", lambda prefix: Anything())
    monkeypatch.setattr(websocket, "CLOSE_WITHIN", 0.5)
    consumer = LiveConsumer.as_asgi()

    async def app(scope, receive, send):
        await consumer({**scope, "user": AnonymousUser()}, receive, send)

    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        ws="core.websocket:BoundedWebSocketProtocol",
        ws_per_message_deflate=False,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.ensure_future(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield server, listener.getsockname()[1]
        server.should_exit = True
        await running


async def stuck_reader(port: int) -> socket.socket:
    """Connect, subscribe to post.1, and never read again."""
    ours = socket.socket()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ours.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(ours, ("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    await loop.sock_sendall(
        ours,
        (
            f"GET /ws/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode(),
    )
    assert b" 101 " in await loop.sock_recv(ours, 1024)
    text = b'{"type":"subscribe","streams":["post.1"]}'
    await loop.sock_sendall(ours, bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
    return ours


@pytest.mark.faults
async def test_stalled_readers_are_closed_and_the_others_miss_nothing(monkeypatch):
    layer = FanoutLayer()
    async with serving(layer, monkeypatch) as (server, port):
        stuck = [await stuck_reader(port) for _ in range(3)]
        url = f"ws://127.0.0.1:{port}"
        async with websockets.connect(
            f"{url}/ws/live", origin=Origin(f"http://127.0.0.1:{port}"), max_queue=None
        ) as quick:
            await quick.send('{"type":"subscribe","streams":["post.1"]}')
            assert json.loads(await quick.recv())["type"] == "subscribed"
            while len(layer._groups.get("post.1", ())) < 4:
                await asyncio.sleep(0.01)
            # More than the kernel buffers on both sides can take.
            for number in range(1500):
                fact = {"type": "n", "n": number, "padding": "x" * 8000}
                layer.broadcast("post.1", {"type": "stream.message", "stream": "post.1", "message": fact})
                assert json.loads(await quick.recv())["n"] == number
            async with asyncio.timeout(10):
                while len(layer._mailboxes) > 1 or len(server.server_state.connections) > 1:
                    await asyncio.sleep(0.05)
        for ours in stuck:
            ours.close()
