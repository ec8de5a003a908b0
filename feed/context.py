from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from feed.queries.trending import tags_beside


def trends(request: HttpRequest) -> dict[str, Any]:
    """The tags of the side column; looked up only by pages that have one."""
    return {"trends": SimpleLazyObject(tags_beside)}
