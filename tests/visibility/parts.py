"""Run a part of the matrix and report its numbers. Each part is a file of its own, so that they run in parallel."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.visibility.manifest import ROUTES, Kind, Route
from tests.visibility.matrix import Matrix
from tests.visibility.world import build_world

REPORT = "visibility matrix"
"""The property in which tests/plugin.py finds the numbers of each part, to add them up."""


def routes_of(*kinds: Kind, api: bool | None = None) -> list[Route]:
    return [row for row in ROUTES if row.kind in kinds and api in (None, row.is_api)]


def look_through(routes: list[Route], record_property: Callable[[str, Any], None]) -> None:
    """Fail if there are leaks or wrong refusals, showing the first of each sort in full."""
    # To debug: KITH_MATRIX_VIEWERS=stranger,blocker
    only = os.environ.get("KITH_MATRIX_VIEWERS")
    began = time.process_time()
    matrix = Matrix(build_world(), routes, viewers=set(only.split(",")) if only else None).look()
    seconds = time.process_time() - began
    record_property(
        REPORT, [matrix.cells, len(matrix.leaks), len(matrix.refusals), matrix.requests, round(seconds, 1)]
    )
    sorts = Counter((finding.what, finding.route, finding.why) for finding in matrix.findings)
    first = {(finding.what, finding.route, finding.why): finding for finding in reversed(matrix.findings)}
    lines = [f"{count:5} × {first[sort]}" for sort, count in sorts.most_common(60)]
    assert not matrix.findings, "\n" + "\n".join(lines)
