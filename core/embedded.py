"""The whole site in one process: uvicorn serves pages and sockets, threads run jobs and the schedule."""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from types import TracebackType

from celery import Celery, current_app
from celery.beat import Service
from celery.worker import WorkController
from celery.worker import state as worker_state
from django.conf import settings

from core.pools import QueuePool

log = logging.getLogger("kith.embedded")

RESTART_DELAY = 1.0


class Jobs:
    """A Celery worker with threads for each queue, and beat, while the `with` block lasts.

    If either ends by itself, it is restarted. Broker and beat store nothing on disk: what must not be lost is in the
    database, and the sweeps find it at the next start.
    """

    def __init__(self, app: Celery | None = None, threads: Mapping[str, int] | None = None) -> None:
        self.app = app or current_app._get_current_object()
        self.app.set_default()
        self.app.finalize()
        self.threads = threads or settings.EMBEDDED_THREADS
        self._stopping = threading.Event()
        self._worker: WorkController | None = None
        self._beat: Service | None = None

    def __enter__(self) -> "Jobs":
        self._keep_running("worker", self._run_worker)
        self._keep_running("beat", self._run_beat)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._beat is not None:
            self._beat.stop()
        if self._worker is not None:
            self._worker.stop()

    @property
    def is_idle(self) -> bool:
        """Return whether no job is running."""
        pool = self._worker.pool if self._worker is not None else None
        return pool is None or pool.is_idle

    def _keep_running(self, name: str, run: Callable[[], None]) -> None:
        def loop() -> None:
            while not self._stopping.is_set():
                try:
                    run()
                except BaseException:
                    log.exception("%s broke", name)
                if not self._stopping.wait(RESTART_DELAY):
                    log.error("%s has ended and is started again", name)

        threading.Thread(target=loop, name=f"kith-{name}", daemon=True).start()

    def _run_worker(self) -> None:
        worker_state.should_stop = worker_state.should_terminate = None
        worker = WorkController(
            app=self.app,
            hostname=f"embedded@{os.getpid()}",
            pool_cls=QueuePool.with_threads(self.threads),
            concurrency=sum(self.threads.values()),
            # No limit, so that jobs waiting in one queue don’t keep the worker from seeing the others.
            prefetch_multiplier=0,
            loglevel=logging.WARNING,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        self._worker = worker
        if not self._stopping.is_set():
            worker.start()

    def _run_beat(self) -> None:
        self._beat = Service(self.app, scheduler_cls=self.app.conf.beat_scheduler)
        if not self._stopping.is_set():
            self._beat.start(embedded_process=False)
