import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun

from core.trace import set_trace_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("kith")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def _read_schedule(sender: Celery, **kwargs: object) -> None:
    from config.schedule import SCHEDULE

    sender.conf.beat_schedule = SCHEDULE


@task_prerun.connect
def _adopt_trace(task: Any = None, **kwargs: object) -> None:
    """A job's log lines carry the trace id of the request that sent it."""
    set_trace_id((task.request.headers or {}).get("trace_id") or getattr(task.request, "trace_id", None))
