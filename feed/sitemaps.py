"""The public pages for search engines: what a guest may see, of members who want to be found."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.urls import reverse

from accounts.models import Member
from posts.models import Post

PAGE_SIZE = 5_000
KEEP_BOUNDARIES = 3600
"""Seconds. New posts and members are in the first page meanwhile."""


class KeysetPaginator(Paginator[Any]):
    """Pages that begin at ids which are cached for an hour, so that no page is found by counting rows.

    Only the ids are cached: what a guest may see is queried each time.
    """

    def __init__(self, rows: QuerySet[Any], *, key: str) -> None:
        super().__init__(rows, PAGE_SIZE)
        self.rows, self.key = rows, key

    @cached_property
    def boundaries(self) -> list[int]:
        """The newest id of each page after the first."""
        return cache.get_or_set(f"sitemap:{self.key}", self._find_boundaries, KEEP_BOUNDARIES) or []

    def _find_boundaries(self) -> list[int]:
        ids = self.rows.values_list("id", flat=True).iterator(PAGE_SIZE)
        return list(islice(ids, PAGE_SIZE, None, PAGE_SIZE))

    @cached_property
    def num_pages(self) -> int:
        return len(self.boundaries) + 1

    def page(self, number: int | str) -> Any:
        number = self.validate_number(number)
        newest = [None, *self.boundaries, None]
        rows = self.rows
        if (first := newest[number - 1]) is not None:
            rows = rows.filter(id__lte=first)
        if (beyond := newest[number]) is not None:
            rows = rows.filter(id__gt=beyond)
        return Page(rows, number, self)


class _Sitemap(Sitemap[Any]):
    @property
    def protocol(self) -> str:  # type: ignore[override]
        return str(urlsplit(settings.SITE_URL).scheme)

    def get_domain(self, site: Any = None) -> str:
        return str(urlsplit(settings.SITE_URL).netloc)

    def get_latest_lastmod(self) -> datetime | None:
        """Return None: reading all rows only for the index would be too expensive."""
        return None


class PageSitemap(_Sitemap):
    """Pages that don’t depend on members."""

    def items(self) -> Iterable[str]:
        return ["feed:home", "feed:explore", "feed:about"]

    def location(self, item: str) -> str:
        return reverse(item)


class _RowSitemap(_Sitemap):
    key: str

    @property
    def paginator(self) -> Paginator[Any]:
        return KeysetPaginator(self.items(), key=self.key)

    def items(self) -> QuerySet[Any]:
        raise NotImplementedError


class MemberSitemap(_RowSitemap):
    key = "members"

    def items(self) -> QuerySet[Member]:
        found = Member.objects.visible_to(None).filter(is_discoverable=True)
        return found.only("username").order_by("-id")

    def location(self, item: Model) -> str:
        assert isinstance(item, Member)
        return item.get_absolute_url()


class PostSitemap(_RowSitemap):
    key = "posts"

    def items(self) -> QuerySet[Post]:
        found = Post.objects.visible_to(None).listed().filter(author__is_discoverable=True)
        return (
            found.select_related("author").only("created_at", "edited_at", "author__username").order_by("-id")
        )

    def location(self, item: Model) -> str:
        assert isinstance(item, Post)
        return item.path

    def lastmod(self, item: Post) -> datetime:
        return item.edited_at or item.created_at


SITEMAPS: dict[str, Sitemap[Any]] = {
    "pages": PageSitemap(),
    "members": MemberSitemap(),
    "posts": PostSitemap(),
}
