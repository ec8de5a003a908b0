"""Sends jobs to Celery after the commit. The row of a durable job, not the message, is the record of the work."""

import logging
from contextlib import nullcontext
from typing import Any

from celery import Task
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from core.breaker import redis_breaker
from core.trace import current_trace_id

log = logging.getLogger("kith.jobs")


def enqueue(
    task: "Task[Any, Any] | str",
    *args: Any,
    countdown: float | None = None,
    expires: float | None = None,
    **kwargs: Any,
) -> None:
    """Send the job once the running transaction has committed, to run after `countdown` seconds, and not at all when
    it has not begun within `expires`. Actions, which lie below the tasks, give the task's dotted name.

    A broker that is down is not the sender's trouble: the row that asked for the work is there, and a sweep finds it.
    """
    job: Task[Any, Any] = import_string(task) if isinstance(task, str) else task
    headers = {"trace_id": current_trace_id()}

    def send() -> None:
        try:
            with redis_breaker(settings.REDIS_URL).guard() if settings.REDIS_URL else nullcontext():
                job.apply_async(args, kwargs, headers=headers, countdown=countdown, expires=expires)
        except Exception as fault:
            log.warning("could not send %s: %s", job.name, fault)

    transaction.on_commit(send)
