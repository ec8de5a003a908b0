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
    """Send the job after the running transaction commits, to run after `countdown` seconds, but only if it begins
    within `expires`. Actions, which can't import tasks, pass the task's dotted name.

    Doesn't raise if the broker is down: a sweep finds the row that describes the work.
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
