"""Websocket routes, and the streams that a socket may follow."""

from typing import Any

urlpatterns: list[Any] = []
STREAMS: dict[str, str] = {}
