import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from core.logs import OutageFilter, RepeatFilter, TraceFilter
from core.trace import current_trace_id, new_trace_id, tracing

ROOT = Path(__file__).resolve().parents[2]
CODE = """
import os
os.environ |= {"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "kith.example", "SITE_URL": "https://kith.example"}
os.environ["JWT_PRIVATE_KEY"] = "none"
import django
django.setup()
import logging
from core.trace import tracing
with tracing("0af7651916cd43dd8448eb211c80319c"):
    logging.getLogger("kith.test").info("Hello %s", "there")
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("django.request").exception("It broke")
"""


def test_a_log_record_has_the_trace_id_of_its_request() -> None:
    record = logging.LogRecord("kith", logging.INFO, __file__, 1, "Hello", (), None)
    trace_id, before = new_trace_id(), current_trace_id()
    with tracing(trace_id):
        TraceFilter().filter(record)
    assert record.__dict__["trace_id"] == trace_id
    assert current_trace_id() == before


def test_a_refusal_is_logged_with_the_trace_id_of_its_response(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Django logs this after the middleware that sets the trace id has finished."""
    answer = Client().get("/nowhere")
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    TraceFilter().filter(record)
    assert answer.status_code == 404
    assert record.__dict__["trace_id"] == answer["X-Trace-Id"]


def test_an_outage_is_logged_on_one_line() -> None:
    try:
        raise OSError(28, "No space left on device")
    except OSError:
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, "Broke: %s", ("/x",), sys.exc_info()
        )
    OutageFilter().filter(record)
    assert (record.getMessage(), record.exc_info) == ("Broke: /x: [Errno 28] No space left on device", None)


def test_production_logs_json_with_the_trace_id() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={"DJANGO_SETTINGS_MODULE": "config.settings.production", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = [json.loads(line) for line in done.stderr.splitlines() if line]
    assert [line["message"] for line in lines] == ["Hello there", "It broke"]
    assert all(line["trace_id"] == "0af7651916cd43dd8448eb211c80319c" for line in lines)
    assert all({"time", "level", "logger"} <= line.keys() for line in lines)
    assert "ZeroDivisionError" in lines[1]["exc_info"]


GIVEN = {"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "a", "SITE_URL": "https://a", "JWT_PRIVATE_KEY": "k"}


def manage(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env={"DJANGO_SETTINGS_MODULE": "config.settings.production", "PATH": "", **given},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("missing", [["JWT_PRIVATE_KEY"], ["SITE_URL", "SECRET_KEY"], list(GIVEN)])
def test_production_reports_all_missing_settings_at_once(missing: list[str]) -> None:
    done = manage("check", **{name: value for name, value in GIVEN.items() if name not in missing})
    assert done.returncode != 0
    assert {name for name in GIVEN if f"  {name} " in done.stderr} == set(missing)
    assert "new_secrets" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_starts_with_generated_secrets(tmp_path: Path) -> None:
    made = manage("new_secrets", "kith.example")
    (tmp_path / "env").write_text(made.stdout)
    assert manage("new_secrets", "kith.example").stdout != made.stdout
    done = subprocess.run(
        [
            "sh",
            "-ec",
            f"set -a; . {tmp_path}/env; set +a; {sys.executable} manage.py shell --no-imports -c '{SIGN}'",
        ],
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.strip() == "https://kith.example signed", done.stderr


SIGN = """
from django.conf import settings
from cryptography.hazmat.primitives.serialization import load_pem_private_key
load_pem_private_key(settings.HEADLESS_JWT_PRIVATE_KEY.encode(), None)
print(settings.SITE_URL, "signed")
"""


def test_repeated_log_lines_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("core.logs.time.monotonic", lambda: now[0])
    repeats = RepeatFilter()

    def said(name: str, message: str) -> str:
        record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, (), None)
        return record.getMessage() if repeats.filter(record) else ""

    full = "socket.accept() out of system resource\nsocket: fd=3"
    assert [bool(said("asyncio", full)) for _ in range(8)] == [True] * 5 + [False] * 3
    assert said("uvicorn.error", "Something else")
    now[0] = 61.0
    assert said("asyncio", full).endswith("(3 more in the minute before)")
    assert all(said("kith.api", "A fault of ours") for _ in range(20)), "what is ours is always said"
