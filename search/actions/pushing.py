"""Telling the search server what has changed."""

from search.engines import search_server
from search.engines.base import EngineDown
from search.models import Pending
from search.rows import member_rows, post_rows

PUSH_CHUNK = 500


def push_pending(*, limit: int = 20_000) -> int:
    """Tell the search server of what has changed. Returns how much it was told.

    Safe to run at any time and many times at once: the rows stay until the server has answered, and a version keeps
    what is older from overwriting what is newer.
    """
    server = search_server()
    if server is None:
        return 0
    told = 0
    while told < limit:
        waiting = list(Pending.objects.order_by("version")[:PUSH_CHUNK])
        if not waiting:
            break
        for kind, rows_of in ((Pending.Kind.POST, post_rows), (Pending.Kind.MEMBER, member_rows)):
            versions = {row.object_id: row.version for row in waiting if row.kind == kind}
            if not versions:
                continue
            try:
                server.tell(f"{kind.value}s", rows_of(list(versions)), versions)
            except EngineDown:
                return told
            # Whatever changed meanwhile has another version, and stays.
            Pending.objects.filter(kind=kind, version__in=list(versions.values())).delete()
            told += len(versions)
    return told
