import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from core.breaker import Open, redis_breaker

log = logging.getLogger("kith.cache")

KEPT_LOCALLY = ("allauth", "rate:")
"""Prefixes of keys of limits and used codes, which must work without Redis too."""
MAX_PENDING = 100_000

_here = LocMemCache("while Redis is away", {"OPTIONS": {"MAX_ENTRIES": 20_000}})


_T = TypeVar("_T")


class ForgivingRedisCache(RedisCache):
    """Django’s Redis cache, except that while Redis is down reads miss, writes are dropped, and pages work.

    What must be exact (limits, used codes, locks) is then stored in each process separately. A key whose write was
    dropped is deleted when Redis is back: otherwise an ended session would be valid again.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._url = server if isinstance(server, str) else str(server[0])
        self._breaker = redis_breaker(self._url)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._forgiving(
            lambda: super(ForgivingRedisCache, self).get(key, default, version),
            lambda: _here.get(key, default, version) if _is_kept_here(key) else default,
        )

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        return self._forgiving(lambda: super(ForgivingRedisCache, self).get_many(keys, version), dict)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return self._forgiving(
            lambda: super(ForgivingRedisCache, self).has_key(key, version),
            lambda: _is_kept_here(key) and _here.has_key(key, version),
        )

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        return self._forgiving(
            lambda: super(ForgivingRedisCache, self).add(key, value, *args, **kwargs),
            lambda: _here.add(key, value, *args, **kwargs),
        )

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        return self._forgiving(
            lambda: super(ForgivingRedisCache, self).incr(key, delta, version),
            lambda: _here.incr(key, delta, version),
        )

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        def dropped() -> None:
            if _is_kept_here(key):
                _here.set(key, value, *args, **kwargs)
            else:
                self._owe(key)

        self._forgiving(lambda: super(ForgivingRedisCache, self).set(key, value, *args, **kwargs), dropped)

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        def dropped() -> list[Any]:
            self._owe(*data)
            return []

        return self._forgiving(
            lambda: super(ForgivingRedisCache, self).set_many(data, *args, **kwargs), dropped
        )

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return self._forgiving(
            lambda: super(ForgivingRedisCache, self).touch(key, *args, **kwargs), lambda: False
        )

    def delete(self, key: Any, version: int | None = None) -> bool:
        def dropped() -> bool:
            self._owe(key)
            return _here.delete(key, version)

        return self._forgiving(lambda: super(ForgivingRedisCache, self).delete(key, version), dropped)

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        keys = list(keys)
        self._forgiving(
            lambda: super(ForgivingRedisCache, self).delete_many(keys, version), lambda: self._owe(*keys)
        )

    def _forgiving(self, call: Callable[[], _T], otherwise: Callable[[], _T]) -> _T:
        try:
            with self._breaker.guard():
                return call()
        except Open:
            return otherwise()
        except (RedisError, OSError) as fault:
            log.warning("cache is away: %s", fault)
            return otherwise()

    def _owe(self, *keys: Any) -> None:
        if not self._breaker.is_open:
            # It responded with an error, so it is unknown when it would accept the key.
            return
        with _owed_lock:
            owed = _owed[self._url]
            first = not owed
            if len(owed) < MAX_PENDING:
                owed.update(keys)
        if first:
            self._breaker.before_others(self._pay)

    def _pay(self) -> None:
        """Delete keys whose writes were dropped, because Redis still has the old values."""
        with _owed_lock:
            keys = list(_owed[self._url])
        if len(keys) >= MAX_PENDING:
            super().clear()
        else:
            super().delete_many(keys)
        with _owed_lock:
            _owed[self._url].difference_update(keys)


_owed: defaultdict[str, set[Any]] = defaultdict(set)
_owed_lock = threading.Lock()


def _is_kept_here(key: Any) -> bool:
    return str(key).startswith(KEPT_LOCALLY)
