from functools import cache
from typing import Any

from django.http import HttpRequest

from accounts.http import viewer_of


def unread(request: HttpRequest) -> dict[str, Any]:
    """`unread_count`, the number of the badge: counted when a template first shows it, and only then."""

    @cache
    def unread_count() -> int:
        from notifications.queries import unseen_count

        viewer = viewer_of(request) if hasattr(request, "user") else None
        return unseen_count(viewer) if viewer is not None else 0

    # Templates call what can be called.
    return {"unread_count": unread_count}
