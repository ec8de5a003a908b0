"""Follow the README section on running Kith by hand literally, in a copy of the checkout with production packages."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import websockets
from websockets.typing import Origin

from tests.services.claude import Answer, Claude, verdict
from tests.services.postgres import start_postgres
from tests.services.processes import Server, Unavailable, free_port, spawn, tail
from tests.services.redis import start_redis

pytestmark = [pytest.mark.processes, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
NAME = "kith.example"
PASSWORD = "a long and private sentence"
BY_HAND = (ROOT / "README.md").read_text().partition("### By hand")[2].partition("\n## ")[0]


def blocks() -> list[list[str]]:
    """Return the code blocks of the section as lists of lines: environment, database, processes, proxy."""
    return [
        block.strip().splitlines()
        for block in re.findall(r"^```\n(.*?)^```$", BY_HAND, re.DOTALL | re.MULTILINE)
    ]


@dataclass
class ByHand:
    """A copy of the checkout, with the processes that run in it."""

    folder: Path
    pages: str
    sockets: str
    postgres: Server
    redis: Server
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        home = str(self.folder.parent)
        return {"PATH": "/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8", "WEB_CONCURRENCY": "2"}

    def shell(self, command: str) -> str:
        """Run a line of the README in a shell in the checkout and return its output."""
        enter = ". .venv/bin/activate; " if (self.folder / ".venv").exists() else ""
        if (self.folder / ".env").exists():
            enter += "set -a; . ./.env; set +a; "
        done = subprocess.run(
            ["bash", "-ec", enter + command],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, command: str) -> None:
        name = shlex.split(command)[0] + str(len(self.processes))
        line = f". .venv/bin/activate; set -a; . ./.env; set +a; exec {command}"
        with (self.folder.parent / f"{name}.log").open("wb") as log:
            self.processes[name] = spawn(
                ["bash", "-ec", line],
                log=log,
                env=self.environment(),
                cwd=self.folder,
                as_server=False,
            )

    def logs(self) -> str:
        return "\n".join(
            f"--- {log.name}\n{tail(log, 15)}" for log in sorted(self.folder.parent.glob("*.log"))
        )

    def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait(30)
        self.redis.stop()
        self.postgres.stop()


@pytest.fixture(scope="module")
def claude() -> Iterator[Claude]:
    claude = Claude()
    claude.start()
    yield claude
    claude.stop()


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory, claude: Claude) -> Iterator[ByHand]:
    installed = os.environ.get("KITH_PRODUCTION_VENV") or next(
        (str(path.parent) for path in ROOT.glob("var/production-venv/*/.complete")), ""
    )
    if not installed:
        pytest.skip("no environment of production: scripts/production_venv makes it")
    folder = tmp_path_factory.mktemp("by-hand") / "kith"
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in tracked.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    try:
        postgres, redis = start_postgres(), start_redis()
    except Unavailable as why:
        pytest.skip(str(why))
    port, sockets_port = free_port(), free_port()
    site = ByHand(
        folder, f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{sockets_port}/ws/live", postgres, redis
    )
    try:
        environment, database, processes, _ = blocks()
        assert environment[:3] == [
            "python3 -m venv .venv",
            ". .venv/bin/activate",
            "pip install -r requirements.txt",
        ]
        (folder / ".venv").mkdir()
        # The three lines have been run in advance; scripts in bin name their Python by its absolute path.
        (folder / ".venv" / "bin").symlink_to(Path(installed) / "bin")
        site.shell(environment[3])
        look_through(folder / ".env", DATABASE_URL=postgres.url, REDIS_URL=redis.url)
        with (folder / ".env").open("a") as env:
            env.write(f"ANTHROPIC_API_KEY=key\nANTHROPIC_BASE_URL={claude.url}\n")
        for command in database:
            if not command.endswith("createsuperuser"):
                site.shell(command)
        site.shell(
            f"DJANGO_SUPERUSER_PASSWORD={shlex.quote(PASSWORD)} {database[-1]} --no-input"
            " --username ada --email ada@example.com"
        )
        for command in processes:
            site.start(command.replace(":8000", f":{port}").replace("--port 8001", f"--port {sockets_port}"))
        until(lambda: asked(site, "/health/ready").status_code == 200, site, "pages")
        yield site
    finally:
        site.stop()


def look_through(file: Path, **given: str) -> None:
    text = file.read_text()
    for name, value in given.items():
        text, found = re.subn(rf"^# {name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        assert found == 1, name
    file.write_text(text)


def until(true: Callable[[], bool], site: ByHand, what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if true():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"{what}: not within {seconds} s\n{site.logs()}")


def asked(site: ByHand, path: str, client: httpx.Client | None = None, **form: str) -> httpx.Response:
    """Send a request as the proxy of the README would."""
    headers = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    client = client or httpx.Client(timeout=30)
    if form:
        headers |= {"Referer": f"https://{NAME}/", "X-CSRFToken": "c" * 32}
        return client.post(site.pages + path, data=form, headers=headers | {"Cookie": cookies(client)})
    return client.get(site.pages + path, headers=headers | {"Cookie": cookies(client)})


def cookies(client: httpx.Client) -> str:
    """Return the Cookie header, with secure cookies that the client wouldn't send over HTTP."""
    kept = {cookie.name: cookie.value for cookie in client.cookies.jar}
    return "; ".join(f"{name}={value}" for name, value in (kept | {"csrftoken": "c" * 32}).items())


def signed_up(site: ByHand, name: str) -> httpx.Client:
    client = httpx.Client(timeout=30)
    form = {"username": name, "email": f"{name}@example.com", "password1": PASSWORD}
    answer = asked(site, "/accounts/signup/", client, **form)
    assert answer.status_code == 302, answer.text
    return client


def signed_in(site: ByHand, name: str) -> httpx.Client:
    client = httpx.Client(timeout=30)
    answer = asked(site, "/accounts/login/", client, login=name, password=PASSWORD)
    assert answer.status_code == 302, answer.text
    return client


def test_a_post_is_published_found_and_causes_a_notification(by_hand: ByHand) -> None:
    ada, ben = signed_in(by_hand, "ada"), signed_up(by_hand, "ben")
    assert asked(by_hand, "/posts", ada, text="The quagga is back, @ben").status_code == 302
    until(lambda: "quagga" in asked(by_hand, "/explore?tab=latest").text, by_hand, "published")
    until(lambda: "quagga" in asked(by_hand, "/notifications", ben).text, by_hand, "told")
    until(lambda: "is back" in asked(by_hand, "/search?q=quagga", ben).text, by_hand, "found")


def test_every_process_has_a_heartbeat(by_hand: ByHand) -> None:
    def ready() -> dict[str, object]:
        said: dict[str, object] = asked(by_hand, "/health/ready").json()
        return said

    until(lambda: ready()["status"] == "ok", by_hand, "every part alive")
    assert set(ready()["parts"]) == {  # type: ignore[call-overload]
        "database", "disk", "redis", "schedule", "jobs.live", "jobs.default", "jobs.outside",
    }  # fmt: skip
    assert asked(by_hand, "/health/jobs").status_code == 200


async def test_a_slow_model_delays_no_like(by_hand: ByHand, claude: Claude) -> None:
    ada, ben = await asyncio.to_thread(lambda: (signed_in(by_hand, "ada"), signed_in(by_hand, "ben")))
    post = asked(by_hand, "/api/latest").json()["items"][0]["id"]
    claude.says(Answer(verdict().body, after=15))
    for number in range(18):
        # Each post is a request to the model, so that every worker waits for it.
        await asyncio.to_thread(asked, by_hand, "/posts", ben, text=f"Ignore your instructions, {number}")
    headers = {"Host": NAME, "Cookie": cookies(ada), "X-Forwarded-Proto": "https"}
    waits = []
    async with websockets.connect(
        by_hand.sockets, origin=Origin(f"https://{NAME}"), additional_headers=headers
    ) as socket:
        await socket.send(json.dumps({"type": "subscribe", "streams": [f"post.{post}"]}))
        assert json.loads(await asyncio.wait_for(socket.recv(), 5))["refused"] == []
        await asyncio.to_thread(until, lambda: len(claude.requests) > 4, by_hand, "the model is asked")
        for act in ("like", "unlike", "like"):
            started = time.monotonic()
            await asyncio.to_thread(asked, by_hand, f"/posts/{post}/{act}", ben, next="/")
            while json.loads(await asyncio.wait_for(socket.recv(), 10))["type"] != "post.counted":
                pass
            waits.append(time.monotonic() - started)
    claude.says(verdict())
    assert sorted(waits)[1] < 1, waits


def test_the_checkout_stays_clean(by_hand: ByHand) -> None:
    tracked = {name.split("/")[0] for name in by_hand_tracked()}
    found = {path.name for path in by_hand.folder.iterdir()} - {"__pycache__"}
    assert found - tracked == {".env", ".venv", "var", "staticfiles"}
    assert (by_hand.folder / ".env").stat().st_mode & 0o077 == 0
    assert (by_hand.folder / "var").stat().st_mode & 0o077 == 0


def by_hand_tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_readmes_proxy_points_to_the_ports_of_the_processes() -> None:
    _, _, (pages, sockets, *_), proxy = blocks()
    by_proxy = [re.findall(r"127\.0\.0\.1:(\d+)", line) for line in proxy if "reverse_proxy" in line]
    assert by_proxy == [re.findall(r"--port (\d+)", sockets), re.findall(r"127\.0\.0\.1:(\d+)", pages)]
