"""Which engine answers: the search server when there is one and it works, otherwise the database."""

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from core.db import is_postgres
from search.engines.database import DatabaseEngine, PostgresEngine, SQLiteEngine

if TYPE_CHECKING:
    from search.engines.elastic import ElasticEngine


def database_engine() -> DatabaseEngine:
    """Always there, always kept."""
    return _of_database(is_postgres())


@cache
def _of_database(postgres: bool) -> DatabaseEngine:
    return PostgresEngine() if postgres else SQLiteEngine()


def search_server() -> "ElasticEngine | None":
    """The Elasticsearch that the settings name, if they do."""
    if not settings.ELASTICSEARCH_URL:
        return None
    # Imported only where it is used: the client takes its time.
    from search.engines.elastic import engine_at

    return engine_at(settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_PREFIX)
