"""Work that one process at a time does: a row says until when it is taken, and the process that has it takes it anew.

A short time, taken anew while the work goes on, so that what a killed process had is soon done by another.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import Error, connection

log = logging.getLogger("kith.leases")

LEASE = timedelta(seconds=10)
RENEW_EVERY = 3.0


@contextmanager
def kept(renew: Callable[[], object], *, every: float = RENEW_EVERY) -> Iterator[None]:
    """Call `renew` every few seconds, on a thread of its own, for as long as the block lasts."""
    over = threading.Event()

    def go_on() -> None:
        try:
            while not over.wait(every):
                try:
                    renew()
                except Error as fault:
                    log.warning("a lease was not renewed: %s", fault)
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=go_on, name="kith-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
