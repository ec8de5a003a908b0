"""Only actions write to the database, and only entry points know the request."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources import APPS, ROOT

WRITES = {
    "save", "delete", "update", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "asave", "adelete", "aupdate", "acreate", "save_model", "raw",
}  # fmt: skip
DOORS = (
    "views",
    "api",
    "consumers",
    "admin",
    "management",
    "middleware",
    "context",
    "forms",
    "serializers",
    "urls",
)
READERS = ("queries",)
ALLOWED = {
    # Calls on dicts, sets, caches or parent classes, not on the database.
    ("core/consumers/live.py", "self._streams.update"),
    ("media/api.py", "super().delete"),
}
# Entry points know the request; everything behind them gets a viewer or an actor.
BEHIND = ("actions", "queries", "models", "tasks", "events")


def modules(*names: str) -> list[Path]:
    return sorted(
        path
        for app in APPS
        for name in names
        for found in ((ROOT / app).glob(f"{name}.py"), (ROOT / app / name).rglob("*.py"))
        for path in found
    )


def calls(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, ast.unparse(node.func)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", modules(*DOORS, *READERS), ids=name_of)
def test_only_actions_write(path: Path) -> None:
    writes = [
        f"{name_of(path)}:{line} {call}"
        for line, call in calls(path)
        if call.rpartition(".")[2] in WRITES and (name_of(path), call) not in ALLOWED
    ]
    assert writes == []


def test_every_exception_is_still_needed() -> None:
    found = {(name_of(path), call) for path in modules(*DOORS, *READERS) for _, call in calls(path)}
    assert found >= ALLOWED


@pytest.mark.parametrize("path", modules(*BEHIND), ids=name_of)
def test_actions_and_queries_take_no_request(path: Path) -> None:
    imported = {
        alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    doors = ("django.http", "django.shortcuts", "rest_framework", "core.http", "core.api")
    assert [name for name in imported if name.startswith(doors)] == []


def test_actions_take_keyword_arguments() -> None:
    """`act(post=post, by=by)`: calls of actions name their arguments.

    Imports have no actor and take one list.
    """
    positional = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in modules("actions")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith(("_", "import_"))
        for writes in [any(ast.unparse(call).startswith("transaction.atomic") for call in ast.walk(node))]
        if writes and len(node.args.args) > 0
    ]
    assert positional == []


STATUS = {"is_active", "is_private"}
STATUS_WRITTEN_ELSEWHERE = {
    # A new account waiting for approval hasn’t been counted yet.
    ("accounts/actions/signup.py", "is_active"),
}


def test_one_function_writes_account_status() -> None:
    """accounts.actions.status: it updates other members' counters in the same transaction."""
    found = {
        (name_of(path), keyword.arg)
        for path in modules(*DOORS, *READERS, *BEHIND, "erasing", "transfers", "adapters", "counters")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"update", "bulk_update", "aupdate", "update_or_create"}
        for keyword in node.keywords
        if keyword.arg in STATUS
    }
    assert found == STATUS_WRITTEN_ELSEWHERE
