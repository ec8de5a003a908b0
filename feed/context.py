from typing import Any

from django.http import HttpRequest


def trends(request: HttpRequest) -> dict[str, Any]:
    return {}
