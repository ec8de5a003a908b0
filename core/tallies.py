"""Tallies: counts that are kept in Redis, or in memory without it, until a job writes them to the database in batches.

For what happens too often for a row each and may be lost: a crash loses what hasn't been written (`config/schedule.py`
says how often it is), and never counts anything twice. Without Redis there is one process, which has all of it.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import islice

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from core.breaker import REDIS_TIMEOUT, Open, redis_breaker

log = logging.getLogger("kith.tallies")

REMEMBERED_MAX = 200_000
"""How many keys are remembered in memory; beyond that the oldest are forgotten, and may count again."""


class Tally:
    """Counts things by id, each once for a key within `period` seconds."""

    def __init__(self, name: str, *, period: int) -> None:
        self.name, self.period = name, period
        self._lock = threading.Lock()
        self._counts: Counter[int] = Counter()
        self._until: dict[str, float] = {}

    def add(self, keys: Mapping[int, str]) -> None:
        """Count these things, except those whose key was counted within the period. Never raises."""
        if not keys:
            return
        if not settings.REDIS_URL:
            self._add_here(keys)
            return
        try:
            with redis_breaker(settings.REDIS_URL).guard():
                first = self._redis.pipeline(transaction=False)
                for key in keys.values():
                    first.set(f"{self.name}:of:{key}", 1, nx=True, ex=self.period)
                new = [thing for thing, done in zip(keys, first.execute(), strict=True) if done]
                self._increment(Counter(new))
        except (Open, RedisError, OSError) as fault:
            log.warning("%s were not counted: %s", self.name, fault)

    def take(self) -> dict[int, int]:
        """Return the counts that haven't been taken, and forget them."""
        if not settings.REDIS_URL:
            with self._lock:
                taken, self._counts = dict(self._counts), Counter()
            return taken
        with redis_breaker(settings.REDIS_URL).guard():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.hgetall(self.name)
            pipeline.delete(self.name)
            counts, _ = pipeline.execute()
        return {int(thing): int(number) for thing, number in counts.items()}

    def give_back(self, counts: Mapping[int, int]) -> None:
        """Add counts that were taken and couldn't be written."""
        if settings.REDIS_URL:
            self._increment(counts)
        else:
            with self._lock:
                self._counts.update(counts)

    def forget(self) -> None:
        """Forget everything that is in memory: between tests."""
        with self._lock:
            self._counts.clear()
            self._until.clear()

    def _add_here(self, keys: Mapping[int, str]) -> None:
        now = time.monotonic()
        with self._lock:
            self._drop_old(now)
            for thing, key in keys.items():
                if self._until.get(key, 0) <= now:
                    self._until.pop(key, None)
                    self._until[key] = now + self.period
                    self._counts[thing] += 1

    def _drop_old(self, now: float) -> None:
        # Insertion order is the order of expiry.
        for key in list(islice(self._until, max(len(self._until) - REMEMBERED_MAX, 0))):
            del self._until[key]
        for key in list(islice(self._until, 100)):
            if self._until[key] > now:
                break
            del self._until[key]

    def _increment(self, counts: Mapping[int, int]) -> None:
        if counts:
            pipeline = self._redis.pipeline(transaction=True)
            for thing, number in counts.items():
                pipeline.hincrby(self.name, str(thing), number)
            pipeline.execute()

    @property
    def _redis(self) -> redis.Redis:
        return _client(settings.REDIS_URL)


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=REDIS_TIMEOUT,
        socket_connect_timeout=REDIS_TIMEOUT,
        # An increment that is sent again could count twice.
        retry=Retry(NoBackoff(), 0),
    )
