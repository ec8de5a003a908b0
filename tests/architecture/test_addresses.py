"""Every route has a name that reverses to it and takes the right parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.converters import get_converters

ROOT = Path(__file__).resolve().parents[2]
OURS = {"core", "feed", "posts", "social", "accounts", "media", "moderation", "messaging", "notifications"}
OURS |= {"search", "api"}
SAMPLES = {"IdConverter": "42", "StringConverter": "alice", "IntConverter": "7", "SlugConverter": "de"}


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, entry.namespace or namespace)
        elif entry.name and namespace in OURS:
            yield f"{namespace}:{entry.name}", entry


ROUTES = list(routes(get_resolver()))
NAMES = sorted({name for name, _ in ROUTES})


@pytest.mark.parametrize(("name", "route"), ROUTES, ids=[name for name, _ in ROUTES])
def test_every_route_name_reverses_and_resolves(name: str, route: URLPattern) -> None:
    converters: dict[str, Any] = route.pattern.converters
    values = {key: SAMPLES[type(converter).__name__] for key, converter in converters.items()}
    address = reverse(name, kwargs=values)
    assert resolve(address).view_name == name
    assert "//" not in address


def test_route_names_are_unique() -> None:
    assert len(NAMES) == len(ROUTES)


def test_every_route_name_in_a_template_exists() -> None:
    known = {name for name, _ in ROUTES}
    allauth = re.compile(r"^(account|mfa|socialaccount|usersessions|google|github|openid_connect|admin)")
    wrong = [
        (str(path.relative_to(ROOT)), name)
        for pattern in ("templates/**/*.html", "*/templates/**/*.html")
        for path in ROOT.glob(pattern)
        for name in re.findall(r"""\{%\s*url\s+["']([^"']+)["']""", path.read_text(encoding="utf-8"))
        if name not in known and not allauth.match(name)
    ]
    assert wrong == []


def test_ids_in_routes_use_the_id_converter() -> None:
    """An id has at most 64 bits: a longer number is 404, not a database error."""
    assert "id" in get_converters()
    loose = [name for name, route in ROUTES if re.search(r"<(int|str):\w*_id>", str(route.pattern))]
    assert loose == []
