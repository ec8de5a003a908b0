"""What must happen before Django reads its settings: choose database and folders, and ignore the outside environment.

Loaded by `-p tests.plugin` (pyproject.toml), because pytest-django reads the settings before any conftest.py.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.services.postgres import start_postgres
from tests.services.processes import Server, Unavailable

# A developer's shell may point these at real services; tests start what they need themselves.
OUTSIDE = (
    "DATABASE_URL",
    "REDIS_URL",
    "ELASTICSEARCH_URL",
    "EMAIL_URL",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "SENTRY_DSN",
    "PORT",
    "SITE_URL",
    "DEBUG",
    "LOG_LEVEL",
)
OUTSIDE_PREFIXES = ("S3_", "OTEL_", "AWS_")

# A test that uses one of these fixtures gets the mark of the same row.
MARK_OF_FIXTURE = {
    "redis_url": "redis",
    "elasticsearch_url": "elasticsearch",
    "s3_url": "s3",
    "s3_bucket": "s3",
    "live_site": "processes",
    "stack": "processes",
    "browser": "browser",
    "page": "browser",
    "new_page": "browser",
}
# Under xdist their files are scheduled first, so that none starts when the other workers have finished.
LONG = {"browser", "processes", "elasticsearch", "s3", "slow", "faults"}

_run_folder = pytest.StashKey[Path]()
_postgres = pytest.StashKey[Server]()
_counts = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("kith")
    group.addoption(
        "--db",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="the database to test on (default: sqlite)",
    )
    group.addoption(
        "--without", action="append", default=[], metavar="MARK", help="leave out the tests with this mark"
    )
    group.addoption(
        "--counts", metavar="FILE", help="write the numbers passed, failed and skipped to FILE as JSON"
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None]:
    """Set the environment before pytest-django's own hook (wrappers run first)."""
    options = parser.parse_known_args(args)
    if not (options.help or options.version):
        if _is_worker():
            _prepare_worker()
        else:
            _prepare_run(early_config, options)
    return (yield)


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def _prepare_run(config: pytest.Config, options: argparse.Namespace) -> None:
    for name in list(os.environ):
        if name in OUTSIDE or name.startswith(OUTSIDE_PREFIXES):
            del os.environ[name]
    folder = Path(tempfile.mkdtemp(prefix="kith-tests-"))
    config.stash[_run_folder] = folder
    os.environ["KITH_TESTS_FOLDER"] = str(folder)
    os.environ["DATA_DIR"] = str(folder / "data")
    (folder / "data").mkdir()
    # From here on pytest always calls the clean-up.
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    if options.db == "postgres":
        try:
            server = start_postgres()
        except Unavailable as why:
            raise pytest.UsageError(str(why)) from why
        config.stash[_postgres] = server
        config.add_cleanup(server.stop)
        os.environ["DATABASE_URL"] = server.url


def _prepare_worker() -> None:
    """Give the worker its own data folder; it inherits the controller's environment."""
    data = Path(os.environ["KITH_TESTS_FOLDER"]) / f"data-{os.environ['PYTEST_XDIST_WORKER']}"
    data.mkdir(exist_ok=True)
    os.environ["DATA_DIR"] = str(data)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = set(config.getoption("--without"))
    on_postgres = config.getoption("--db") == "postgres"
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if mark := MARK_OF_FIXTURE.get(fixture):
                item.add_marker(mark)
        marks = {mark.name for mark in item.iter_markers()}
        if marks & left_out:
            dropped.append(item)
            continue
        kept.append(item)
        if "browser" in marks and config.pluginmanager.hasplugin("rerunfailures"):
            # Run again where Chromium hung; the summary names what was rerun.
            item.add_marker(pytest.mark.flaky(reruns=1))
        if "postgres" in marks and not on_postgres:
            item.add_marker(pytest.mark.skip(reason="only on PostgreSQL (--db postgres)"))
        if "sqlite" in marks and on_postgres:
            item.add_marker(pytest.mark.skip(reason="only on SQLite (--db sqlite)"))
    if _is_worker():
        kept.sort(key=_shortness)
        items[:] = kept
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def _shortness(item: pytest.Item) -> int:
    return 0 if LONG & {mark.name for mark in item.iter_markers()} else 1


def pytest_report_header(config: pytest.Config) -> str:
    server = config.stash.get(_postgres, None)
    return f"kith: on PostgreSQL at {server.url}" if server else "kith: on SQLite"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the figures of races, and write the totals where scripts/test can add them up."""
    _say_matrix(terminalreporter)
    _show_races(terminalreporter)
    target = config.getoption("--counts")
    if not target or _is_worker():
        return
    stats = terminalreporter.stats
    counts = {
        "passed": len(stats.get("passed", [])) + len(stats.get("xpassed", [])),
        "failed": len(stats.get("failed", [])) + len(stats.get("error", [])),
        "skipped": len(stats.get("skipped", [])) + len(stats.get("xfailed", [])),
    }
    Path(target).write_text(json.dumps(counts), encoding="utf-8")


def _show_races(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests/races recorded, in this process or in the workers."""
    races: list[dict[str, Any]] = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in getattr(report, "user_properties", ())
        if name == "race"
    ]
    if not races or _is_worker():
        return
    terminalreporter.section("races")
    columns = [name for name in races[0] if name != "name"]
    width = max(len(race["name"]) for race in races)
    terminalreporter.write_line(f"{'':{width}}  " + "  ".join(f"{name:>8}" for name in columns))
    for race in races:
        figures = (race[name] for name in columns)
        shown = (f"{figure:8.1f}" if isinstance(figure, float) else f"{figure:8}" for figure in figures)
        terminalreporter.write_line(f"{race['name']:{width}}  " + "  ".join(shown))


def _say_matrix(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the sums of the matrix's parts (tests/visibility/parts.py), whichever worker ran them."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    parts = [
        value for report in reports for name, value in report.user_properties if name == "visibility matrix"
    ]
    if parts:
        cells, leaks, refusals, requests, seconds = (sum(numbers) for numbers in zip(*parts, strict=True))
        terminalreporter.write_line(
            f"matrix: {cells:,} cells, {leaks} leaks, {refusals} wrong refusals "
            f"({len(parts)} parts, {requests:,} requests, {seconds:.0f} s of processor)"
        )
    for report in reports:
        for name, value in report.user_properties:
            if name in ("visibility equality", "visibility mutations"):
                terminalreporter.write_line(value)
