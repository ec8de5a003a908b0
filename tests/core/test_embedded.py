"""Jobs in a single process: each queue has its own threads, and a worker or beat that ends is restarted."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery
from celery.beat import Scheduler, Service
from celery.worker import WorkController

from config.celery import app as kith
from core import embedded
from core.embedded import Jobs


@pytest.fixture
def app() -> Iterator[Celery]:
    """Create a separate Celery app with its own in-memory broker."""
    app = Celery("embedded", broker="memory://embedded/", set_as_current=False)
    app.conf.update(
        broker_transport_options={"polling_interval": 0.02},
        task_queues={name: {"exchange": name, "routing_key": name} for name in ("live", "outside")},
        task_default_queue="live",
        task_ignore_result=True,
        beat_scheduler=Scheduler,
        beat_schedule={},
        worker_hijack_root_logger=False,
    )
    yield app
    app.close()
    for adopt in (kith.set_default, kith.set_current):
        adopt()


def task(app: Celery, name: str, act: Callable[[], Any]) -> None:
    def run() -> None:
        act()

    app.task(name=name, shared=False)(run)


def within(seconds: float, true: Callable[[], Any]) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_blocked_queue_does_not_delay_another(app: Celery) -> None:
    begun, let_go, done = threading.Event(), threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        let_go.wait(10)

    task(app, "wait", wait)
    task(app, "do", done.set)
    with Jobs(app, threads={"live": 1, "outside": 1}) as jobs:
        for _ in range(50):
            app.send_task("wait", queue="outside")
        assert begun.wait(5)
        app.send_task("do", queue="live")
        assert done.wait(5)
        assert not jobs.is_idle
        let_go.set()


@pytest.mark.parametrize("broken", [WorkController, Service])
def test_a_worker_or_beat_that_ends_is_restarted(
    app: Celery, broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "RESTART_DELAY", 0.05)
    start, starts = broken.start, []

    def break_once(self: Any, *args: Any, **kwargs: Any) -> None:
        starts.append(self)
        if len(starts) == 1:
            raise RuntimeError("it broke")
        start(self, *args, **kwargs)

    monkeypatch.setattr(broken, "start", break_once)
    done = threading.Event()
    task(app, "do", done.set)
    app.conf.beat_schedule = {"do": {"task": "do", "schedule": 0.1}}
    with Jobs(app, threads={"live": 1, "outside": 1}):
        assert done.wait(10)
    assert len(starts) == 2


def test_stopping_waits_for_the_running_job(app: Celery) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        time.sleep(0.3)
        ended.set()

    task(app, "work", work)
    with Jobs(app, threads={"live": 1, "outside": 1}) as jobs:
        app.send_task("work", queue="outside")
        assert begun.wait(5)
    assert ended.is_set()
    assert within(2, lambda: jobs.is_idle)
