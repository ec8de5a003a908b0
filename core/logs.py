import logging
import re
import threading
import time
from typing import Any

from django.conf import settings

from core.outages import outage
from core.trace import current_trace_id


class TraceFilter(logging.Filter):
    """Adds the trace id to every line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "trace_id"):
            # Django logs a refused request after the middleware that set its id.
            request = getattr(record, "request", None)
            record.trace_id = getattr(request, "trace_id", None) or current_trace_id()
        return True


class OutageFilter(logging.Filter):
    """Shortens the log of an outage: every request meets the same one, so the traceback is useless."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.exc_info, tuple) and outage(record.exc_info[1]) is not None:
            record.msg, record.args = f"{record.getMessage()}: {record.exc_info[1]}".rstrip(), ()
            record.exc_info = record.exc_text = None
        return True


class RepeatFilter(logging.Filter):
    """Limits identical lines in a minute (no descriptors left, invalid requests) to a few, and then logs how many there
    were.
    """

    LOGGERS = ("asyncio", "uvicorn", "websockets")
    AT_MOST, PERIOD = 5, 60.0

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in self.LOGGERS:
            return True
        kind = (record.name, str(record.msg).partition("\n")[0][:100])
        now = time.monotonic()
        with self._lock:
            since, count = self._seen.get(kind, (now, 0))
            left_out = 0
            if now - since >= self.PERIOD:
                since, left_out, count = now, max(0, count - self.AT_MOST), 0
            if len(self._seen) > 1000:
                self._seen.clear()
            self._seen[kind] = (since, count + 1)
        if left_out:
            record.msg = f"{record.msg} ({left_out} more in the minute before)"
        return count < self.AT_MOST


class SecretPathFilter(logging.Filter):
    """Masks secret parts of addresses: what follows any of SECRET_PATHS."""

    def __init__(self) -> None:
        super().__init__()
        beginnings = "|".join(re.escape(path) for path in settings.SECRET_PATHS)
        self._secret = re.compile(rf"({beginnings})[^\s'\"<>]+")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = self._masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(self._masked(value) for value in record.args)
        if (request := getattr(record, "request", None)) is not None:
            # Django passes the whole request to the formatter, and JSON would contain its address.
            record.request = self._masked(str(request))
        return True

    def _masked(self, value: Any) -> Any:
        return self._secret.sub(r"\1…", value) if isinstance(value, str) else value
