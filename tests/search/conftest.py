from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Member
from posts.models import Post
from search.actions import rebuild_server
from search.engines import search_server


@pytest.fixture(params=["database", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def engine(request: Any, settings: Any, db: None) -> Iterator[str]:
    """Each test that asks for it runs on the database's engine and on a real Elasticsearch."""
    if request.param == "database":
        yield "database"
        return
    settings.ELASTICSEARCH_URL = request.getfixturevalue("elasticsearch_url")
    settings.ELASTICSEARCH_PREFIX = "kith-test-queries"
    settings.ELASTICSEARCH_TIMEOUT = 20  # a cold one on a busy machine takes its time
    server = search_server()
    assert server
    server.breaker.worked()
    if not server.is_built():
        rebuild_server()
    yield "elasticsearch"
    assert server.breaker.may_ask(), "Elasticsearch failed, and the database answered in its place"
    # One index serves all tests: each takes its own out again.
    server.remove("posts", list(Post.objects.values_list("id", flat=True)))
    server.remove("members", list(Member.objects.values_list("id", flat=True)))
    server.refresh()
