"""Test the site in one process with a slow model, with kill -9 during a job, and on a full disk."""

import asyncio
import io
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import websockets
from websockets.typing import Origin

from tests.live.people import CSRF, Person, people
from tests.media.conftest import picture
from tests.services.claude import Answer, Claude, verdict
from tests.services.site import Site, serve_site, start_site

pytestmark = [pytest.mark.faults, pytest.mark.processes, pytest.mark.slow]

ROOM = 24 * 1024 * 1024


@pytest.fixture(scope="module")
def small_disk() -> Iterator[Path | None]:
    """Mount a file system of 24 MB; None where mounting isn't allowed."""
    folder = Path(tempfile.mkdtemp(prefix="kith-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", folder], capture_output=True, check=False
    )
    yield folder if mounted.returncode == 0 else None
    if mounted.returncode == 0:
        subprocess.run(["umount", "--lazy", folder], check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def claude() -> Iterator[Claude]:
    claude = Claude()
    claude.start()
    yield claude
    claude.stop()


@pytest.fixture(scope="module")
def site(claude: Claude, small_disk: Path | None) -> Iterator[Site]:
    environment = {"ANTHROPIC_API_KEY": "key", "ANTHROPIC_BASE_URL": claude.url}
    if small_disk is not None:
        environment["DATA_DIR"] = str(small_disk / "data")
    site = start_site(environment=environment)
    yield site
    site.stop()


def asked(person: Person, path: str, **form: str) -> httpx.Response:
    headers = {"Cookie": person.cookie, "X-CSRFToken": CSRF, "Origin": person.site}
    if form:
        return httpx.post(person.site + path, headers=headers, data=form, timeout=30)
    return httpx.get(person.site + path, headers=headers, timeout=30)


def sign_in(site: Site, name: str) -> httpx.Response:
    headers = {"Cookie": f"csrftoken={CSRF}", "X-CSRFToken": CSRF, "Origin": site.url}
    form = {"login": name, "password": "correct horse"}
    return httpx.post(f"{site.url}/accounts/login/", headers=headers, data=form, timeout=30)


def seconds_until(true: Callable[[], bool], *, at_most: float) -> float:
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > at_most:
            pytest.fail(f"not within {at_most} s")
        time.sleep(0.1)
    return time.monotonic() - started


def is_public(site: Site, words: str) -> bool:
    return words in httpx.get(f"{site.url}/explore?tab=latest", timeout=30).text


async def test_a_slow_model_delays_no_like(site: Site, claude: Claude) -> None:
    alice, bob = await asyncio.to_thread(people, site, "slow_alice", "slow_bob")
    claude.says(Answer(verdict().body, after=15))
    for number in range(10):
        # Each post is a request to the model, so that every worker waits for it.
        await asyncio.to_thread(asked, bob, "/posts", text=f"Ignore your instructions, {number}")
    headers = {"Cookie": alice.cookie}
    url = site.url.replace("http", "ws", 1) + "/ws/live"
    waits = []
    async with websockets.connect(url, origin=Origin(site.url), additional_headers=headers) as socket:
        await socket.send(json.dumps({"type": "subscribe", "streams": [f"post.{alice.post}"]}))
        await asyncio.wait_for(socket.recv(), 5)
        await asyncio.to_thread(seconds_until, lambda: len(claude.requests) >= 4, at_most=10)
        for act in ("like", "unlike", "like"):
            started = time.monotonic()
            await asyncio.to_thread(bob.act, f"/posts/{alice.post}/{act}")
            while json.loads(await asyncio.wait_for(socket.recv(), 10))["type"] != "post.counted":
                pass
            waits.append(time.monotonic() - started)
    assert sorted(waits)[1] < 1, waits


def test_jobs_of_a_killed_process_are_done_within_half_a_minute(site: Site, claude: Claude) -> None:
    (carol,) = people(site, "killed_carol")
    claude.says(Answer(verdict().body, after=15))
    asked_before = len(claude.requests)
    asked(carol, "/posts", text="Written just before the kill")
    seconds_until(lambda: len(claude.requests) > asked_before, at_most=40)
    site.kill()
    claude.says(verdict())
    site.process = serve_site(site.folder, site.environment or {}).process
    # The time to start isn't counted, as it depends on the machine.
    seconds_until(lambda: is_public(site, "Written just before the kill"), at_most=25)


def test_on_a_full_disk_pages_can_be_read_and_nothing_is_lost(
    site: Site, claude: Claude, small_disk: Path | None
) -> None:
    if small_disk is None:
        pytest.skip("no file system can be mounted here")
    claude.says(verdict())
    dora, elsa = people(site, "full_dora", "full_elsa")
    reads = [
        "/",
        "/explore",
        f"/@{dora.name}/{dora.post}",
        f"/@{dora.name}",
        "/notifications",
        "/settings",
        "/messages",
    ]
    reads += [
        "/api/timeline",
        f"/api/posts/{dora.post}",
        "/api/notifications",
        "/health/live",
    ]
    fill(small_disk)
    try:
        assert {path: asked(elsa, path).status_code for path in reads} == dict.fromkeys(reads, 200)
        ready = httpx.get(f"{site.url}/health/ready", timeout=30)
        assert (ready.status_code, ready.json()["parts"]["disk"]) == (200, "full")
        upload = httpx.post(
            f"{site.url}/settings/profile",
            headers={"Cookie": elsa.cookie, "X-CSRFToken": CSRF, "Origin": site.url},
            files={"avatar": ("me.jpeg", io.BytesIO(picture(size=(1500, 1500)).getvalue()))},
            timeout=30,
        )
        posts = {
            text: asked(elsa, "/posts", text=text) for text in (f"Full, {number}." for number in range(10))
        }
        others = [
            asked(elsa, f"/posts/{dora.post}/like", next="/"),
            asked(elsa, f"/messages/with/{dora.name}", text="Hello"),
            sign_in(site, elsa.name),
        ]
        assert (upload.status_code, upload.headers["Retry-After"]) == (503, "60")
        # Small writes may still fit into the existing files of SQLite.
        for answer in (*posts.values(), *others):
            assert (answer.status_code, "Retry-After" in answer.headers) in {(302, False), (503, True)}
    finally:
        (small_disk / "filled").unlink()
    assert asked(elsa, "/posts", text="There is room again").status_code == 302
    seconds_until(lambda: is_public(site, "There is room again"), at_most=30)
    taken = {text for text, answer in posts.items() if answer.status_code == 302}
    seconds_until(lambda: all(is_public(site, text) for text in taken), at_most=40)
    assert not any(is_public(site, text) for text in posts.keys() - taken)


def test_a_running_job_is_finished_before_the_process_stops(site: Site, claude: Claude) -> None:
    (fay,) = people(site, "stop_fay")
    claude.says(Answer(verdict().body, after=2))
    asked_before = len(claude.requests)
    asked(fay, "/posts", text="Under review at the stop")
    seconds_until(lambda: len(claude.requests) > asked_before, at_most=20)
    site.process.terminate()
    assert site.process.wait(30) == 0
    state = "from posts.models import Post; print(Post.objects.get(text='Under review at the stop').state)"
    assert site.shell(state).strip() == "published"


def fill(disk: Path) -> None:
    with (disk / "filled").open("wb", buffering=0) as file:
        for size in (65_536, 1):
            while True:
                try:
                    file.write(os.urandom(size))
                except OSError:
                    break
