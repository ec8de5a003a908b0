"""The whole site in one process: pages and sockets by uvicorn, jobs and schedule on threads beside it."""

import logging
import os
import threading
from types import TracebackType
from typing import Any

from celery import Celery, current_app, signals
from celery.beat import Scheduler, Service
from celery.worker import WorkController

log = logging.getLogger("kith.embedded")

WORKER_THREADS = 4


class Jobs:
    """A Celery worker on a thread pool, and beat, for as long as the `with` block lasts.

    Broker and beat keep nothing on disk: what must not be lost is in the outbox, and the relay finds it at the
    next start.
    """

    def __init__(self, app: Celery | None = None, threads: int = WORKER_THREADS) -> None:
        self.app = app or current_app._get_current_object()
        self.app.set_default()
        self.app.finalize()
        self.worker = WorkController(
            app=self.app,
            hostname=f"embedded@{os.getpid()}",
            pool_cls="threads",
            concurrency=threads,
            loglevel=logging.WARNING,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        self.beat = Service(self.app, scheduler_cls=_MemoryScheduler)

    def __enter__(self) -> "Jobs":
        signals.worker_init.send(sender=self.worker)
        self._start(self.worker.start, "worker")
        self._start(self._run_beat, "beat")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        self.beat.stop()
        self.worker.stop()

    def _run_beat(self) -> None:
        self.beat.start(embedded_process=False)

    @staticmethod
    def _start(target: Any, name: str) -> None:
        threading.Thread(target=target, name=f"kith-{name}", daemon=True).start()


class _MemoryScheduler(Scheduler):
    """Beat without its file: every period starts anew with the process."""

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)
        self.install_default_entries(self.schedule)
