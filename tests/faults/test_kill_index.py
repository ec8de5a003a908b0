"""Kill a process during a rebuild, and run several rebuilds at once: only complete indexes are ever searched."""

import json
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.faults.indexer import WRITTEN
from tests.faults.processes import Run, steps_of

pytestmark = [pytest.mark.faults, pytest.mark.slow]

run = steps_of("tests.faults.indexer", first="make")
Step = Callable[..., tuple[int, str]]


@pytest.fixture
def step(run: Run, elasticsearch_url: str) -> Step:
    def step(name: str, *arguments: str) -> tuple[int, str]:
        return run(name, elasticsearch_url, *arguments)

    return step


def state_of(step: Step) -> dict[str, Any]:
    status, output = step("state")
    assert status == 0, output
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


def whole(found: int) -> dict[str, Any]:
    return {"built": True, "indexes": 2, "found": found, "ours": True, "wrong": 0}


def test_a_killed_rebuild_blocks_briefly_and_leaves_nothing_behind(step: Step) -> None:
    for at in (3, 4):
        status, output = step("reindex", str(at))
        assert status == -signal.SIGKILL, output
        answering = state_of(step)
        assert (answering["built"], answering["found"]) == ((False, 0) if at == 3 else (True, WRITTEN))
        status, output = step("reindex")
        assert status == 0, output
    assert state_of(step) == whole(WRITTEN)


def test_concurrent_rebuilds_on_a_running_site_make_one_complete_index(step: Step) -> None:
    """The site's own job builds the missing index while two commands do the same and a post is published."""
    assert step("clear")[0] == 0
    with ThreadPoolExecutor() as pool:
        at_once = [pool.submit(step, name) for name in ("sweep", "reindex", "reindex", "write")]
    for done in at_once:
        status, output = done.result()
        assert status == 0, output
    assert step("sweep")[0] == 0
    assert state_of(step) == whole(WRITTEN + 1)
