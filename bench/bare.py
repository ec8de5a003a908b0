"""Floor W: a minimal Starlette WebSocket server with one Redis subscription and a dictionary of sockets."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator

import redis.asyncio
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

CHANNEL = "bench.bare"
sockets: dict[str, set[WebSocket]] = {}


async def live(socket: WebSocket) -> None:
    await socket.accept()
    to = await socket.receive_text()
    sockets.setdefault(to, set()).add(socket)
    await socket.send_text("subscribed")
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        sockets[to].discard(socket)


async def pass_on() -> None:
    async with redis.asyncio.Redis.from_url(os.environ["REDIS_URL"]).pubsub() as pubsub:
        await pubsub.subscribe(CHANNEL)
        async for message in pubsub.listen():
            if message["type"] == "message":
                to = json.loads(message["data"])["to"]
                for socket in sockets.get(to, ()):
                    await socket.send_text(message["data"].decode())


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    task = asyncio.create_task(pass_on())
    yield
    task.cancel()


application = Starlette(routes=[WebSocketRoute("/ws", live)], lifespan=lifespan)
