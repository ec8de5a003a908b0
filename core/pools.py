"""A thread pool for each queue of one process: no job waits for those of another queue."""

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from celery.concurrency.base import BasePool, apply_target
from celery.concurrency.thread import ApplyResult

log = logging.getLogger("kith.jobs")

DRAIN_WITHIN = 15.0
"""How long stopping waits for running jobs. Each may be killed at any time; a sweep finds it at the next start."""


class QueuePool(BasePool):
    """A Celery pool with a ThreadPoolExecutor for each queue; the sizes are those of `with_threads`."""

    body_can_be_buffer = True
    signal_safe = False
    threads: Mapping[str, int] = {}

    @classmethod
    def with_threads(cls, threads: Mapping[str, int]) -> "type[QueuePool]":
        return type("QueuePool", (cls,), {"threads": dict(threads)})

    def on_start(self) -> None:
        self._running: set[Future[Any]] = set()
        self._executors = {
            queue: ThreadPoolExecutor(size, thread_name_prefix=f"kith-{queue}")
            for queue, size in self.threads.items()
        }

    def on_apply(
        self,
        target: Any,
        args: Any = None,
        kwargs: Any = None,
        callback: Any = None,
        accept_callback: Any = None,
        **_: Any,
    ) -> ApplyResult:
        executor = self._executors[self._queue_of(args)]
        future = executor.submit(apply_target, target, args, kwargs, callback, accept_callback)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return ApplyResult(future)

    def on_stop(self) -> None:
        for executor in self._executors.values():
            executor.shutdown(wait=False, cancel_futures=True)
        left = wait(self._running.copy(), timeout=DRAIN_WITHIN).not_done
        if left:
            log.warning("%s jobs were still running and are left for the next start", len(left))

    def on_terminate(self) -> None:
        self.on_stop()

    @property
    def is_idle(self) -> bool:
        return not self._running

    def _queue_of(self, args: Any) -> str:
        # trace_task_ret(name, id, request, …): the request has the routing key of the message.
        try:
            queue = str(args[2]["delivery_info"]["routing_key"])
        except (IndexError, KeyError, TypeError):
            queue = ""
        return queue if queue in self._executors else next(iter(self._executors))
