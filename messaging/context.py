from functools import cache
from typing import Any

from django.http import HttpRequest

from accounts.http import viewer_of


def unread(request: HttpRequest) -> dict[str, Any]:
    """Add `unread_messages`, which is counted only if a template uses it."""

    @cache
    def count() -> int:
        from messaging.queries import unread_messages

        viewer = viewer_of(request) if hasattr(request, "user") else None
        return unread_messages(viewer) if viewer is not None else 0

    return {"unread_messages": count}
