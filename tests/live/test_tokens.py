"""Test that apps use the socket and GET /live/since with an access token, like pages with a cookie."""

import asyncio
import time
from typing import Any

import jwt
import pytest
from allauth.headless.tokens.strategies.jwt.internal import create_access_token
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import connections
from django.test import Client

from accounts.actions import deactivate_member, end_sessions
from accounts.models import Member
from accounts.tokens import holder_of
from config.asgi import application
from core import consumers
from core.bearer import token_in
from core.consumers import live
from core.events import deliver_pending
from core.socket_auth import TOKEN_PROTOCOL
from messaging.actions import send_message
from posts.actions import hold_post, like_post
from tests.factories import make_member, make_post
from tests.live.sockets import Socket
from tests.live.test_consumer import headers, signed_in_session

pytestmark = pytest.mark.django_db(transaction=True)
member_named = database_sync_to_async(make_member)
post_by = database_sync_to_async(make_post)
FOREIGN = b"https://elsewhere.example"


@database_sync_to_async
def signed_in_app(member: Member) -> str:
    """Return an access token of a new session, without hashing a password or counting guesses."""
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    UserSession.objects.create(user=member, session_key=session.session_key, ip="127.0.0.1", user_agent="App")
    return create_access_token(member, session, {})


def shown(token: str, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"testserver"), (b"authorization", f"Bearer {token}".encode()), *more]


@pytest.fixture
async def closed_connections():
    """Close database connections that other threads opened."""
    yield
    await database_sync_to_async(connections.close_all)()


@pytest.fixture
async def open_socket(closed_connections):
    """Return `open_socket(headers, *subprotocols)`, which opens a socket. All are closed at the end."""
    opened: list[Socket] = []

    async def open_one(lines: list[tuple[bytes, bytes]], *subprotocols: str) -> Socket:
        socket = Socket(application, "/ws/live", lines, subprotocols)
        assert await socket.connect()
        opened.append(socket)
        return socket

    yield open_one
    for socket in opened:
        await socket.disconnect()


@database_sync_to_async
def delivered() -> None:
    while deliver_pending():
        pass


@pytest.mark.parametrize("origin", [None, FOREIGN])
async def test_an_app_subscribes_with_a_header_and_without_our_origin(open_socket, origin):
    alice, bob = await member_named(), await member_named()
    lines = shown(await signed_in_app(alice), *([(b"origin", origin)] if origin else []))
    socket = await open_socket(lines)
    post, waiting = await post_by(alice), await post_by(bob)
    await database_sync_to_async(hold_post)(post=waiting, reason="To be looked at.")
    answer = await socket.subscribe(
        f"member.{alice.pk}", f"post.{post.id}", f"member.{bob.pk}", f"post.{waiting.id}"
    )
    assert sorted(answer["streams"]) == sorted([f"member.{alice.pk}", f"post.{post.id}"])
    await database_sync_to_async(like_post)(post=post, by=bob)
    await database_sync_to_async(send_message)(by=bob, to=alice, text="Hello")
    await delivered()
    heard = {(await socket.hear())["type"] for _ in range(3)}
    assert heard == {"post.counted", "notification.created", "message.created"}


async def test_an_app_that_cannot_set_headers_authenticates_first(open_socket):
    alice = await member_named()
    socket = await open_socket([(b"host", b"testserver"), (b"origin", FOREIGN)], TOKEN_PROTOCOL)
    assert socket.subprotocol == TOKEN_PROTOCOL
    await socket.say(type="ping")
    assert await socket.hear() == {"type": "pong"}
    await socket.say(type="authenticate", token=await signed_in_app(alice))
    assert await socket.hear() == {"type": "authenticated", "member": str(alice.pk)}
    assert (await socket.subscribe(f"member.{alice.pk}"))["streams"] == [f"member.{alice.pk}"]
    await socket.say(type="authenticate", token="again")
    assert await socket.closed_with() == consumers.NOT_UNDERSTOOD


async def test_a_promised_token_counts_for_the_ip_address_until_it_is_sent(open_socket, settings):
    settings.SOCKETS_PER_ADDRESS, settings.SOCKETS_PER_MEMBER = 1, 2
    token = await signed_in_app(await member_named())
    host = [(b"host", b"testserver")]
    sockets = []
    for _ in range(2):
        sockets.append(await open_socket(host, TOKEN_PROTOCOL))
        assert not await Socket(application, "/ws/live", host, (TOKEN_PROTOCOL,)).connect()
        await sockets[-1].say(type="authenticate", token=token)
        assert (await sockets[-1].hear())["type"] == "authenticated"
    third = await open_socket(host, TOKEN_PROTOCOL)
    await third.say(type="authenticate", token=token)
    assert (await third.hear())["code"] == "too_many_sockets"
    assert await third.closed_with() == consumers.TOO_MANY
    assert not await Socket(application, "/ws/live", shown(token)).connect()
    await sockets[0].disconnect()
    await open_socket(shown(token))


async def test_a_cookie_does_not_authenticate_a_page_of_another_site(open_socket):
    alice = await member_named()
    lines = headers(await signed_in_session(alice), FOREIGN.decode())
    assert not await Socket(application, "/ws/live", lines).connect()
    socket = await open_socket(lines, TOKEN_PROTOCOL)
    await socket.say(type="subscribe", streams=[f"member.{alice.pk}"])
    assert (await socket.hear())["code"] == "not_understood"
    assert await socket.closed_with() == consumers.NOT_UNDERSTOOD
    # An invalid token doesn't make the cookie count either.
    socket = await open_socket([*lines, (b"authorization", b"Bearer none")])
    assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED


async def test_a_page_cannot_become_another_member(open_socket):
    alice, bob = await member_named(), await member_named()
    socket = await open_socket(headers(await signed_in_session(alice)))
    await socket.say(type="authenticate", token=await signed_in_app(bob))
    assert await socket.closed_with() == consumers.NOT_UNDERSTOOD


@database_sync_to_async
def forged(token: str, **claims: Any) -> str:
    """Return the token with other claims, signed with our own key."""
    return jwt.encode(
        jwt.decode(token, options={"verify_signature": False}) | claims,
        settings.HEADLESS_JWT_PRIVATE_KEY,
        algorithm="RS256",
    )


@pytest.mark.parametrize("what", ["nonsense", "unsigned", "past", "of another", "refresh", "empty"])
async def test_an_invalid_token_closes_with_a_code_either_way(open_socket, what):
    alice = await member_named()
    good = await signed_in_app(alice)
    match what:
        case "nonsense":
            token = "a.b.c"
        case "unsigned":
            token = jwt.encode(jwt.decode(good, options={"verify_signature": False}), "", algorithm="none")
        case "past":
            token = await forged(good, exp=int(time.time()) - 1)
        case "of another":
            token = await forged(good, sub="1")
        case "refresh":
            token = await forged(good, token_use="refresh")
        case _:
            token = ""
    socket = await open_socket(shown(token))
    assert (await socket.hear())["code"] == "authentication_failed"
    assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED
    socket = await open_socket([(b"host", b"testserver")], TOKEN_PROTOCOL)
    await socket.say(type="authenticate", token=token)
    assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED


async def test_a_promised_token_that_is_not_sent_closes_the_socket(open_socket, monkeypatch):
    monkeypatch.setattr(live, "AUTHENTICATE_WITHIN", 0.2)
    socket = await open_socket([(b"host", b"testserver")], TOKEN_PROTOCOL)
    assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED


@pytest.mark.parametrize("how", ["header", "message"])
@pytest.mark.parametrize("end", ["its session", "every session", "the account"])
async def test_the_socket_ends_with_the_session_of_the_token(open_socket, how, end):
    alice, boss = await member_named(), await database_sync_to_async(make_member)(is_staff=True)
    token, other = await signed_in_app(alice), await signed_in_app(alice)

    async def opened(with_token: str) -> Socket:
        if how == "header":
            return await open_socket(shown(with_token))
        socket = await open_socket([(b"host", b"testserver")], TOKEN_PROTOCOL)
        await socket.say(type="authenticate", token=with_token)
        await socket.hear()
        return socket

    socket, stays = await opened(token), await opened(other)

    @database_sync_to_async
    def act() -> None:
        match end:
            case "its session":
                holder = holder_of(token)
                assert holder is not None
                end_sessions(member=alice, by=alice, keys=[holder.session_key])
            case "every session":
                end_sessions(member=alice, by=alice)
            case _:
                deactivate_member(member=alice, by=boss)

    await act()
    await delivered()
    assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED
    if end == "its session":
        await stays.say(type="ping")
        assert await stays.hear() == {"type": "pong"}
    else:
        assert await stays.closed_with() == consumers.NO_LONGER_ALLOWED
    # The token can't open a new socket either.
    again = await open_socket(shown(token))
    assert await again.closed_with() == consumers.NO_LONGER_ALLOWED


async def test_a_session_that_ended_unnoticed_is_found_by_the_periodic_check(open_socket, monkeypatch):
    monkeypatch.setattr(live, "RECHECK_EVERY", 0.1)
    monkeypatch.setattr(live, "SILENT_AFTER", 1.2)
    alice = await member_named()
    socket = await open_socket(shown(await signed_in_app(alice)))
    await database_sync_to_async(Member.objects.filter(pk=alice.pk).update)(is_active=False)
    # A ping in between keeps the socket from being closed as silent before the check.
    await asyncio.sleep(0.5)
    await socket.say(type="ping")
    assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED


async def test_a_socket_stays_open_when_its_access_token_expires(open_socket, monkeypatch):
    alice = await member_named()
    monkeypatch.setattr(settings, "HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN", 1)
    token = await signed_in_app(alice)
    socket = await open_socket(shown(token))
    while await database_sync_to_async(holder_of)(token):
        await sync_to_async(time.sleep, thread_sensitive=False)(0.1)
    assert (await socket.subscribe(f"member.{alice.pk}"))["streams"] == [f"member.{alice.pk}"]


@database_sync_to_async
def asked(token: str, streams: str, client: Client | None = None) -> Any:
    bearer = {"Authorization": f"Bearer {token}"}
    return (client or Client()).get("/live/since", {"streams": streams}, headers=bearer)


async def test_polling_accepts_the_same_token(closed_connections):
    alice, bob = await member_named(), await member_named()
    token = await signed_in_app(alice)
    answer = await asked(token, f"member.{alice.pk},member.{bob.pk}")
    assert answer.json()["streams"] == [f"member.{alice.pk}"]
    assert answer.json()["refused"] == [f"member.{bob.pk}"]
    # The token counts, not the cookie.
    browser = Client()
    await database_sync_to_async(browser.force_login)(
        bob, backend="django.contrib.auth.backends.ModelBackend"
    )
    assert (await asked(token, f"member.{bob.pk}", browser)).json()["streams"] == []
    refused = await asked("a.b.c", f"member.{bob.pk}", browser)
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    assert refused.json()["error"] == "authentication_failed"
    await database_sync_to_async(end_sessions)(member=alice, by=alice)
    assert (await asked(token, f"member.{alice.pk}")).status_code == 401


def test_only_a_bearer_header_contains_a_token() -> None:
    assert token_in("Bearer abc") == token_in("bearer  abc ") == "abc"
    assert token_in("Bearer") == ""
    assert [token_in(header) for header in ("", "Basic abc", "abc")] == [None, None, None]
