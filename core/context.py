from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.trace import current_trace_id


def site(request: HttpRequest) -> dict[str, Any]:
    """Add the variables about the site that every template may use."""
    return {
        "site_name": settings.SITE_NAME,
        "privacy_url": settings.PRIVACY_URL,
        "site_tagline": settings.SITE_TAGLINE,
        "site_url": settings.SITE_URL,
        "post_max_length": settings.POST_MAX_LENGTH,
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "trace_id": current_trace_id(),
    }
