"""Limits how many do something at once on this machine, in any process or thread; the others wait."""

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext as _

from core.refusals import TooMany

log = logging.getLogger("kith.slots")
RETRY_EVERY = 0.05


class Slots:
    """`with slots.acquire(within=10):` waits for one of `count` slots. They are locked files, which the system
    unlocks when a process is killed.
    """

    def __init__(self, name: str, count: int) -> None:
        self.name, self.count = name, count
        # Threads of one process wait here, so that few check the files.
        self._here = threading.BoundedSemaphore(count)

    @contextmanager
    def acquire(self, *, within: float) -> Iterator[int | None]:
        """Wait for a slot and hold it for the block. Yields the descriptor of the locked file, which may be passed on
        to a child process; None where such locks don’t exist. Raises TooMany if none is free in time.
        """
        deadline = time.monotonic() + within
        if not self._here.acquire(timeout=within):
            raise self._busy()
        try:
            file = self._locked(deadline)
            try:
                yield file
            finally:
                if file is not None:
                    os.close(file)
        finally:
            self._here.release()

    def _locked(self, deadline: float) -> int | None:
        if sys.platform == "win32":
            return None
        import fcntl

        folder = settings.DATA_DIR / "locks"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as fault:
            log.warning("no locks between processes: %s", fault)
            return None
        while True:
            for number in range(self.count):
                try:
                    file = os.open(
                        folder / f"{self.name}-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
                    )
                except OSError as fault:
                    log.warning("no locks between processes: %s", fault)
                    return None
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    os.close(file)
                else:
                    return file
            if time.monotonic() > deadline:
                raise self._busy()
            time.sleep(RETRY_EVERY)

    def _busy(self) -> TooMany:
        return TooMany(_("That’s busy right now. Please try again in a moment."), retry_after=10)
