"""Read routes, streams and jobs from the running site, to compare them with the manifest."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, get_resolver
from django.utils.module_loading import import_string


def routes() -> list[str]:
    """Return the pattern of every route, including prefixes; the admin is one route."""
    found = dict.fromkeys(path for path, _ in views())
    return list(dict.fromkeys("admin/" if path.startswith("admin/") else path for path in found))


def views(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the pattern and view of every route."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from views(entry, path)


def streams() -> set[str]:
    return set(import_string(settings.STREAMS))


def sockets() -> set[str]:
    from config.sockets import urlpatterns

    return {str(entry.pattern) for entry in urlpatterns}


def jobs() -> set[str]:
    """Return all subscribers, scheduled jobs and Celery tasks of our apps."""
    from config.schedule import SCHEDULE
    from config.subscriptions import SUBSCRIPTIONS

    ours = {
        config.name for config in apps.get_app_configs() if not config.name.startswith(("django.", "allauth"))
    }
    for name in ours:
        if importlib.util.find_spec(f"{name}.tasks"):
            importlib.import_module(f"{name}.tasks")
    named = {name for names in SUBSCRIPTIONS.values() for name in names}
    named |= {entry["task"] for entry in SCHEDULE.values()}
    return named | {name for name in current_app.tasks if name.partition(".")[0] in ours}
