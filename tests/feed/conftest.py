from collections.abc import Iterator

import pytest
from django.core.cache import cache

from feed.queries.trending import trending_tags


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Clear the cache before and after each test: trends, suggestions and counts are cached."""
    cache.clear()
    yield
    cache.clear()


def trending_names() -> list[str]:
    return [tag.name for tag in trending_tags()]
