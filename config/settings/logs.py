"""Logging: text in the terminal, JSON in production."""

import sys
from typing import Any

from .environment import env

LOG_FORMAT = env("LOG_FORMAT", default="text")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "trace": {"()": "core.logs.TraceFilter"},
        "outages": {"()": "core.logs.OutageFilter"},
        "secrets": {"()": "core.logs.SecretPathFilter"},
        "repeats": {"()": "core.logs.RepeatFilter"},
    },
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)-7s %(name)s [%(trace_id)s] %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(trace_id)s",
            "rename_fields": {
                "asctime": "time",
                "levelname": "level",
                "name": "logger",
            },
        },
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": sys.stderr,
            "formatter": LOG_FORMAT,
            "filters": ["repeats", "trace", "outages", "secrets"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "kith": {"level": env("LOG_LEVEL", default="INFO")},
    },
}
