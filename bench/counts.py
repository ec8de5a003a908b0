"""Count the queries and Redis round trips of each page: `python -m bench.counts REQUESTS.json`, in one process."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

import django

VIEWERS = 6


def count(rows: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, float]]:
    """Return medians over the first viewers, with two requests each so that caches are warm."""
    import redis.connection
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tests.services.stack import HOST

    trips = 0
    plainly: Any = redis.connection.AbstractConnection.send_packed_command

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal trips
        trips += 1
        return plainly(self, *args, **kwargs)

    redis.connection.AbstractConnection.send_packed_command = counted  # type: ignore[method-assign]
    found: dict[str, dict[str, float]] = {}
    for name, requests in rows.items():
        sql, asked = [], []
        for request in requests[:VIEWERS]:
            client = Client(headers={"host": HOST})
            client.cookies["sessionid"] = request["session"]
            # Only the first like counts.
            for _ in range(1 if request["method"] == "POST" else 2):
                trips = 0
                with CaptureQueriesContext(connection) as queries:
                    client.generic(
                        request["method"], request["path"], secure=True, headers=request["headers"]
                    )
            sql.append(len(queries))
            asked.append(trips)
        found[name] = {"sql": statistics.median(sql), "redis": statistics.median(asked)}
    return found


if __name__ == "__main__":
    django.setup()
    print(json.dumps(count(json.loads(Path(sys.argv[1]).read_text()))))
