"""Search server, review model, proxies and limits of connections."""

from typing import Any

from .environment import env

ELASTICSEARCH_URL = env("ELASTICSEARCH_URL", default="")
ELASTICSEARCH_PREFIX = env("ELASTICSEARCH_PREFIX", default="kith")
# How long a page waits for the search server, in seconds, before the database answers instead.
ELASTICSEARCH_TIMEOUT = env.float("ELASTICSEARCH_TIMEOUT", default=1.0)
ELASTICSEARCH_DSL: dict[str, Any] = {"default": {"hosts": ELASTICSEARCH_URL or "http://127.0.0.1:9200"}}
ELASTICSEARCH_DSL_AUTOSYNC = False
ANTHROPIC_API_KEY = env("ANTHROPIC_API_KEY", default="")
ANTHROPIC_BASE_URL = env("ANTHROPIC_BASE_URL", default="")
ANTHROPIC_MODEL = env("ANTHROPIC_MODEL", default="claude-haiku-4-5")
ANTHROPIC_TIMEOUT = env.float("ANTHROPIC_TIMEOUT", default=20.0)
# Review: how sure a verdict must be to count, and for how long (seconds) and how often a failing model is retried.
REVIEW_CONFIDENCE = env.float("REVIEW_CONFIDENCE", default=0.7)
REVIEW_TIME_LIMIT = env.int("REVIEW_TIME_LIMIT", default=120)
REVIEW_ATTEMPTS = env.int("REVIEW_ATTEMPTS", default=4)
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# How many connections to one process an address or a member may have. Trusted proxies aren’t counted.
CONNECTIONS_PER_ADDRESS = env.int("CONNECTIONS_PER_ADDRESS", default=256)
SOCKETS_PER_ADDRESS = env.int("SOCKETS_PER_ADDRESS", default=128)
SOCKETS_PER_MEMBER = env.int("SOCKETS_PER_MEMBER", default=32)
# Requests to addresses that members write (core.outbound): how long one may take in all, in seconds, to which ports,
# and which networks are public although they look private, or private although they look public.
OUTBOUND_SECONDS = env.float("OUTBOUND_SECONDS", default=10.0)
OUTBOUND_PORTS = env.list("OUTBOUND_PORTS", cast=int, default=[80, 443])
OUTBOUND_ALLOWED_NETWORKS = env.list("OUTBOUND_ALLOWED_NETWORKS", default=[])
OUTBOUND_BLOCKED_NETWORKS = env.list("OUTBOUND_BLOCKED_NETWORKS", default=[])
OUTBOUND_ROBOTS = env.bool("OUTBOUND_ROBOTS", default=True)
