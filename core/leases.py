"""Leases: work that one process does at a time. A row stores until when a name is taken, and the process that holds it
renews the lease while it works. If it is killed, the lease expires.

    with lease("search.rebuild") as held:
        for chunk in chunks:
            held.renew()
            …

For a durable job (core.models.DueRow), `renewing` renews its claim.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import Error, connection
from django.utils import timezone

from core.db import insert_once
from core.models import Lease

log = logging.getLogger("kith.leases")

LEASE = timedelta(seconds=10)
RENEW_EVERY = 3.0
LEASE_SECONDS = 120


class LeaseTaken(Exception):
    """Another process holds the lease, since `taken_at`."""

    def __init__(self, name: str, taken_at: datetime) -> None:
        super().__init__(f"{name} is taken since {taken_at:%Y-%m-%d %H:%M:%S} UTC")
        self.taken_at = taken_at


class LeaseLost(Exception):
    """The lease expired and may be held by another process by now: stop."""


class HeldLease:
    """A lease that this process holds."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name, self.seconds, self.holder = name, seconds, uuid4().hex

    def renew(self) -> None:
        """Renew the lease. Raises LeaseLost if another process holds it by now."""
        mine = Lease.objects.filter(name=self.name, holder=self.holder)
        if not mine.update(until=self._until()):
            raise LeaseLost(f"{self.name} was lost")

    def _take(self) -> None:
        now, until = timezone.now(), self._until()
        if insert_once(Lease(name=self.name, holder=self.holder, taken_at=now, until=until)):
            return
        # The condition is part of the UPDATE: if two processes find the lease expired at once, one gets it.
        lapsed = Lease.objects.filter(name=self.name, until__lt=now)
        if not lapsed.update(holder=self.holder, taken_at=now, until=until):
            other = Lease.objects.filter(name=self.name).first()
            raise LeaseTaken(self.name, other.taken_at if other else now)

    def _until(self) -> datetime:
        return timezone.now() + timedelta(seconds=self.seconds)


@contextmanager
def lease(name: str, *, seconds: float = LEASE_SECONDS) -> Iterator[HeldLease]:
    """Hold the lease of this name within the block. Raises LeaseTaken.

    Not inside a transaction: nobody else would see it before the commit.
    """
    held = HeldLease(name, seconds)
    held._take()
    try:
        yield held
    finally:
        Lease.objects.filter(name=name, holder=held.holder).delete()


@contextmanager
def renewing(renew: Callable[[], object], *, every: float = RENEW_EVERY) -> Iterator[None]:
    """Call `renew` every few seconds on a thread, while the block lasts."""
    over = threading.Event()

    def run() -> None:
        try:
            while not over.wait(every):
                try:
                    renew()
                except Error as fault:
                    log.warning("a lease was not renewed: %s", fault)
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=run, name="kith-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
