import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from core.models import OutboxEvent
from core.trace import tracing

HTMX = {"HX-Request": "true"}


@pytest.fixture
def emitted(db: None) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """Return a function that returns the events since its last call, as (name, payload)."""
    seen: set[int] = set()

    def look() -> list[tuple[str, dict[str, Any]]]:
        rows = [row for row in OutboxEvent.objects.order_by("id") if row.id not in seen]
        seen.update(row.id for row in rows)
        return [
            (row.name.removeprefix("posts."), row.payload) for row in rows if row.name.startswith("posts.")
        ]

    return look


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together, and return what each returned or raised."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            with tracing("-"):
                start.wait(20)
                results[place] = call()
        except Exception as fault:
            results[place] = fault
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i, call)) for i, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
