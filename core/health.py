"""Whether the parts of the site work, for /health/ready and /health/jobs.

Workers and beat record a heartbeat every ten seconds. Beat sends one job to each queue, so the heartbeat of a queue
is recent only while beat, the broker and a worker of that queue work.
"""

import logging
import shutil
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from core.breaker import Open, redis_breaker
from core.db import close_broken_connection
from core.models import Heartbeat

log = logging.getLogger("kith.health")

SCHEDULE = "schedule"
LATE_AFTER = timedelta(seconds=60)
DISK_NEEDED = 10 * 1024 * 1024

OK, AWAY, LATE, FULL = "ok", "away", "late", "full"


def jobs_of(queue: str) -> str:
    """Return the name of the part that runs the jobs of this queue."""
    return f"jobs.{queue}"


def record_heartbeat(part: str) -> None:
    """Record that this part of the site works now. Doesn’t raise if the database is down."""
    try:
        close_broken_connection()
        Heartbeat.objects.bulk_create(
            [Heartbeat(name=part, at=timezone.now())],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["at"],
        )
    except Error as fault:
        log.warning("that %s is alive is not noted: %s", part, fault)


def jobs_report() -> dict[str, str]:
    """Return schedule and queues as ok, or late if there was no heartbeat for a minute. Raises django.db.Error."""
    parts = [SCHEDULE, *(jobs_of(queue) for queue in settings.QUEUES)]
    heard = dict(Heartbeat.objects.filter(name__in=parts).values_list("name", "at"))
    oldest = timezone.now() - LATE_AFTER
    return {part: OK if part in heard and heard[part] >= oldest else LATE for part in parts}


def report() -> dict[str, str]:
    """Return the state of every part. The first is the database, without which no page can be shown."""
    parts: dict[str, str] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = OK
        jobs = jobs_report()
    except Error:
        return {"database": AWAY, "disk": _disk(), **_redis()}
    return {**parts, "disk": _disk(), **_redis(), **jobs}


def _disk() -> str:
    """Return whether this machine has room to write data (the database, pictures, emails)."""
    try:
        return OK if shutil.disk_usage(settings.DATA_DIR).free >= DISK_NEEDED else FULL
    except OSError:
        return AWAY


def _redis() -> dict[str, str]:
    if not settings.REDIS_URL:
        return {}
    import redis

    breaker = redis_breaker(settings.REDIS_URL)
    try:
        with breaker.guard():
            _redis_client().ping()
    except (Open, redis.RedisError, OSError):
        return {"redis": AWAY}
    return {"redis": OK}


def _redis_client() -> Any:
    from django.core.cache import cache

    return cache._cache.get_client()  # type: ignore[attr-defined]
