"""Rate limits: exact under parallel requests, and still enforced while Redis is down."""

import time
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True)
class Rate:
    """`limit` calls in `period` seconds."""

    limit: int
    period: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Parse "100/minute"; the period is second, minute, hour or day."""
        limit, _, period = text.partition("/")
        return cls(int(limit), {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}[period])


@dataclass(frozen=True)
class RateResult:
    allowed: bool
    limit: int
    remaining: int
    reset: int
    """Seconds until the count starts again."""


def count(key: str, rate: Rate) -> RateResult:
    """Count a call under `key` in the current period. Return whether it is within the rate.

    One atomic increment decides (no read before a write), so parallel calls can’t exceed the limit.
    """
    now = time.time()
    window = int(now // rate.period)
    reset = max(1, int((window + 1) * rate.period - now) + 1)
    used = _increment(f"rate:{key}:{rate.period}:{window}", rate.period * 2)
    return RateResult(used <= rate.limit, rate.limit, max(0, rate.limit - used), reset)


def count_attempt(key: str, rate: Rate) -> RateResult:
    """Count an attempt under `key`; the period begins with the first one.

    For guesses: there is no boundary between two fixed periods around which twice as many would be allowed.
    """
    used = _increment(_tries(key, rate), rate.period)
    return RateResult(used <= rate.limit, rate.limit, max(0, rate.limit - used), rate.period)


def uncount_attempt(key: str, rate: Rate) -> None:
    """Uncount an attempt, because it was right."""
    # After the period there is nothing to uncount.
    with suppress(ValueError):
        cache.decr(_tries(key, rate))


def _tries(key: str, rate: Rate) -> str:
    return f"tries:{key}:{rate.period}"


def _increment(key: str, timeout: int) -> int:
    try:
        cache.add(key, 0, timeout)
        return int(cache.incr(key))
    except ValueError:
        # The key expired, or Redis went down, between the two calls. Now both use the same cache.
        cache.add(key, 0, timeout)
        return int(cache.incr(key))
