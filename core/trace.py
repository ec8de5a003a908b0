"""Trace ids: one id follows a request through logs, events, jobs and error pages."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_trace_id: ContextVar[str] = ContextVar("trace_id", default="-")
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")


def current_trace_id() -> str:
    """Return the id of the current request or job; "-" outside of one."""
    return _trace_id.get()


def new_trace_id() -> str:
    return secrets.token_hex(16)


def trace_id_from(traceparent: str | None) -> str:
    """Return the trace id of a W3C `traceparent` header if it is well formed; otherwise a new one."""
    match = _TRACEPARENT.match(traceparent or "")
    return match[1] if match else new_trace_id()


@contextmanager
def tracing(trace_id: str) -> Iterator[None]:
    token = _trace_id.set(trace_id)
    try:
        yield
    finally:
        _trace_id.reset(token)


def set_trace_id(trace_id: str | None) -> None:
    """Set the id at the start of a job; its worker thread keeps it until the next job."""
    _trace_id.set(trace_id or new_trace_id())
