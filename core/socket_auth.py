"""ASGI: authentication of WebSockets."""

from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from core.bearer import holder_of, token_in

TOKEN_PROTOCOL = "kith.token"
"""The subprotocol of an app that can’t set headers: it announces a token in the first message."""


class TokenOrSession:
    """A socket of an app, which sends a token (or announces one), or of one of our pages.

    A token identifies the member by itself: no Origin is needed, and cookies are ignored, because the page of another
    site may have sent them. All other sockets go to `page`, which reads cookies and checks the Origin.
    """

    def __init__(self, app: Any, *, page: Any) -> None:
        self.app, self.page = app, page

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        token = token_in(headers.get(b"authorization", b"").decode("latin-1"))
        if token is None and TOKEN_PROTOCOL not in scope.get("subprotocols", ()):
            return await self.page(scope, receive, send)
        holder = None if token is None else await database_sync_to_async(holder_of)(token)
        store = import_module(settings.SESSION_ENGINE).SessionStore
        who = {
            "token": "promised" if token is None else "shown",
            "user": holder.member if holder else AnonymousUser(),
            "session": store(holder.session_key if holder else None),
        }
        return await self.app({**scope, **who}, receive, send)
