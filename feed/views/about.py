from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feed.queries.about import instance


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Show who runs this site, its rules, and how to contact someone."""
    place = instance()
    context = {
        "counts": place.counts,
        "stewards": place.stewards,
        "rules": place.rules,
        "operator": place.operator,
        "contact_email": place.contact_email,
    }
    return render(request, "feed/about.html", context)
