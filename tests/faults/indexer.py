"""A process to kill while it builds the index on the search server.

Run as `python -m tests.faults.indexer STEP URL [N]`, with DATABASE_URL in the environment and the URL of an
Elasticsearch:
make            create a community with posts to find
clear           delete all indexes on the server
reindex         run manage.py reindex; with N, die after N chunks have been sent to the server
sweep           run the site's own job for five seconds: it builds a missing index and pushes changes
write           publish one more post
state           print the state of the server as JSON
"""

import json
import os
import signal
import sys
import time
from functools import partial
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
os.environ["ELASTICSEARCH_URL"] = sys.argv[2] if len(sys.argv) > 2 else ""
os.environ["ELASTICSEARCH_PREFIX"] = "kith-test-indexer"
os.environ["ELASTICSEARCH_TIMEOUT"] = "20"
django.setup()

from django.core.management import call_command  # noqa: E402

from core.events import deliver_pending  # noqa: E402
from core.leases import lease  # noqa: E402
from search.actions import check_server, indexing, rebuilding  # noqa: E402
from search.analysis import parse_query  # noqa: E402
from search.engines import search_server  # noqa: E402
from search.engines.base import SearchAfter  # noqa: E402
from search.kinds import KINDS, MEMBERS, POSTS  # noqa: E402
from search.management.commands import reindex as command  # noqa: E402
from search.scope import SearchScope  # noqa: E402
from search.tasks import sweep  # noqa: E402
from tests.factories import make_member, make_post  # noqa: E402

WRITTEN, CHUNK, LEASE_SECONDS = 20, 4, 4.0
"""The number of posts, how many of them are sent at once, and the seconds until the lease of a rebuild expires."""

indexing.CHUNK_SIZE = CHUNK
vars(rebuilding)["lease"] = partial(lease, seconds=LEASE_SECONDS)
command.RETRY_SECONDS = 0.2


def make() -> None:
    author = make_member("author")
    for n in range(WRITTEN):
        make_post(author, f"Rain {n}")
    deliver_pending()


def clear() -> None:
    server = search_server()
    assert server is not None
    server.clear()


def reindex(at: int) -> None:
    server, told = search_server(), 0
    assert server is not None
    real = server.write

    def write(*args: Any, **options: Any) -> None:
        nonlocal told
        real(*args, **options)
        time.sleep(0.1)
        told += 1
        if told == at:
            os.kill(os.getpid(), signal.SIGKILL)

    vars(server)["write"] = write
    call_command("reindex", verbosity=0)


def sweep_on() -> None:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        sweep()
        time.sleep(0.1)


def state() -> None:
    server = search_server()
    assert server is not None
    client, built = server._client, server.is_built()
    indexes = sorted(index for kind in KINDS for index in server._indices(kind.name))
    found = []
    if built:
        server.refresh()
        hits = server.search_posts(
            parse_query("rain"), SearchScope(None), after=SearchAfter((1 << 63) - 1), size=100
        )
        found = [hit.id for hit in hits]
    mappings = client.indices.get_mapping(index="kith-test-indexer-*").body if indexes else {}
    known = {
        "built": built,
        "indexes": len(indexes),
        "found": len(found),
        "ours": all(each["mappings"].get("dynamic") == "false" for each in mappings.values()),
        "wrong": sum(len(check_server(kind, fix=False)) for kind in (MEMBERS, POSTS)) if built else None,
    }
    print(json.dumps(known))


if __name__ == "__main__":
    step, number = sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 0
    match step:
        case "make":
            make()
        case "clear":
            clear()
        case "reindex":
            reindex(number)
        case "sweep":
            sweep_on()
        case "write":
            make_post(make_member(), "Rain again")
            deliver_pending()
        case "state":
            state()
