from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feed.queries.about import community_counts, stewards


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Who runs this place, what holds here, and how to reach somebody."""
    context = {
        "counts": community_counts(),
        "stewards": stewards(),
        "rules": settings.COMMUNITY_RULES,
        "operator": settings.SITE_OPERATOR,
        "contact_email": settings.CONTACT_EMAIL,
    }
    return render(request, "feed/about.html", context)
