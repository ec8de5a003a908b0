"""Sending work to Celery, after the commit and never as the only record of it."""

import logging
from contextlib import nullcontext
from typing import Any

from celery import Task
from django.conf import settings
from django.db import transaction

from core.breaker import redis_breaker
from core.trace import current_trace_id

log = logging.getLogger("kith.jobs")


def enqueue(
    task: "Task[Any, Any]",
    *args: Any,
    countdown: float | None = None,
    expires: float | None = None,
    **kwargs: Any,
) -> None:
    """Send the job once the running transaction has committed, to run after `countdown` seconds, and not at all when
    it has not begun within `expires`.

    A broker that is down is not the sender's trouble: the row that asked for the work is there, and a sweep finds it.
    """
    headers = {"trace_id": current_trace_id()}

    def send() -> None:
        try:
            with redis_breaker(settings.REDIS_URL).guard() if settings.REDIS_URL else nullcontext():
                task.apply_async(args, kwargs, headers=headers, countdown=countdown, expires=expires)
        except Exception as fault:
            log.warning("could not send %s: %s", task.name, fault)

    transaction.on_commit(send)
