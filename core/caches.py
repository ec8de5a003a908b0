import logging
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger("kith.cache")


KEPT_HERE = "allauth:rl:"
"""Keys of the limits on sign-in: they must hold, and let people in, with Redis or without."""

_here = LocMemCache("while Redis is away", {"OPTIONS": {"MAX_ENTRIES": 20_000}})


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; while Redis is away every read misses and every write is dropped, and pages go on.

    The limits on sign-in are counted by each process for itself meanwhile.
    """

    def get(self, *args: Any, **kwargs: Any) -> Any:
        default = kwargs.get("default", args[1] if len(args) > 1 else None)
        return self._forgiving(super().get, _here.get, default, args, kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().get_many, None, {}, args, kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().set, _here.set, None, args, kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().set_many, None, [], args, kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().add, _here.add, False, args, kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().touch, None, False, args, kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().delete, _here.delete, False, args, kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().has_key, None, False, args, kwargs)

    @staticmethod
    def _forgiving(call: Any, here: Any, otherwise: Any, args: Any, kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except (RedisError, OSError) as fault:
            log.warning("cache is away: %s", fault)
            if here is not None and args and str(args[0]).startswith(KEPT_HERE):
                return here(*args, **kwargs)
            return otherwise
