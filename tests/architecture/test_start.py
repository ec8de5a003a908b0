import subprocess
import sys

HEAVY = ("lightgbm", "numpy", "anthropic", "elasticsearch", "boto3", "pydantic", "rapidfuzz", "httpx")


def test_startup_imports_no_optional_packages() -> None:
    """Each of these adds 0.1 to 1 s to the start of every process."""
    code = (
        "import django, sys; django.setup(); import config.urls, config.api, config.asgi, feed.queries.for_you; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
