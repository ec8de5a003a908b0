"""Start a server for the duration of a test run, and make sure that it ends with it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1


class Unavailable(Exception):
    """The server isn't available on this machine; the message is the reason of the skip."""


@dataclass
class Server:
    """A running server, its address, and how to stop it."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    _stopped: bool = field(default=False, repr=False)

    def stop(self) -> None:
        """Stop the process and remove its folder. Safe to call twice."""
        if self._stopped:
            return
        self._stopped = True
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill the process and its children; its folder stays."""
        # It leads its own process group (see spawn).
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(5)


def free_port() -> int:
    """Return a TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def account_for_servers() -> pwd.struct_passwd | None:
    """Return the user for servers when the tests run as root, which some servers refuse; otherwise None."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("nobody")


def new_folder(name: str) -> Path:
    """Create a folder that the servers' user owns and can reach."""
    # Not TMPDIR: it may be inside a folder only this user can enter, and a socket path must be short.
    parent = "/tmp" if os.path.isdir("/tmp") else None
    folder = Path(tempfile.mkdtemp(prefix=f"kith-{name}-", dir=parent))
    folder.chmod(0o755)
    give_to_servers(folder)
    return folder


def give_to_servers(folder: Path) -> None:
    """Make the servers' user the owner of a folder and of everything in it."""
    account = account_for_servers()
    if account is None:
        return
    os.chown(folder, account.pw_uid, account.pw_gid)
    for root, folders, files in os.walk(folder):
        for entry in (*folders, *files):
            os.chown(os.path.join(root, entry), account.pw_uid, account.pw_gid, follow_symlinks=False)


def reachable_by_servers(path: Path) -> bool:
    """Return whether the servers' user can enter every parent folder of this path."""
    if account_for_servers() is None:
        return True
    path = path.resolve()
    return all(step.stat().st_mode & 0o005 == 0o005 for step in (path, *path.parents) if step.is_dir())


def readable_copy(source: Path, folder: Path) -> Path:
    """Return the source itself if the servers' user can read it, otherwise a copy under `folder`."""
    if reachable_by_servers(source):
        return source
    copy = folder / source.name
    shutil.copytree(source, copy, symlinks=True, dirs_exist_ok=True)
    give_to_servers(copy)
    return copy


def run(command: Sequence[str | Path], *, timeout: float = 60, env: Mapping[str, str] | None = None) -> None:
    """Run a command as the servers' user and wait for it."""
    account = account_for_servers()
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        cwd="/",
        env=dict(env) if env is not None else None,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode:
        raise RuntimeError(
            f"{command[0]} failed with {done.returncode}:\n{done.stdout.decode(errors='replace')}"
        )


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes],
    env: Mapping[str, str] | None = None,
    cwd: str | Path = "/",
    as_server: bool = True,
    last_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process that the kernel kills when the test run dies."""
    account = account_for_servers() if as_server else None
    return subprocess.Popen(
        [str(part) for part in command],
        stdout=log,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env=dict(env) if env is not None else None,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=_die_with_parent(last_signal),
        # Its own process group, so that Ctrl-C reaches only the tests, which stop it in order.
        process_group=0,
    )


def _die_with_parent(last_signal: signal.Signals) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, last_signal)

    return ask


def wait_until(
    ready: Callable[[], bool], *, process: subprocess.Popen[bytes], log: Path, seconds: float, what: str
) -> None:
    """Wait until `ready` returns true; fail with the end of the log if the process dies or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{what} ended with {process.returncode} before it was ready:\n{tail(log)}")
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.03)
    process.kill()
    raise RuntimeError(f"{what} was not ready within {seconds:.0f} s:\n{tail(log)}")


def answers_on(port: int) -> bool:
    """Return whether something accepts connections on this loopback port."""
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


def tail(log: Path, lines: int = 40) -> str:
    """Return the last lines of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
