"""Test with the real process and real sockets that actions of one member reach others."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
import websockets
from websockets.typing import Origin

from core import consumers
from tests.live.people import Person, people
from tests.services.processes import free_port, spawn, wait_until
from tests.services.site import ROOT, Site, _ready, start_site


@asynccontextmanager
async def socket_of(person: Person, *streams: str, after: str = "", site: str = ""):
    site = site or person.site
    url = site.replace("http", "ws", 1) + "/ws/live"
    headers = {"Cookie": person.cookie}
    async with websockets.connect(url, origin=Origin(site), additional_headers=headers) as socket:
        message = {"type": "subscribe", "streams": list(streams)}
        await socket.send(json.dumps(message | ({"after": after} if after else {})))
        subscribed = await heard(socket, "subscribed")
        assert subscribed["refused"] == []
        yield socket, subscribed["facts"]


async def heard(socket, kind: str, seconds: float = 5) -> dict:
    """Return the next live message of this type."""
    async with asyncio.timeout(seconds):
        while True:
            fact = json.loads(await socket.recv())
            if fact["type"] == kind:
                return fact


async def test_a_like_reaches_the_author_and_other_viewers(live_site):
    alice, bob, carol = people(live_site, "liked_alice", "liked_bob", "liked_carol")
    async with (
        socket_of(alice, f"member.{alice.id}", f"post.{alice.post}") as (hers, _),
        socket_of(carol, f"post.{alice.post}") as (somebody, _),
    ):
        started = time.monotonic()
        await asyncio.to_thread(bob.act, f"/posts/{alice.post}/like")
        news = await heard(hers, "notification.created")
        assert time.monotonic() - started < 2
        assert (news["kind"], news["unread"]) == ("like", 1)
        assert (await heard(somebody, "post.counted"))["likes"] == 1
        await asyncio.to_thread(alice.act, f"/notifications/{news['id']}/read")
        assert (await heard(hers, "notification.counted"))["unread"] == 0


async def test_missed_events_arrive_after_reconnecting(live_site):
    alice, bob = people(live_site, "away_alice", "away_bob")
    async with socket_of(alice, f"member.{alice.id}") as (_, facts):
        as_of = facts[0]["as_of"]
    await asyncio.to_thread(bob.act, "/@away_alice/follow")
    await asyncio.sleep(0.5)
    async with socket_of(alice, f"member.{alice.id}", after=as_of) as (_, (counted, created)):
        assert counted["unread"] == 1
        assert created["kind"] == "follow"
        last = created["id"]
    await asyncio.to_thread(alice.act, "/notifications/read")
    async with socket_of(alice, f"member.{alice.id}", after=last) as (_, (counted,)):
        assert counted["unread"] == 0


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", None])
async def test_a_page_of_another_site_is_rejected(live_site, origin):
    url = live_site.url.replace("http", "ws", 1) + "/ws/live"
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(url, origin=origin)
    assert refused.value.response.status_code == 403


async def test_signing_out_closes_the_socket_within_two_seconds(live_site):
    (alice,) = people(live_site, "leaving_alice")
    async with socket_of(alice, f"member.{alice.id}") as (socket, _):
        started = time.monotonic()
        await asyncio.to_thread(alice.act, "/accounts/logout/")
        with pytest.raises(websockets.ConnectionClosed):
            await heard(socket, "nothing", 3)
        assert socket.close_code == consumers.NO_LONGER_ALLOWED
        assert time.monotonic() - started < 2


async def test_a_message_that_is_too_large_closes_the_socket_and_not_the_site(live_site):
    url = live_site.url.replace("http", "ws", 1) + "/ws/live"
    async with websockets.connect(url, origin=live_site.url) as socket:
        await socket.send("x" * 100_000)
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.close_code == 1009
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{live_site.url}/health/live")).status_code == 200


@pytest.fixture
def two_processes(redis_url: str) -> Iterator[tuple[Site, str]]:
    """Start the site with jobs and a second process for sockets, connected by Redis."""
    site = start_site(environment={"REDIS_URL": redis_url})
    port = free_port()
    log = site.folder / "live.log"
    environment = {**(site.environment or {}), "PORT": str(port)}
    command = [sys.executable, "manage.py", "serve", "--without-jobs", "--port", str(port)]
    with log.open("wb") as out:
        process = spawn(command, log=out, env=environment, cwd=ROOT, as_server=False)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _ready(url), process=process, log=log, seconds=60, what="The second process")
        yield site, url
    finally:
        process.kill()
        process.wait()
        site.stop()


@pytest.mark.slow
async def test_a_socket_in_another_process_gets_it_too(two_processes):
    site, live = two_processes
    alice, bob = people(site, "alice", "bob")
    async with socket_of(alice, f"member.{alice.id}", f"post.{alice.post}", site=live) as (socket, _):
        await asyncio.to_thread(bob.act, f"/posts/{alice.post}/like")
        assert (await heard(socket, "notification.created", 10))["kind"] == "like"
        await asyncio.to_thread(alice.act, "/accounts/logout/")
        with pytest.raises(websockets.ConnectionClosed):
            await heard(socket, "nothing", 3)
        assert socket.close_code == consumers.NO_LONGER_ALLOWED
