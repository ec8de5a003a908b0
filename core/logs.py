import logging
import re
from typing import Any

from django.conf import settings

from core.trace import current_trace_id


class TraceFilter(logging.Filter):
    """Puts the trace id on every line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "trace_id"):
            record.trace_id = current_trace_id()
        return True


class SecretPathFilter(logging.Filter):
    """Takes out of addresses what opens a door by itself: what follows any of SECRET_PATHS."""

    def __init__(self) -> None:
        super().__init__()
        beginnings = "|".join(re.escape(path) for path in settings.SECRET_PATHS)
        self._secret = re.compile(rf"({beginnings})[^\s'\"<>]+")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = self._masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(self._masked(value) for value in record.args)
        if (request := getattr(record, "request", None)) is not None:
            # Django hands the whole request to the formatter; in JSON its address would be written out.
            record.request = self._masked(str(request))
        return True

    def _masked(self, value: Any) -> Any:
        return self._secret.sub(r"\1…", value) if isinstance(value, str) else value
