import logging
import os
import signal
import socket
import sys
import warnings
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.db import keep_database_open
from core.embedded import Jobs


class Command(BaseCommand):
    help = "Serve pages, sockets, jobs and the schedule from this one process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument(
            "--without-jobs", action="store_true", help="Leave jobs and schedule to other processes."
        )

    def handle(self, *args: Any, host: str, port: int, without_jobs: bool, **options: Any) -> None:
        # WhiteNoise's files are small, and reading them in a thread is what we want.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
        listener = self._listen(host, port)
        config = uvicorn.Config(
            "config.asgi:application",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            http="core.server:BoundedHttpProtocol",
            ws="core.websocket:BoundedWebSocketProtocol",
            ws_max_size=65_536,
            # Frames are a hundred bytes; a compressor for each socket would cost more memory than it saves traffic.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=10,
            # Connections accepted at a time. Without descriptors, asyncio logs an error for each that it tries.
            backlog=128,
        )
        server = uvicorn.Server(config)
        keep_database_open()
        # After stopping, uvicorn raises the signal that stopped it once more, but jobs must still finish.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        jobs = None if without_jobs else Jobs()
        try:
            with jobs or nullcontext():
                self.stdout.write(f"Kith is at http://{host}:{listener.getsockname()[1]} (Ctrl-C stops it)")
                self.stdout.flush()
                server.run(sockets=[listener])
        finally:
            if jobs is not None and not jobs.is_idle:
                # The next start resumes unfinished jobs; Python would wait for them.
                logging.shutdown()
                os._exit(0)

    def _listen(self, host: str, port: int) -> socket.socket:
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(2048)
        except (OSError, OverflowError) as fault:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({fault}). Choose another port: PORT=8001 make run"
            ) from None
        if sys.platform != "win32":
            listener.set_inheritable(False)
        return listener
