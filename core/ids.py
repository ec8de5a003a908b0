"""Sortable 64-bit ids: 41 bits of milliseconds since 2025, 10 of process, 12 of sequence (Snowflake, Twitter 2010).

Sorting by id sorts by creation time, so one key serves as id, order and cursor.
"""

import os
import secrets
import threading
import time
from datetime import UTC, datetime

EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z
MAX_ID = (1 << 63) - 1

_lock = threading.Lock()
_process = secrets.randbits(10)
_last_ms = 0
_sequence = 0


def _choose_process() -> None:
    global _process
    _process = secrets.randbits(10)


# Forked workers must not share their parent's number.
os.register_at_fork(after_in_child=_choose_process)


def new_id() -> int:
    """Return the next id of this process: unique, and greater than any before."""
    global _last_ms, _sequence
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            # A random start separates two processes that drew the same number.
            _last_ms, _sequence = now, secrets.randbits(11)
        elif _sequence < 4095:
            _sequence += 1
        else:
            # The sequence is used up, or the clock went back: use the next millisecond.
            _last_ms, _sequence = _last_ms + 1, 0
        return ((_last_ms - EPOCH_MS) << 22) | (_process << 12) | _sequence


def id_at(moment: datetime, *, salt: int | None = None) -> int:
    """Return an id as if made at `moment`; with `salt=0` the smallest such id, for comparisons."""
    ms = int(moment.timestamp() * 1000) - EPOCH_MS
    return (max(ms, 0) << 22) | (secrets.randbits(22) if salt is None else salt)


def milliseconds_between(first: int, second: int) -> int:
    """Return how much later the second id was made than the first."""
    return (second >> 22) - (first >> 22)


def time_of(snowflake: int) -> datetime:
    """Return when the id was made, to the millisecond."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, tz=UTC)
