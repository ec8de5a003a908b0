from collections.abc import Iterator

import pytest
from django.core.cache import cache

from feed.queries.trending import trending_tags


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Trends, suggestions and counts are cached: each test starts without."""
    cache.clear()
    yield
    cache.clear()


def trending_names() -> list[str]:
    return [tag.name for tag in trending_tags()]
