import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger("kith.cache")


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; while Redis is away every read misses and every write is dropped, and pages go on."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        default = kwargs.get("default", args[1] if len(args) > 1 else None)
        return self._forgiving(super().get, default, args, kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().get_many, {}, args, kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().set, None, args, kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().set_many, [], args, kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().add, False, args, kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().touch, False, args, kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().delete, False, args, kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgiving(super().has_key, False, args, kwargs)

    @staticmethod
    def _forgiving(call: Any, otherwise: Any, args: Any, kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except (RedisError, OSError) as fault:
            log.warning("cache is away: %s", fault)
            return otherwise
