"""`manage.py start`, as called by `make run`: problems are reported before anything is created."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SECRET_KEY")}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "start"],
        env={**own, "DJANGO_SETTINGS_MODULE": "config.settings.dev", "DATA_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_busy_port_is_reported_before_the_demo_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = start(tmp_path / "data", PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "Choose another port" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data" / "kith.sqlite3").exists()


def test_an_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = start(tmp_path / "file" / "data", PORT="0")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_an_invalid_port_is_reported(tmp_path: Path, port: str) -> None:
    done = start(tmp_path, PORT=port)
    assert done.returncode == 1
    assert port in done.stderr
    assert "Traceback" not in done.stderr
