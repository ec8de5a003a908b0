"""Which of this community's pages a URL leads to."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, resolve


def is_own(url: str) -> bool:
    """Return whether a URL is one of this community's pages."""
    return url.lower() == settings.SITE_URL.lower() or url.lower().startswith(f"{settings.SITE_URL.lower()}/")


def own_page(url: str) -> ResolverMatch | None:
    """Return the view and arguments of a URL of this community, or None."""
    if not is_own(url):
        return None
    try:
        return resolve(urlsplit(url).path or "/")
    except (Resolver404, ValueError):
        return None


def own_post_id(url: str) -> int | None:
    """Return the id of the post that a URL leads to, or None. It may not exist."""
    page = own_page(url)
    return post_id_of(page) if page else None


def post_id_of(page: ResolverMatch) -> int | None:
    """Return the id of the post whose page this is, or None. It may not exist."""
    return int(page.kwargs["post_id"]) if page.view_name in ("posts:thread", "posts:permalink") else None
