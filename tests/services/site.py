"""Kith in its own process, as `make run` starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services.processes import Server, free_port, new_folder, spawn, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Site(Server):
    """The running site; `manage` runs a command of manage.py against its data."""

    environment: Mapping[str, str] | None = None

    def manage(self, *arguments: str, stdin: str | None = None, timeout: float = 120) -> str:
        """Return what `manage.py` printed, or its error output if it failed."""
        return run_manage(self.environment or {}, *arguments, stdin=stdin, timeout=timeout)

    def shell(self, code: str) -> str:
        """Return what Python code printed in `manage.py shell` on the site's database."""
        return self.manage("shell", "--no-imports", "-c", code)


def inherited_environment() -> dict[str, str]:
    """Return this process's environment without the location of the tests' own data."""
    own = ("DATABASE_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE", "SECRET_KEY")
    return {name: value for name, value in os.environ.items() if name not in own}


def run_manage(
    environment: Mapping[str, str], *arguments: str, stdin: str | None = None, timeout: float = 120
) -> str:
    """Return what `manage.py` printed, or its error output if it failed."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def start_site(*, environment: Mapping[str, str] | None = None, port: int | None = None) -> Site:
    """Migrate an empty database and serve it. `environment` is added to the process's (REDIS_URL …)."""
    folder = new_folder("site")
    data = folder / "data"
    data.mkdir(parents=True)
    port = port or free_port()
    env = {
        **inherited_environment(),
        "DJANGO_SETTINGS_MODULE": "tests.site_settings",
        "DATA_DIR": str(data),
        "PORT": str(port),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "PYTHONUNBUFFERED": "1",
        **(environment or {}),
    }
    run_manage(env, "migrate", "--no-input", "-v", "0")
    return serve_site(folder, env)


def serve_site(folder: Path, env: Mapping[str, str]) -> Site:
    """Serve existing data, as after a crash."""
    port = env["PORT"]
    log = folder / "site.log"
    with log.open("ab") as out:
        process = spawn(
            [sys.executable, str(ROOT / "manage.py"), "serve", "--port", port],
            log=out,
            env=env,
            cwd=ROOT,
            as_server=False,
        )
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: _ready(url), process=process, log=log, seconds=60, what="Kith")
    return Site(url=url, process=process, folder=folder, log=log, environment=env)


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False
