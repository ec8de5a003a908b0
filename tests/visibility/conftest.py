import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

import messaging.queries
import notifications.queries
from accounts.models import Member


@pytest.fixture(autouse=True)
def _thousands_of_requests(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No limit on requests, a token that outlives the test, and no line in the log for each 404."""
    cache.clear()
    settings.API_RATES = {"read": "1000000/minute", "write": "1000000/minute"}
    settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 3600
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)
    cache.clear()


@pytest.fixture
def _numbers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for a viewer is counted once for all their pages, not anew for each: it does not change."""
    for module, name in ((notifications.queries, "unseen_count"), (messaging.queries, "unread_messages")):
        monkeypatch.setattr(module, name, _remembering(getattr(module, name)))


def _remembering(count: Callable[[Member], int]) -> Callable[[Member], int]:
    known: dict[int, int] = {}

    def counted(member: Member) -> int:
        if member.pk not in known:
            known[member.pk] = count(member)
        return known[member.pk]

    return counted
