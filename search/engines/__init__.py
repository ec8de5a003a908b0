"""Choose the engine: the search server if there is one and it works, otherwise the database."""

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from core.db import is_postgres
from search.engines.database import DatabaseEngine, PostgresEngine, SQLiteEngine

if TYPE_CHECKING:
    from search.engines.elastic import ElasticEngine


def database_engine() -> DatabaseEngine:
    """Return the engine that is always there and always up to date."""
    return _of_database(is_postgres())


@cache
def _of_database(postgres: bool) -> DatabaseEngine:
    return PostgresEngine() if postgres else SQLiteEngine()


def search_server() -> "ElasticEngine | None":
    """Return the Elasticsearch of the settings, None if they name none."""
    if not settings.ELASTICSEARCH_URL:
        return None
    # Imported only where it is used: importing the client is slow.
    from search.engines.elastic import engine_at

    return engine_at(settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_PREFIX)
