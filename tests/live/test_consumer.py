"""Test the socket: who may open it, its responses, and when it closes."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import connections
from django.test import Client

from accounts.models import Member
from config.asgi import application
from core import consumers, streams
from core.consumers import LiveConsumer, Stream, live
from core.layers import FanoutLayer
from notifications.actions import notify
from notifications.models import NotificationKind
from posts.actions import hold_post, like_post
from tests.factories import make_member, make_post
from tests.live.sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def sockets():
    """Return `sockets(member)`, which opens a socket; all of them and their connections are closed at the end."""
    opened: list[Socket] = []

    async def open_socket(member: Member | None = None, *, key: str = "") -> Socket:
        key = key or (await signed_in_session(member) if member is not None else "")
        socket = Socket(application, "/ws/live", headers(key))
        assert await socket.connect()
        opened.append(socket)
        return socket

    yield open_socket
    for socket in opened:
        await socket.disconnect()
    await database_sync_to_async(connections.close_all)()


def headers(session_key: str = "", origin: str | None = "http://testserver") -> list[tuple[bytes, bytes]]:
    lines = [(b"host", b"testserver")]
    if origin is not None:
        lines.append((b"origin", origin.encode()))
    if session_key:
        lines.append((b"cookie", f"sessionid={session_key}".encode()))
    return lines


@database_sync_to_async
def signed_in_session(member: Member) -> str:
    client = Client()
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


member_named = database_sync_to_async(make_member)
post_by = database_sync_to_async(make_post)


@database_sync_to_async
def held_post_by(author: Member) -> Any:
    post = make_post(author)
    hold_post(post=post, reason="To be looked at.")
    return post


broadcast = sync_to_async(streams.broadcast, thread_sensitive=False)


class TestOpening:
    @pytest.mark.parametrize(
        "origin",
        [None, "", "null", "https://evil.example", "http://testserver.evil.example", "http://testserver:81"],
    )
    async def test_a_page_of_another_site_cannot_open_a_socket(self, origin):
        socket = Socket(application, "/ws/live", headers(origin=origin))
        assert not await socket.connect()

    async def test_a_visitor_subscribes_to_what_visitors_may_see(self, sockets):
        post = await post_by(await member_named())
        socket = await sockets()
        answer = await socket.subscribe(f"post.{post.id}")
        assert answer["streams"] == [f"post.{post.id}"]
        assert answer["facts"] == [
            {"type": "post.counted", "id": str(post.id), "likes": 0, "replies": 0, "reposts": 0},
        ]

    async def test_opening_queries_only_the_session_and_the_member(
        self, sockets, django_assert_max_num_queries
    ):
        key = await signed_in_session(await member_named())
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        capture = CaptureQueriesContext(connection)
        await database_sync_to_async(capture.__enter__)()
        await sockets(key=key)
        await database_sync_to_async(capture.__exit__)(None, None, None)
        assert len(capture) <= 2

    async def test_sockets_of_a_member_and_of_an_ip_address_are_limited(self, sockets, settings):
        settings.SOCKETS_PER_MEMBER, settings.SOCKETS_PER_ADDRESS = 2, 1
        member, other = await member_named(), await member_named()
        key = await signed_in_session(member)
        first = await sockets(key=key)
        await sockets(member)
        assert not await Socket(application, "/ws/live", headers(key)).connect()
        await sockets(other)
        await sockets()
        assert not await Socket(application, "/ws/live", headers()).connect()
        await first.disconnect()
        await sockets(key=key)

    async def test_a_visitor_is_counted_by_the_ip_address_from_a_trusted_proxy(self, sockets, settings):
        settings.SOCKETS_PER_ADDRESS, settings.TRUSTED_PROXIES = 1, ["192.0.2.1"]
        opened = []
        for address, has_room in (("198.51.100.1", True), ("198.51.100.2", True), ("198.51.100.1", False)):
            socket = Socket(application, "/ws/live", [*headers(), (b"x-forwarded-for", address.encode())])
            socket.scope["client"] = ("192.0.2.1", 1)
            assert await socket.connect() == has_room, address
            opened.append(socket)
        for socket in opened:
            await socket.disconnect()

    async def test_a_cookie_without_a_session_opens_a_visitors_socket(self, sockets):
        member = await member_named()
        socket = await sockets(key="made-up")
        assert (await socket.subscribe(f"member.{member.pk}"))["refused"] == [f"member.{member.pk}"]


class TestFollowing:
    async def test_only_messages_of_subscribed_streams_arrive(self, sockets):
        author = await member_named()
        one, other = await post_by(author), await post_by(author)
        socket = await sockets(author)
        await socket.subscribe(f"post.{one.id}")
        await broadcast(f"post.{other.id}", {"type": "post.counted", "id": str(other.id), "likes": 9})
        await broadcast(f"post.{one.id}", {"type": "post.counted", "id": str(one.id), "likes": 5})
        assert await socket.hear() == {"type": "post.counted", "id": str(one.id), "likes": 5}
        assert await socket.receive_nothing(0.1)

    async def test_after_unsubscribing_nothing_arrives(self, sockets):
        post = await post_by(await member_named())
        socket = await sockets()
        await socket.subscribe(f"post.{post.id}")
        await socket.say(type="unsubscribe", streams=[f"post.{post.id}", "post.1", "nonsense"])
        await socket.say(type="ping")
        assert await socket.hear() == {"type": "pong"}
        await broadcast(f"post.{post.id}", {"type": "post.counted"})
        assert await socket.receive_nothing(0.1)

    async def test_hidden_and_missing_streams_are_refused_alike(self, sockets):
        alice, bob = await member_named(), await member_named()
        waiting = await held_post_by(alice)
        asked = [
            f"post.{waiting.id}",
            "post.1",
            "post.x",
            "nothing.1",
            "post",
            f"member.{alice.pk}",
            "a b",
            "",
        ]
        socket = await sockets(bob)
        answer = await socket.subscribe(*asked)
        assert answer["streams"] == answer["facts"] == []
        assert sorted(answer["refused"]) == sorted(asked)
        await broadcast(f"post.{waiting.id}", {"type": "post.counted"})
        await broadcast(f"member.{alice.pk}", {"type": "notification.created"})
        assert await socket.receive_nothing(0.1)

    async def test_authors_subscribe_to_their_own_pending_post(self, sockets):
        alice = await member_named()
        waiting = await held_post_by(alice)
        socket = await sockets(alice)
        assert (await socket.subscribe(f"post.{waiting.id}"))["streams"] == [f"post.{waiting.id}"]

    async def test_nobody_subscribes_to_control_streams(self, sockets):
        alice, bob = await member_named(), await member_named()
        key = await signed_in_session(alice)
        socket = await sockets(bob)
        control = [streams.sockets_stream(alice.pk), streams.session_stream(key)]
        assert (await socket.subscribe(*control))["refused"] == control

    async def test_hiding_a_post_sends_a_message_and_ends_the_subscription(self, sockets):
        alice = await member_named()
        post = await post_by(alice)
        socket = await sockets()
        await socket.subscribe(f"post.{post.id}")

        @database_sync_to_async
        def hide() -> None:
            from core.events import deliver_pending

            deliver_pending()
            hold_post(post=post, reason="To be looked at.")
            deliver_pending()

        await hide()
        while (fact := await socket.hear())["type"] != "post.hidden":
            assert fact["type"] == "post.counted"
        assert fact["id"] == str(post.id)
        await broadcast(f"post.{post.id}", {"type": "post.counted", "likes": 7})
        assert await socket.receive_nothing(0.1)

    async def test_subscriptions_of_a_socket_are_limited(self, sockets, monkeypatch):
        monkeypatch.setattr(live, "MAX_STREAMS", 3)
        author = await member_named()
        names = [f"post.{(await post_by(author)).id}" for _ in range(5)]
        socket = await sockets()
        assert len((await socket.subscribe(*names[:2]))["streams"]) == 2
        answer = await socket.subscribe(*names)
        assert (len(answer["streams"]), len(answer["refused"])) == (3, 2)
        assert (await socket.hear())["code"] == "too_many_streams"


class TestCatchingUp:
    async def test_a_like_while_disconnected_is_in_the_catch_up(self, sockets):
        alice, bob = await member_named(), await member_named()
        post = await post_by(alice)
        first = await sockets()
        await first.subscribe(f"post.{post.id}")
        await first.disconnect()
        await database_sync_to_async(like_post)(post=post, by=bob)
        (fact,) = (await (await sockets()).subscribe(f"post.{post.id}"))["facts"]
        assert fact["likes"] == 1

    async def test_missed_notifications_are_in_the_catch_up(self, sockets):
        alice, bob = await member_named(), await member_named()
        missed = await database_sync_to_async(notify)(member=alice, kind=NotificationKind.FOLLOW, by=bob)
        answer = await (await sockets(alice)).subscribe(f"member.{alice.pk}", after=str(missed.pk - 1))
        counted, created = answer["facts"]
        assert (counted["type"], counted["unread"]) == ("notification.counted", 1)
        assert int(counted["as_of"]) > missed.pk
        assert created == {
            "type": "notification.created",
            "id": str(missed.pk),
            "kind": "follow",
            "unread": 1,
        }

    async def test_a_new_page_gets_the_number_and_no_old_notifications(self, sockets):
        alice, bob = await member_named(), await member_named()
        await database_sync_to_async(notify)(member=alice, kind=NotificationKind.FOLLOW, by=bob)
        answer = await (await sockets(alice)).subscribe(f"member.{alice.pk}")
        assert [(fact["type"], fact["unread"]) for fact in answer["facts"]] == [("notification.counted", 1)]

    async def test_polling_returns_the_same(self, sockets):
        alice, bob = await member_named(), await member_named()
        post = await post_by(bob)
        missed = await database_sync_to_async(notify)(member=alice, kind=NotificationKind.FOLLOW, by=bob)
        names = [f"member.{alice.pk}", f"post.{post.id}", "post.1", f"member.{bob.pk}"]
        by_socket = await (await sockets(alice)).subscribe(*names, after=str(missed.pk - 1))

        @database_sync_to_async
        def poll() -> Any:
            client = Client()
            client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
            return client.get("/live/since", {"streams": ",".join(names), "after": str(missed.pk - 1)}).json()

        by_polling = await poll()
        for answer in (by_polling, by_socket):
            answer["facts"][0].pop("as_of")
        assert {"type": "subscribed", **by_polling} == by_socket

    async def test_every_socket_gets_the_gap(self, sockets):
        socket = await sockets(await member_named())
        get_channel_layer().dispatch_gap()
        assert await socket.hear() == {"type": "gap"}


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            "1",
            "{}",
            '{"type": 1}',
            '{"type": "stream.message", "stream": "post.1", "message": {}}',
            '{"type": "subscribe"}',
            '{"type": "subscribe", "streams": "post.1"}',
            '{"type": "subscribe", "streams": [1]}',
            '{"type": "subscribe", "streams": [], "after": 5}',
            '{"type": "subscribe", "streams": [], "after": "-5"}',
            '{"type": "subscribe", "streams": [], "after": "99999999999999999999"}',
            '{"type": "unsubscribe"}',
            '{"type": "ping", "more": 1}',
            '{"type": "subscribe", "streams": [], "quietly": true}',
            '{"type": "subscribe", "streams": ["post.\\ud800"]}',
            '{"type": "\\ud800"}',
            "[" * 3000,
            json.dumps({"type": "ping " * 820}),
            json.dumps({"type": "é" * 2048}, ensure_ascii=False),
        ],
    )
    async def test_an_invalid_frame_closes_the_socket(self, sockets, text):
        socket = await sockets()
        await socket.send_to(text_data=text)
        assert (await socket.hear())["code"] == "not_understood"
        assert await socket.closed_with() == consumers.NOT_UNDERSTOOD

    async def test_a_binary_frame_closes_the_socket(self, sockets):
        socket = await sockets()
        await socket.send_to(bytes_data=b'{"type": "ping"}')
        assert await socket.closed_with() == consumers.NOT_UNDERSTOOD

    async def test_more_than_twenty_messages_a_second_close_the_socket(self, sockets):
        socket = await sockets()
        for _ in range(30):
            await socket.say(type="ping")
        heard = []
        while True:
            output = await socket.receive_output(timeout=5)
            if output["type"] == "websocket.close":
                break
            heard.append(json.loads(output["text"]))
        assert output["code"] == consumers.TOO_MANY
        assert heard[-1]["code"] == "too_many_messages"
        assert 20 <= len(heard) <= 23

    async def test_a_silent_socket_is_closed(self, sockets, monkeypatch):
        monkeypatch.setattr(live, "SILENT_AFTER", 0.5)
        socket = await sockets()
        assert await socket.closed_with() == consumers.SILENT

    async def test_a_socket_that_pings_stays(self, sockets, monkeypatch):
        monkeypatch.setattr(live, "SILENT_AFTER", 1.5)
        socket = await sockets()
        for _ in range(5):
            await asyncio.sleep(0.5)
            await socket.say(type="ping")
            assert await socket.hear() == {"type": "pong"}


class TestRights:
    async def test_signing_out_closes_the_sockets_of_that_session_only(self, sockets):
        alice = await member_named()
        here, there = await signed_in_session(alice), await signed_in_session(alice)
        socket, stays = await sockets(key=here), await sockets(key=there)
        await database_sync_to_async(streams.close_sockets_of_session)(here)
        assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED
        await stays.say(type="ping")
        assert await stays.hear() == {"type": "pong"}

    async def test_a_suspended_member_loses_every_socket(self, sockets):
        alice = await member_named()
        socket = await sockets(alice)

        @database_sync_to_async
        def switch_off() -> None:
            Member.objects.filter(pk=alice.pk).update(is_active=False)
            streams.recheck_sockets_of(alice.pk)

        await switch_off()
        assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED

    async def test_a_new_password_closes_the_sockets_of_the_old_one(self, sockets):
        alice = await member_named()
        socket = await sockets(alice)

        @database_sync_to_async
        def change() -> None:
            alice.set_password("another horse")
            alice.save()
            streams.recheck_sockets_of(alice.pk)

        await change()
        assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED

    async def test_a_session_that_ended_unnoticed_is_found_at_the_next_gap(self, sockets):
        alice = await member_named()
        key = await signed_in_session(alice)
        socket = await sockets(key=key)

        @database_sync_to_async
        def end() -> None:
            from importlib import import_module

            from django.conf import settings

            import_module(settings.SESSION_ENGINE).SessionStore(key).delete()

        await end()
        get_channel_layer().dispatch_gap()
        assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED

    async def test_a_session_that_ended_unnoticed_is_found_by_the_periodic_check(self, sockets, monkeypatch):
        monkeypatch.setattr(live, "RECHECK_EVERY", 0.1)
        monkeypatch.setattr(live, "SILENT_AFTER", 1.2)
        alice = await member_named()
        socket = await sockets(alice)
        await database_sync_to_async(Member.objects.filter(pk=alice.pk).update)(is_active=False)
        await asyncio.sleep(0.5)
        await socket.say(type="ping")
        assert await socket.closed_with() == consumers.NO_LONGER_ALLOWED

    async def test_changed_permissions_end_subscriptions(self, sockets):
        alice, bob = await member_named(), await member_named()
        post, kept = await post_by(alice), await post_by(bob)
        socket = await sockets(bob)
        await socket.subscribe(f"post.{post.id}", f"post.{kept.id}")

        @database_sync_to_async
        def hide_in_silence() -> None:
            type(post).objects.filter(pk=post.pk).update(state="held")
            streams.recheck_sockets_of(bob.pk)

        await hide_in_silence()
        assert await socket.hear() == {"type": "refused", "streams": [f"post.{post.id}"]}
        await broadcast(f"post.{post.id}", {"type": "post.counted", "likes": 1})
        await broadcast(f"post.{kept.id}", {"type": "post.counted", "likes": 2})
        assert (await socket.hear())["likes"] == 2

    async def test_only_subscribers_of_a_members_streams_check_again(self, sockets, monkeypatch):
        alice, bob = await member_named(), await member_named()
        post, other = await post_by(alice), await post_by(bob)
        one, two = await sockets(), await sockets()
        await one.subscribe(f"post.{post.id}")
        await two.subscribe(f"post.{other.id}")
        asked: list[Any] = []

        def look(viewer: Any, names: Any, after: Any) -> consumers.CatchUpResult:
            asked.append(names)
            return consumers.CatchUpResult()

        monkeypatch.setattr(live, "catch_up", look)
        await broadcast(streams.EVERY_SOCKET, {"type": "rights.changed", "owner": alice.pk})
        await asyncio.sleep(0.2)
        assert asked == [[f"post.{post.id}"]]


class Anything(Stream):
    """A stream that every viewer may subscribe to, with any key."""

    def catch_up(self, viewer, keys, after):
        return {key: [] for key in keys}


async def test_a_socket_that_fails_while_subscribing_leaves_nothing_behind(sockets, monkeypatch):
    before = dict(get_channel_layer()._groups)
    socket = await sockets()

    def broken(*_):
        raise RuntimeError("the database is away")

    monkeypatch.setattr(live, "catch_up", broken)
    await socket.say(type="subscribe", streams=["post.1", "post.2"])
    with pytest.raises(RuntimeError):
        await socket.wait(5)
    assert get_channel_layer()._groups == before


class TestSlowReaders:
    @pytest.fixture(autouse=True)
    def small_mailboxes(self, monkeypatch):
        self.layer = FanoutLayer(capacity=20)
        monkeypatch.setattr("channels.consumer.get_channel_layer", lambda alias: self.layer)
        for module in ("catching_up", "live"):
            monkeypatch.setattr(f"core.consumers.{module}.stream_handler", lambda prefix: Anything())

    def say(self, number: int) -> None:
        fact = {"type": "n", "n": number}
        self.layer.broadcast("post.1", {"type": "stream.message", "stream": "post.1", "message": fact})

    async def open(self, blocked: asyncio.Event) -> tuple[asyncio.Task, list[dict], asyncio.Queue]:
        """Open a socket whose writes wait while `blocked` is set, like those of a server with a full buffer."""
        from django.contrib.auth.models import AnonymousUser

        sent: list[dict] = []
        incoming: asyncio.Queue = asyncio.Queue()

        async def send(message: dict) -> None:
            while blocked.is_set():
                await asyncio.sleep(0.01)
            sent.append(message)

        scope = {"type": "websocket", "headers": headers(), "user": AnonymousUser()}
        task = asyncio.ensure_future(LiveConsumer()(scope, incoming.get, send))
        await incoming.put({"type": "websocket.connect"})
        await incoming.put({"type": "websocket.receive", "text": '{"type":"subscribe","streams":["post.1"]}'})
        while len(sent) < 2:
            await asyncio.sleep(0.01)
        return task, sent, incoming

    async def test_a_reader_that_never_reads_is_closed_and_does_not_delay_others(self):
        stuck, free = asyncio.Event(), asyncio.Event()
        slow, slow_sent, _ = await self.open(stuck)
        quick, quick_sent, quick_incoming = await self.open(free)
        stuck.set()
        for number in range(60):
            self.layer.broadcast(
                "post.1",
                {"type": "stream.message", "stream": "post.1", "message": {"type": "n", "n": number}},
            )
            await asyncio.sleep(0.005)
        await asyncio.wait_for(slow, 5)
        assert len(slow_sent) == 2
        assert [json.loads(m["text"])["n"] for m in quick_sent[2:]] == list(range(60))
        await quick_incoming.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(quick, 5)
        assert not self.layer._mailboxes
        assert not self.layer._groups

    async def test_a_reader_that_fell_behind_gets_the_close_code(self):
        stuck = asyncio.Event()
        task, sent, _ = await self.open(stuck)
        stuck.set()
        for number in range(60):
            self.layer.broadcast(
                "post.1",
                {"type": "stream.message", "stream": "post.1", "message": {"type": "n", "n": number}},
            )
        await asyncio.sleep(0.05)
        stuck.clear()
        await asyncio.wait_for(task, 5)
        assert sent[-1] == {"type": "websocket.close", "code": consumers.TOO_SLOW}

    async def test_a_single_write_times_out(self, monkeypatch):
        monkeypatch.setattr(live, "SEND_TIMEOUT", 0.2)
        stuck = asyncio.Event()
        task, _, _ = await self.open(stuck)
        stuck.set()
        self.say(1)
        await asyncio.wait_for(task, 3)
