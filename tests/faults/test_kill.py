"""Kill a process at each point between a commit and its effects: no event is lost and none is handled twice."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a function that runs a step of tests.faults.bell with a separate database: (exit status, output)."""
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path_factory.mktemp("bell")),
        "SQLITE_SYNCHRONOUS": "FULL",
    }
    server, name = os.environ.get("DATABASE_URL", ""), f"bell_{uuid.uuid4().hex[:8]}"
    if server:
        import psycopg

        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        environment["DATABASE_URL"] = server.rpartition("/")[0] + f"/{name}"

    def step(*arguments: str, module: str = "tests.faults.bell") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout.strip() or done.stderr[-2000:]

    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v", "0", "--settings", "config.settings.test"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert step("ring")[0] == 0
    yield step
    if server:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _heard(run: Run) -> tuple[int, int]:
    status, output = run("count")
    assert status == 0, output
    heard, waiting = output.split()
    return int(heard), int(waiting)


@pytest.mark.parametrize(
    ("point", "heard_before_recovery"),
    [("die-at-commit", 0), ("die-in-effect", 0), ("die-after", 1)],
)
def test_a_killed_process_loses_no_event_and_repeats_none(
    run: Run, point: str, heard_before_recovery: int
) -> None:
    before, _ = _heard(run)
    status, output = run(point)
    assert status == -signal.SIGKILL, output
    assert _heard(run) == (before + heard_before_recovery, 1)

    assert run("recover")[0] == 0
    assert _heard(run) == (before + 1, 0)
    assert run("recover")[0] == 0
    assert _heard(run) == (before + 1, 0)
