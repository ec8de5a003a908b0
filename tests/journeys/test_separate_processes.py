"""Test the four processes of production, which do what one process does by default: nothing gets lost between them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from typing import Any

import httpx
import pytest
import websockets
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.services.postgres import start_again
from tests.services.stack import HOST, Stack, get

SIGN_UP = """
from datetime import timedelta
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from accounts.models import Member
for name in {names!r}:
    member = Member.objects.create_user(
        name, name + "@example.com", "correct horse", joined_at=timezone.now() - timedelta(days=30)
    )
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.create()
    print(name, member.pk, session.session_key)
"""

WRITE = """
from accounts.models import Member
from posts.actions import write_post
print(write_post(by=Member.objects.get(username={author!r}), text={text!r}).pk)
"""

LIKE = """
from accounts.models import Member
from posts.actions import like_post
from posts.models import Post
like_post(post=Post.objects.get(pk={post}), by=Member.objects.get(username={member!r}))
"""


def sign_up(stack: Stack, *names: str) -> dict[str, tuple[str, str]]:
    """Create members and return the id and a session key of each."""
    lines = stack.shell(SIGN_UP.format(names=names)).split("\n")
    return {name: (pk, key) for name, pk, key in (line.split() for line in lines if line)}


def published(stack: Stack, post: str, *, within: float) -> bool:
    """Return whether the post becomes visible to visitors in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if get(f"{stack.pages}/posts/{post}")[0] in (200, 301, 302):
            return True
        time.sleep(0.1)
    return False


def test_every_process_responds(stack):
    assert get(f"{stack.pages}/health/ready")[0] == 200
    assert get(f"{stack.sockets}/health/ready")[0] == 200


def test_static_files_are_cached_forever(stack):
    status, body = get(f"{stack.pages}/accounts/login/")
    sheet = body.decode().split('rel="stylesheet" href="')[1].split('"')[0]

    assert status == 200
    assert sheet != "/static/css/tokens.css"
    assert get(f"{stack.pages}{sheet}")[0] == 200


def test_http_redirects_to_https(stack):
    assert get(f"{stack.pages}/", **{"X-Forwarded-Proto": "http"})[0] == 301


async def test_a_like_reaches_the_authors_socket_across_processes(stack):
    members = await asyncio.to_thread(sign_up, stack, "ada", "ben")
    post = (
        await asyncio.to_thread(stack.shell, WRITE.format(author="ada", text="The kettle is on."))
    ).strip()
    assert await asyncio.to_thread(published, stack, post, within=20)
    me, session = members["ada"]

    async with websockets.connect(
        f"ws://127.0.0.1:{stack.sockets.rsplit(':', 1)[1]}/ws/live",
        origin=Origin(f"https://{HOST}"),
        additional_headers={"Cookie": f"sessionid={session}"},
    ) as socket:
        await socket.send(json.dumps({"type": "subscribe", "streams": [f"member.{me}", f"post.{post}"]}))
        followed = json.loads(await asyncio.wait_for(socket.recv(), 10))
        await asyncio.to_thread(stack.shell, LIKE.format(post=post, member="ben"))
        facts: dict[str, Any] = {}
        async with asyncio.timeout(20):
            while not {"post.counted", "notification.created"} <= facts.keys():
                fact = json.loads(await socket.recv())
                facts[fact["type"]] = fact

    assert followed["refused"] == []
    assert facts["post.counted"]["likes"] == 1


async def test_a_socket_from_another_site_is_refused(stack):
    with pytest.raises(InvalidStatus):
        await websockets.connect(
            f"ws://127.0.0.1:{stack.sockets.rsplit(':', 1)[1]}/ws/live",
            origin=Origin("https://elsewhere.example"),
        )


@pytest.mark.faults
def test_jobs_of_a_killed_worker_are_done_when_it_is_back(stack):
    sign_up(stack, "cleo")
    stack.processes["worker"].kill()
    post = stack.shell(WRITE.format(author="cleo", text="Is anybody there?")).strip()
    hidden_meanwhile = get(f"{stack.pages}/posts/{post}")[0]

    stack.start("worker")

    assert hidden_meanwhile == 404
    assert published(stack, post, within=30)


@pytest.mark.faults
def test_nothing_is_lost_when_redis_is_emptied(stack):
    import redis

    sign_up(stack, "dora")
    stack.processes["worker"].kill()
    post = stack.shell(WRITE.format(author="dora", text="Redis forgets, we do not.")).strip()
    with redis.Redis.from_url(stack.redis.url) as client:
        client.flushall()

    stack.start("worker")

    assert published(stack, post, within=40)


def ask(stack: Stack, path: str, session: str = "", **form: str) -> tuple[int, float, dict[str, str]]:
    """Send a request as a browser would, and return the status, the seconds and the headers."""
    headers = {
        "Host": HOST,
        "X-Forwarded-Proto": "https",
        "Referer": f"https://{HOST}/",
        "Cookie": f"csrftoken={'c' * 32}" + (f"; sessionid={session}" if session else ""),
        "X-CSRFToken": "c" * 32,
    }
    started = time.monotonic()
    url = stack.pages + path
    answer = (
        httpx.post(url, headers=headers, data=form, timeout=40)
        if form
        else httpx.get(url, headers=headers, timeout=40)
    )
    return answer.status_code, time.monotonic() - started, dict(answer.headers)


@pytest.mark.faults
def test_a_hanging_redis_slows_no_one_down_and_loses_nothing(stack):
    members = sign_up(stack, "ella", "finn")
    finn = members["finn"][1]
    post = stack.shell(WRITE.format(author="ella", text="Before it hung.")).strip()
    assert published(stack, post, within=30)
    os.kill(stack.redis.process.pid, signal.SIGSTOP)
    try:
        # Twice, because each of the two web processes has its own circuit breaker.
        for path in 2 * ["/explore", "/", "/api/timeline", f"/@ella/{post}"]:
            status, seconds, _ = ask(stack, path, finn)
            assert (status, seconds < 2) == (200, True), (path, seconds)
        for path, form in (
            (f"/posts/{post}/like", {"next": "/"}),
            ("/messages/with/ella", {"text": "Are you there?"}),
            ("/posts", {"text": "While it hangs."}),
            ("/accounts/login/", {"login": "ella", "password": "correct horse"}),
        ):
            status, seconds, _ = ask(stack, path, "" if "login" in path else finn, **form)
            assert (status, seconds < 4) == (302, True), (path, seconds)
    finally:
        os.kill(stack.redis.process.pid, signal.SIGCONT)
    written = stack.shell(
        "from posts.models import Post; print(Post.objects.get(text='While it hangs.').pk)"
    ).strip()
    assert published(stack, written, within=60)


@pytest.mark.faults
def test_processes_reconnect_after_the_database_restarts(stack):
    gus = sign_up(stack, "gus")["gus"][1]
    assert ask(stack, "/", gus)[0] == 200
    stack.postgres.process.send_signal(signal.SIGINT)
    stack.postgres.process.wait(20)
    try:
        for path in ("/", "/explore", "/api/timeline", "/_allauth/app/v1/auth/session", "/accounts/login/"):
            status, seconds, headers = ask(stack, path, gus)
            if path != "/accounts/login/":
                assert (status, headers.get("retry-after"), seconds < 2) == (503, "5", True), path
            assert status in (200, 503)
        assert ask(stack, "/posts", gus, text="Not now")[0] == 503
        assert get(f"{stack.pages}/health/ready")[0] == 503
        with pytest.raises(InvalidStatus) as refused:
            asyncio.run(open_socket(stack, gus))
        assert refused.value.response.status_code == 503
    finally:
        start_again(stack.postgres)
    assert ask(stack, "/", gus)[0] == 200
    assert ask(stack, "/posts", gus, text="Now")[0] == 302
    assert get(f"{stack.pages}/health/ready")[0] == 200
    written = stack.shell("from posts.models import Post; print(Post.objects.get(text='Now').pk)").strip()
    assert published(stack, written, within=60)


async def open_socket(stack: Stack, session: str) -> None:
    async with websockets.connect(
        f"ws://127.0.0.1:{stack.sockets.rsplit(':', 1)[1]}/ws/live",
        origin=Origin(f"https://{HOST}"),
        additional_headers={"Cookie": f"sessionid={session}"},
    ):
        pass
