"""The visibility matrix: pages of posts (see matrix.py)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.visibility.manifest import Kind
from tests.visibility.parts import look_through, routes_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROUTES = routes_of(Kind.OF_POST, api=False)


@pytest.mark.usefixtures("_numbers_once")
def test_every_viewer_sees_all_that_they_may_and_nothing_hidden(
    record_property: Callable[[str, Any], None],
) -> None:
    look_through(ROUTES, record_property)
