from functools import cache
from typing import Any

from django.http import HttpRequest

from accounts.http import viewer_of


def unread(request: HttpRequest) -> dict[str, Any]:
    """Add `unread_count`, the number of the badge, which is counted only if a template uses it."""

    @cache
    def unread_count() -> int:
        from notifications.queries import unseen_count

        viewer = viewer_of(request) if hasattr(request, "user") else None
        return unseen_count(viewer) if viewer is not None else 0

    # Templates call callables.
    return {"unread_count": unread_count}
