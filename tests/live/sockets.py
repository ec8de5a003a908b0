"""A WebSocket client without a network. (The one in channels.testing needs Daphne.)"""

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator


class Socket(ApplicationCommunicator):
    def __init__(
        self,
        application: Any,
        path: str,
        headers: list[tuple[bytes, bytes]],
        subprotocols: tuple[str, ...] = (),
    ) -> None:
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": headers,
            "subprotocols": list(subprotocols),
        }
        self.scope = scope
        super().__init__(application, scope)

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        output = await self.receive_output(timeout=5)
        self.subprotocol = output.get("subprotocol")
        return output["type"] == "websocket.accept"

    async def send_to(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send_input({"type": "websocket.receive", "text": text_data, "bytes": bytes_data})

    async def say(self, **message: Any) -> None:
        await self.send_to(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        output = await self.receive_output(timeout=5)
        assert output["type"] == "websocket.send", output
        return json.loads(output["text"])

    async def subscribe(self, *streams: str, **more: Any) -> dict[str, Any]:
        await self.say(type="subscribe", streams=list(streams), **more)
        answer = await self.hear()
        assert answer["type"] == "subscribed"
        return answer

    async def closed_with(self) -> int:
        """Wait for the close, ignoring other frames, and return its code."""
        while True:
            output = await self.receive_output(timeout=5)
            if output["type"] == "websocket.close":
                return output["code"]

    async def disconnect(self) -> None:
        if not self.future.done():
            await self.send_input({"type": "websocket.disconnect", "code": 1000})
            await self.wait(timeout=5)
