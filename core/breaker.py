"""A circuit breaker: after a server hasn’t answered once, it isn’t called for some seconds.

Without one, every call to a server that hangs waits for its own timeout, and a page makes many calls. With one, the
first caller waits; then all calls fail at once, and every few seconds one call probes whether the server is back.

There is one breaker for each server in a process, shared by its threads (decision 23).
"""

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = logging.getLogger("kith.breaker")

PAUSE = 3.0
REDIS_TIMEOUT = 0.5
"""Timeout of one call to Redis. It usually answers in a millisecond; a page may take two seconds in all."""
NO_ANSWER = (RedisConnectionError, RedisTimeoutError, OperationalError, OSError)


class Open(Exception):
    """The server didn’t answer a moment ago, so it wasn’t called."""


class Breaker:
    """Closed: calls pass. Open: calls are refused with `Open`. After `pause` seconds one call is let through to try."""

    def __init__(self, name: str, *, faults: tuple[type[Exception], ...], pause: float = PAUSE) -> None:
        self.name = name
        self.pause = pause
        self._faults = faults
        self.reset()
        _all.add(self)

    def reset(self) -> None:
        """Close it, and forget what happened: in a new process after a fork, and in tests."""
        self._lock = threading.Lock()
        self._open_until: float | None = None
        self._trying = False
        self._first: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        return self._open_until is not None

    def before_others(self, callback: Callable[[], None]) -> None:
        """Call this as soon as the server is back, before any other call."""
        with self._lock:
            if self._open_until is not None:
                self._first.append(callback)

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Wrap a call to the server. Raises Open instead of calling while the server is considered down."""
        trying = self._admit()
        try:
            if trying:
                while self._first:
                    self._first[0]()
                    del self._first[0]
            yield
        except self._faults as fault:
            self._no_answer(fault)
            raise
        except BaseException:
            # Neither an answer nor a timeout: the next caller probes.
            if trying:
                self._trying = False
            raise
        if trying:
            self._close()

    def _admit(self) -> bool:
        """Return whether this call is the probe. Raises Open if the breaker is open. A call that began before the fault
        is never the probe.
        """
        if self._open_until is None:
            return False
        with self._lock:
            if not self.is_open:
                return False
            if self._trying or time.monotonic() < self._open_until:
                raise Open(f"{self.name} is away")
            self._trying = True
            return True

    def _no_answer(self, fault: Exception) -> None:
        with self._lock:
            if self._open_until is None:
                log.warning("%s doesn’t answer (%s); calls are skipped for some seconds", self.name, fault)
            self._open_until = time.monotonic() + self.pause
            self._trying = False

    def _close(self) -> None:
        with self._lock:
            self._trying = False
            if self._first:
                # More callbacks were added meanwhile: the next caller runs them.
                self._open_until = 0.0
                return
            self._open_until = None
        log.warning("%s answers again", self.name)


_all: "weakref.WeakSet[Breaker]" = weakref.WeakSet()


def _after_fork() -> None:
    for breaker in _all:
        breaker.reset()


os.register_at_fork(after_in_child=_after_fork)


@cache
def redis_breaker(url: str) -> Breaker:
    """Return the breaker of this Redis, shared by cache, rate limits, live messages and the job queue."""
    return Breaker("Redis", faults=NO_ANSWER)
