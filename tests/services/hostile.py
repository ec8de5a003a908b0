"""A local web server that answers with whatever bytes a test wants, at whatever speed."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Chunks = Iterable[bytes | float]
"""Bytes to send, and seconds to wait between them."""


def response(
    body: bytes = b"", *, status: str = "200 OK", kind: str = "text/html; charset=utf-8", **headers: str
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    return response(status=status, Location=location)


@dataclass
class Server:
    host: str
    port: int
    pages: dict[str, bytes | Callable[[], Chunks]] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/", host: str = "") -> str:
        return f"http://{host or self.host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.split(b" ")[1].decode() for request in self.requests]


@contextmanager
def running(host: str = "127.0.0.1") -> Iterator[Server]:
    listener = socket.create_server((host, 0))
    server = Server(host, listener.getsockname()[1])

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = listener.accept()
                server.connections += 1
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            request = b""
            while b"\r\n\r\n" not in request:
                if not (data := connection.recv(65536)):
                    return
                request += data
            server.requests.append(request)
            page = server.pages.get(request.split(b" ")[1].decode(), response(status="404 Not Found"))
            for part in [page] if isinstance(page, bytes) else page():
                if isinstance(part, bytes):
                    connection.sendall(part)
                else:
                    time.sleep(part)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        # Wakes `accept`.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
