from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.http import viewer_of
from feed.queries.trending import TrendingTag, tags_beside


def trends(request: HttpRequest) -> dict[str, Any]:
    """The tags of the side column; looked up only by pages that have one."""

    def beside() -> list[TrendingTag]:
        return tags_beside(viewer_of(request) if hasattr(request, "user") else None)

    return {"trends": SimpleLazyObject(beside)}
