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
    """The race that is named as the test; its figures stand at the end of the run (tests/plugin.py)."""
    cache.clear()
    return Race(request.node.name.removeprefix("test_").replace("_", " "), record_property)


@pytest.fixture
def rng() -> random.Random:
    """Who does what: the same in each run. Who comes first is what differs."""
    return random.Random(7)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events stay in the outbox, as while the worker is busy (test_delivery.py races the workers)."""
    monkeypatch.setattr(deliver, "apply_async", lambda *args, **kwargs: None)


@pytest.fixture
def many_writes(settings: Any) -> None:
    settings.API_RATES = {"read": "1000000/minute", "write": "1000000/minute"}
