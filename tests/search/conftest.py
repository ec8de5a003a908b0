from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Member
from posts.models import Post
from search.actions import rebuild_server
from search.engines import search_server


@pytest.fixture(params=["database", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def engine(request: Any, settings: Any, db: None) -> Iterator[str]:
    """Run each test that uses it with the engine of the database and with a real Elasticsearch."""
    if request.param == "database":
        yield "database"
        return
    settings.ELASTICSEARCH_URL = request.getfixturevalue("elasticsearch_url")
    settings.ELASTICSEARCH_PREFIX = "kith-test-queries"
    settings.ELASTICSEARCH_TIMEOUT = 20  # a cold server on a busy machine is slow
    server = search_server()
    assert server
    server.breaker.reset()
    if not server.is_built():
        rebuild_server()
    yield "elasticsearch"
    assert not server.breaker.is_open, "Elasticsearch failed, and the database answered instead"
    # All tests share one index, so each removes its own objects.
    server.remove("posts", list(Post.objects.values_list("id", flat=True)))
    server.remove("members", list(Member.objects.values_list("id", flat=True)))
    server.refresh()
