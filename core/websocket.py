"""uvicorn’s WebSocket protocol with limits: `--ws core.websocket:BoundedWebSocketProtocol`; `manage.py serve` sets it
too.
"""

import asyncio
from asyncio.transports import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from core.server import connections

CLOSE_WITHIN = 10.0
WRITE_BUFFER = 32_768


class BoundedWebSocketProtocol(WebSocketsSansIOProtocol):
    """Aborts a connection whose client has stopped reading: a regular close would wait as long as the client stays
    connected.
    """

    transport: asyncio.Transport

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER)

    def connection_lost(self, exc: Exception | None) -> None:
        connections.leave(self.transport)
        super().connection_lost(exc)

    async def run_asgi(self) -> Any:
        try:
            await super().run_asgi()
        finally:
            self.loop.call_later(CLOSE_WITHIN, self.transport.abort)
