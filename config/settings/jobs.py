"""Celery."""

from typing import Any

from config.queues import DEFAULT, LIVE, OUTSIDE, ROUTES
from config.queues import QUEUES as QUEUES

from .storage import REDIS_URL

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": 600, "socket_timeout": 5, "socket_connect_timeout": 1}
    if REDIS_URL
    # The in-memory transport looks for work once a second unless told otherwise.
    else {"polling_interval": 0.02}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_STORE_EAGER_RESULT = False
CELERY_TASK_DEFAULT_QUEUE = DEFAULT
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in QUEUES}
CELERY_TASK_ROUTES = {task: {"queue": queue} for task, queue in ROUTES.items()}
# Threads for each queue, in the one process of the embedded default.
EMBEDDED_THREADS = {LIVE: 4, DEFAULT: 2, OUTSIDE: 8}
CELERY_BEAT_SCHEDULER = "core.schedule:DatabaseScheduler"
CELERY_WORKER_PREFETCH_MULTIPLIER = 8
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TIMEZONE = "UTC"
