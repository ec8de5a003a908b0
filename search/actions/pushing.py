"""Push changes to the search server."""

from search.engines import search_server
from search.engines.base import EngineDown
from search.kinds import MEMBERS, POSTS
from search.models import Pending

PUSH_CHUNK = 500


def push_pending(*, limit: int = 20_000) -> int:
    """Push what is pending to the search server. Return how many objects.

    Safe to run at any time, also in parallel: rows stay until the server has answered, and their version keeps an
    older write from overwriting a newer one.
    """
    server = search_server()
    if server is None:
        return 0
    pushed = 0
    while pushed < limit:
        waiting = list(Pending.objects.order_by("version")[:PUSH_CHUNK])
        if not waiting:
            break
        for kind in (POSTS, MEMBERS):
            versions = {row.object_id: row.version for row in waiting if row.kind == kind.pending}
            if not versions:
                continue
            try:
                server.write(kind.name, kind.load(list(versions)), versions)
            except EngineDown:
                return pushed
            # What has changed meanwhile has another version, and stays.
            Pending.objects.filter(kind=kind.pending, version__in=list(versions.values())).delete()
            pushed += len(versions)
    return pushed
