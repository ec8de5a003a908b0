"""Kill a process while it sends a scheduled thread: it goes out once and whole."""

import signal

import pytest

from tests.faults.processes import Run, steps_of

pytestmark = pytest.mark.faults

run = steps_of("tests.faults.scheduler", first="make")


def test_a_scheduled_thread_goes_out_once_whenever_a_process_is_killed(run: Run) -> None:
    for _ in range(2):
        status, output = run("die-in-post")
        assert status == -signal.SIGKILL, output
        assert run("count") == (0, "0 1")
    status, output = run("die-at-commit")
    assert status == -signal.SIGKILL, output
    assert run("count") == (0, "3 0")
    for _ in range(2):
        assert run("send")[0] == 0
        assert run("count") == (0, "3 0")
