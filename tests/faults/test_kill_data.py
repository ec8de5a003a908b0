"""Kill a process during an erasure, a data export or an import: the next run continues and repeats nothing."""

import json
import signal
from typing import Any

import pytest

from tests.faults.leaver import NAMES, POSTS
from tests.faults.processes import Run, steps_of

pytestmark = [pytest.mark.faults, pytest.mark.slow]

run = steps_of("tests.faults.leaver", first="make")


def state_of(run: Run) -> dict[str, Any]:
    status, output = run("state")
    assert status == 0, output
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


def test_an_erasure_that_is_killed_several_times_is_complete_in_the_end(run: Run) -> None:
    before = state_of(run)
    assert before["leaver"]
    assert before["likes"] == 2 * POSTS
    for at in (1, 2, 3, 2, 3, 1):
        status, output = run("erase", str(at))
        assert status == -signal.SIGKILL, output
    assert state_of(run)["leaver"]
    assert run("erase")[0] == 0
    after = state_of(run)
    assert {name: after[name] for name in ("leaver", "own", "places", "answers", "messages")} == {
        "leaver": False,
        "own": 0,
        "places": POSTS // 3,
        "answers": POSTS // 3,
        "messages": 0,
    }
    assert (after["likes"], after["bookmarks"]) == (0, 0)
    status, output = run("recount")
    assert status == 0
    assert "wrong" not in output
    assert run("erase")[0] == 0
    assert state_of(run) == after


def test_a_killed_export_is_made_by_the_next_run(run: Run) -> None:
    for at in ("4", "-1"):
        status, output = run("export", at)
        assert status == -signal.SIGKILL, output
        found = state_of(run)
        assert (found["exports"], found["files"]) == (["waiting"], 1 if at == "-1" else 0)
    assert run("export")[0] == 0
    found = state_of(run)
    assert (found["exports"], found["files"]) == (["ready"], 1)


def test_a_killed_import_continues_at_its_row(run: Run) -> None:
    before = state_of(run)["followed"]
    for at in (1, 4):
        status, output = run("import", str(at))
        assert status == -signal.SIGKILL, output
    found = state_of(run)
    assert found["rows"] == found["followed"] - before == 3
    assert run("import")[0] == 0
    found = state_of(run)
    assert found["rows"] == found["followed"] - before == NAMES
    assert found["following_count"] == found["followed"]
