"""The scheduler of Celery beat for config/schedule.py. Its state is a table, not a file."""

import logging
import time
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from django.db import Error

from core.db import close_broken_connection
from core.health import SCHEDULE, record_heartbeat
from core.models import ScheduledRun

log = logging.getLogger("kith.schedule")

RECORDED_FROM = 300.0
"""Jobs that run less often than this (seconds) are recorded, so that a site restarted every day still runs them."""
HEARTBEAT_EVERY = 10.0


class DatabaseScheduler(Scheduler):
    """Stores when jobs ran, across restarts, and records a heartbeat every few seconds."""

    max_interval = 5.0
    _heartbeat_at = float("-inf")

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)
        try:
            close_broken_connection()
            ran = dict(ScheduledRun.objects.values_list("name", "at"))
        except Error as fault:
            log.warning("the schedule starts from scratch: %s", fault)
            return
        for name, entry in self.schedule.items():
            if not _is_recorded(entry):
                # Run it at once: something may have been waiting since before the start.
                entry.last_run_at -= entry.schedule.run_every
            elif name in ran:
                entry.last_run_at = min(entry.last_run_at, ran[name])

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self._heartbeat_at >= HEARTBEAT_EVERY:
            self._heartbeat_at = time.monotonic()
            record_heartbeat(SCHEDULE)
        return float(super().tick(*args, **kwargs))

    def reserve(self, entry: ScheduleEntry) -> ScheduleEntry:
        reserved = super().reserve(entry)
        if _is_recorded(entry):
            try:
                close_broken_connection()
                ScheduledRun.objects.update_or_create(name=entry.name, defaults={"at": reserved.last_run_at})
            except Error as fault:
                log.warning("the run of %s was not recorded: %s", entry.name, fault)
        return reserved


def _is_recorded(entry: ScheduleEntry) -> bool:
    return bool(entry.schedule.run_every.total_seconds() >= RECORDED_FROM)
