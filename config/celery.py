import logging
import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, task_prerun
from django.conf import settings

from core.breaker import REDIS_TIMEOUT
from core.private_files import keep_private
from core.trace import set_trace_id

log = logging.getLogger("kith.jobs")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")


class KithCelery(Celery):
    def connection_for_write(self, url: str | None = None, **options: Any) -> Any:
        """Connect with short timeouts: a request that sends a job must not wait for a Redis that hangs."""
        if settings.REDIS_URL:
            at_once = {
                "socket_timeout": REDIS_TIMEOUT,
                "socket_connect_timeout": REDIS_TIMEOUT,
                "max_retries": 0,
            }
            options["transport_options"] = {**(options.get("transport_options") or {}), **at_once}
        return super().connection_for_write(url, **options)


app = KithCelery("kith")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def _read_schedule(sender: Celery, **kwargs: object) -> None:
    from config.schedule import SCHEDULE

    sender.conf.beat_schedule = SCHEDULE


@beat_init.connect
def _begin_schedule(**kwargs: object) -> None:
    keep_private()


@celeryd_init.connect
def _begin_worker(options: Any = None, **kwargs: object) -> None:
    keep_private()
    if not settings.REDIS_URL:
        raise SystemExit(
            "Set REDIS_URL: without it, no job that another process sends arrives at this worker."
        )
    if not (options or {}).get("queues"):
        log.warning(
            "This worker takes jobs of every queue: live work waits behind slow jobs. Run one for each: -Q live"
        )


@task_prerun.connect
def _adopt_trace(task: Any = None, **kwargs: object) -> None:
    """Use the trace id of the request that sent the job in its log lines."""
    set_trace_id((task.request.headers or {}).get("trace_id") or getattr(task.request, "trace_id", None))
