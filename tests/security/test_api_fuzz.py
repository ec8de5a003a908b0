"""Fuzz the API with valid and invalid requests: there are no errors, and only documented responses."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.site import Site, start_site

SECONDS = 7
"""The time for each role; the requests are random and differ in every run."""
PEOPLE = """
from tests.factories import make_member, make_post
from messaging.actions import send_message
alice, mod = make_member("alice"), make_member("mod", is_moderator=True)
make_post(mod, "A reply", in_reply_to=make_post(alice, "Hello #there @mod"))
send_message(by=alice, to=mod, text="Hello")
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Start a separate site without rate limits."""
    rate = "1000000/minute"
    site = start_site(environment={"API_RATE_READ": rate, "API_RATE_WRITE": rate})
    site.shell(PEOPLE)
    yield site
    site.stop()


def token_of(username: str, site: Site) -> str:
    request = urllib.request.Request(
        f"{site.url}/_allauth/app/v1/auth/login",
        json.dumps({"username": username, "password": "correct horse"}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["meta"]["access_token"])


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.parametrize("username", ["", "alice", "mod"], ids=["visitor", "member", "moderator"])
def test_no_request_causes_an_error_or_an_undocumented_response(
    site: Site, username: str, tmp_path: Path
) -> None:
    found = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{site.url}/api/schema",
            *(["--header", f"Authorization: Bearer {token_of(username, site)}"] if username else []),
            f"--max-time={SECONDS}",
            "--phases=coverage,fuzzing",
            "--continue-on-failure",
            "--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
            "--warnings=off",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 0, found.stdout[-6000:]
