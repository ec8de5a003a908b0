import random
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from core.events import deliver
from tests.races.arena import Race


@pytest.fixture
def race(
    transactional_db: None, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Race:
    """Return a race named after the test; its figures are printed at the end of the run (tests/plugin.py)."""
    cache.clear()
    return Race(request.node.name.removeprefix("test_").replace("_", " "), record_property)


@pytest.fixture
def rng() -> random.Random:
    """Return a random generator with a fixed seed, so that runs differ only in the order of calls."""
    return random.Random(7)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep events in the outbox, as if the worker were busy (test_delivery.py races workers)."""
    monkeypatch.setattr(deliver, "apply_async", lambda *args, **kwargs: None)


@pytest.fixture
def many_writes(settings: Any) -> None:
    settings.API_RATES = {"read": "1000000/minute", "write": "1000000/minute"}
