"""Environment variables agree in the settings, docs/configuration.md, the README and compose."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "configuration.md").read_text()
NAME = re.compile(r"`([A-Z][A-Z0-9_]+)`")
READERS = [*(ROOT / "config" / "settings").glob("*.py"), *(ROOT / "deploy").glob("*.py")]
PROVIDERS = ("GOOGLE", "GITHUB")
# For one process, or fixed in the image: compose doesn't pass these, or sets them itself.
NOT_HANDED_ON = {
    "DATA_DIR",
    "STATIC_ROOT",
    "HOST",
    "PORT",
    "DJANGO_SETTINGS_MODULE",
    "SQLITE_SYNCHRONOUS",
    "DEBUG",
}
OF_ONE_SERVICE = {"PORT", "WEB_CONCURRENCY"}


def variables_read() -> set[str]:
    """Return the names passed to `env(…)`, `env.int(…)` and `os.environ.get(…)` in the settings and for the servers."""
    found = {"DJANGO_SETTINGS_MODULE"}
    for file in READERS:
        for call in ast.walk(ast.parse(file.read_text())):
            if file.name == "test.py" or not isinstance(call, ast.Call) or not call.args:
                continue
            if re.fullmatch(r"env|env\.\w+|os\.environ\.get", ast.unparse(call.func)):
                match call.args[0]:
                    case ast.Constant(value=str(name)):
                        found.add(name)
                    case ast.JoinedStr(values=[ast.FormattedValue(), ast.Constant(value=str(ending))]):
                        found.update(prefix + ending for prefix in PROVIDERS)
    return found


def rows(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("| `")]


def documented(page: str) -> set[str]:
    return {name for row in rows(page) for name in NAME.findall(row.split("|")[1])}


def of_compose_only() -> set[str]:
    return documented(PAGE.partition("## Compose only")[2])


COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE)["services"]
OURS = {name: set(service["environment"]) for name, service in SERVICES.items() if "build" in service}


def test_environment_variables_and_documentation_agree() -> None:
    assert documented(PAGE.partition("## Compose only")[0]) == variables_read()


def test_the_readme_names_only_existing_variables() -> None:
    readme = (ROOT / "README.md").read_text()
    named = {
        name.replace("`", "")
        for row in rows(readme)
        for name in re.findall(r"`[A-Z][A-Z0-9_]+`", row.split("|")[1])
    }
    assert named - {"_SECRET"} - documented(PAGE) == set()


@pytest.mark.parametrize("service", OURS)
def test_compose_passes_every_variable(service: str) -> None:
    assert variables_read() - NOT_HANDED_ON - OF_ONE_SERVICE - OURS[service] == set()
    assert OURS[service] - variables_read() == set()


def test_variables_read_by_compose_are_documented() -> None:
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE))
    assert asked - documented(PAGE) == set()
    assert of_compose_only() - asked == set()
