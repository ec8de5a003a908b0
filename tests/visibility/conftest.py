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
    """Lift the rate limits, extend the life of access tokens, and don't log every 404."""
    cache.clear()
    settings.API_RATES = {"read": "1000000/minute", "write": "1000000/minute"}
    settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 3600
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)
    cache.clear()


@pytest.fixture
def _numbers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cache the unread counts of each viewer, which don't change while the matrix runs."""
    for module, name in ((notifications.queries, "unseen_count"), (messaging.queries, "unread_messages")):
        monkeypatch.setattr(module, name, _remembering(getattr(module, name)))


def _remembering(count: Callable[[Member], int]) -> Callable[[Member], int]:
    known: dict[int, int] = {}

    def counted(member: Member) -> int:
        if member.pk not in known:
            known[member.pk] = count(member)
        return known[member.pk]

    return counted
