"""Which errors are outages: the database, the disk or a storage doesn’t work at the moment.

Every entry point responds with 503 and "try again", rather than as for an error in our code.
"""

import errno
import logging
import sqlite3
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from core.refusals import Unavailable

log = logging.getLogger("kith.live")

TRY_AGAIN_LATER = 1013

_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
# Connection lost, insufficient resources (a full disk too), operator intervention, system errors.
_POSTGRES_CLASSES = ("08", "53", "57", "58")
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG}

CANNOT_SAVE = _("The site can’t save anything right now. Please try again in a few minutes.")


def outage(fault: BaseException | None) -> Unavailable | None:
    """Return the refusal to respond with if this error is an outage; otherwise None."""
    if isinstance(fault, InterfaceError | OperationalError):
        cause = fault.__cause__
        if isinstance(cause, sqlite3.Error):
            code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
            if code not in _SQLITE_CODES:
                return None
            full = code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)
            return Unavailable(CANNOT_SAVE, retry_after=60) if full else Unavailable(retry_after=5)
        state = getattr(cause, "sqlstate", None)
        if state is None:
            # The connection failed or broke.
            return Unavailable(retry_after=5)
        if state.startswith("53100"):
            return Unavailable(CANNOT_SAVE, retry_after=60)
        return Unavailable(retry_after=5) if state.startswith(_POSTGRES_CLASSES) else None
    if isinstance(fault, OSError) and fault.errno in _DISK_ERRORS:
        return Unavailable(CANNOT_SAVE, retry_after=60)
    if type(fault).__module__.startswith("botocore."):
        return Unavailable(CANNOT_SAVE, retry_after=30)
    return None


class UnavailableMiddleware:
    """An ASGI application in front of the sockets: while the database is down, it responds with "try again later"."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        accepted = False

        async def watched(message: Any) -> None:
            nonlocal accepted
            accepted = accepted or message["type"] == "websocket.accept"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as fault:
            refusal = outage(fault)
            if refusal is None:
                raise
            log.warning("outage on a socket: %s", fault)
            if accepted or "websocket.http.response" not in scope.get("extensions", {}):
                await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
                return
            headers = [(b"retry-after", str(refusal.retry_after).encode()), (b"content-length", b"0")]
            await send(
                {"type": "websocket.http.response.start", "status": refusal.status, "headers": headers}
            )
            await send({"type": "websocket.http.response.body", "body": b""})
