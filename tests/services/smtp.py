"""A local mail server that accepts or rejects emails."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Self


class Smtp(socketserver.ThreadingTCPServer):
    """The part of RFC 5321 senders need. `mails` contains accepted emails; with `refuses` it rejects all addresses."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Talk)
        self.mails: list[str] = []
        self.refuses = False

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()


class _Talk(socketserver.StreamRequestHandler):
    server: Smtp

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline():
            match line.split()[0].upper():
                case b"RCPT" if self.server.refuses:
                    self.say("550 nobody of that name")
                case b"DATA":
                    self.say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    self.server.mails.append(b"".join(lines).decode())
                    self.say("250 taken")
                case b"QUIT":
                    self.say("221 goodbye")
                    return
                case _:
                    self.say("250 yes")

    def say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())
