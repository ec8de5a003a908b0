from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.http import viewer_of
from feed.queries.trending import TrendingTag, sidebar_tags


def trends(request: HttpRequest) -> dict[str, Any]:
    """Return the hashtags of the sidebar, read only by pages that have one."""

    def sidebar() -> list[TrendingTag]:
        return sidebar_tags(viewer_of(request) if hasattr(request, "user") else None)

    return {"trends": SimpleLazyObject(sidebar)}
