import logging

from core.trace import current_trace_id


class TraceFilter(logging.Filter):
    """Puts the trace id on every line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "trace_id"):
            record.trace_id = current_trace_id()
        return True
