"""Run the steps of a module in separate processes that can be killed, with a separate database."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., tuple[int, str]]


def steps_of(module: str, *, first: str) -> Any:
    """Return a fixture `run(step, …)` that returns (exit status, output), after migrating and running step `first`."""

    @pytest.fixture(scope="module")
    def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
        environment = {
            **os.environ,
            "DATA_DIR": str(tmp_path_factory.mktemp("killed")),
            "SQLITE_SYNCHRONOUS": "FULL",
        }
        server, name = os.environ.get("DATABASE_URL", ""), f"killed_{uuid.uuid4().hex[:8]}"
        if server:
            import psycopg

            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            environment["DATABASE_URL"] = server.rpartition("/")[0] + f"/{name}"

        def python(*arguments: str) -> tuple[int, str]:
            done = subprocess.run(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            return done.returncode, done.stdout.strip() or done.stderr[-2000:]

        status, output = python("manage.py", "migrate", "-v", "0", "--settings", "config.settings.test")
        assert status == 0, output
        status, output = python("-m", module, first)
        assert status == 0, output
        yield lambda *arguments: python("-m", module, *arguments)
        if server:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    return run
