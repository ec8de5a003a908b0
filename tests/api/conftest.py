from collections.abc import Callable

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import Member


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def app() -> Callable[[Member | None], APIClient]:
    """Return an API client, signed in as a member or as a guest."""

    def client(member: Member | None = None) -> APIClient:
        api = APIClient(raise_request_exception=False)
        if member is not None:
            api.force_authenticate(member)
        return api

    return client
