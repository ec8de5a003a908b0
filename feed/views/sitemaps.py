from django.contrib.sitemaps.views import SitemapIndexItem, sitemap
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.http import site_url
from feed.sitemaps import SITEMAPS

kept_for_an_hour = cache_control(public=True, max_age=3600)
NOT_LISTED = {"X-Robots-Tag": "noindex, noodp, noarchive"}
"""As in Django's own view: a sitemap isn't a search result itself."""


@require_safe
@kept_for_an_hour
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """Return the addresses of all sitemaps, page by page."""
    items = []
    for section, pages in SITEMAPS.items():
        address = site_url(reverse(f"feed:sitemap_{section}"))
        items.append(SitemapIndexItem(location=address))
        items += [
            SitemapIndexItem(location=f"{address}?p={number}")
            for number in range(2, pages.paginator.num_pages + 1)
        ]
    return TemplateResponse(
        request, "sitemap_index.xml", {"sitemaps": items}, content_type="application/xml", headers=NOT_LISTED
    )


@require_safe
@kept_for_an_hour
def sitemap_section(request: HttpRequest, section: str) -> HttpResponse:
    response: HttpResponse = sitemap(request, sitemaps={**SITEMAPS}, section=section)
    return response
