"""Beat, which sends what config/schedule.py says. It keeps nothing in files: its memory is a table."""

import logging
import time
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from django.db import Error

from core.db import close_broken_connection
from core.health import SCHEDULE, record_heartbeat
from core.models import ScheduledRun

log = logging.getLogger("kith.schedule")

NOTED_FROM = 300.0
"""Jobs that run less often than this (seconds) are remembered: a site that is restarted every day still runs them."""
ALIVE_EVERY = 10.0


class DatabaseScheduler(Scheduler):
    """Knows after a restart what ran when, and says every few seconds that it is alive."""

    max_interval = 5.0
    _said_alive_at = float("-inf")

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)
        try:
            close_broken_connection()
            ran = dict(ScheduledRun.objects.values_list("name", "at"))
        except Error as fault:
            log.warning("the schedule begins anew: %s", fault)
            return
        for name, entry in self.schedule.items():
            if not _is_noted(entry):
                # At once: what waits since before the start need not wait any longer.
                entry.last_run_at -= entry.schedule.run_every
            elif name in ran:
                entry.last_run_at = min(entry.last_run_at, ran[name])

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self._said_alive_at >= ALIVE_EVERY:
            self._said_alive_at = time.monotonic()
            record_heartbeat(SCHEDULE)
        return float(super().tick(*args, **kwargs))

    def reserve(self, entry: ScheduleEntry) -> ScheduleEntry:
        reserved = super().reserve(entry)
        if _is_noted(entry):
            try:
                close_broken_connection()
                ScheduledRun.objects.update_or_create(name=entry.name, defaults={"at": reserved.last_run_at})
            except Error as fault:
                log.warning("that %s ran is not noted: %s", entry.name, fault)
        return reserved


def _is_noted(entry: ScheduleEntry) -> bool:
    return bool(entry.schedule.run_every.total_seconds() >= NOTED_FROM)
