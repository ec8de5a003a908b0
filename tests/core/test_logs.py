import json
import logging
import subprocess
import sys

import pytest

from core.logs import TraceFilter
from core.trace import current_trace_id, new_trace_id, tracing

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


def test_a_line_carries_the_trace_id_of_its_request() -> None:
    record = logging.LogRecord("kith", logging.INFO, __file__, 1, "Hello", (), None)
    trace_id, before = new_trace_id(), current_trace_id()
    with tracing(trace_id):
        TraceFilter().filter(record)
    assert record.__dict__["trace_id"] == trace_id
    assert current_trace_id() == before


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


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "JWT_PRIVATE_KEY"])
def test_production_does_not_start_without_a_secret(missing: str) -> None:
    given = {"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "a", "SITE_URL": "https://a", "JWT_PRIVATE_KEY": "k"}
    del given[missing]
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={"DJANGO_SETTINGS_MODULE": "config.settings.production", "PATH": "", **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert f"Set {missing}" in done.stderr
