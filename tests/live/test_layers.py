"""Test the channel layer with threads, processes, and a Redis that stops and restarts."""

import asyncio
import socket
import threading
import time
from contextlib import asynccontextmanager

import pytest

from core.breaker import PAUSE
from core.layers import GAP, OVERFLOW, REDIS_CHANNEL, FanoutLayer
from tests.services.processes import free_port
from tests.services.redis import start_redis

MESSAGE = {"type": "stream.message", "stream": "post.1", "message": {"type": "post.counted", "likes": 1}}


async def follower(layer: FanoutLayer, group: str = "post.1") -> str:
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    return channel


async def received(layer: FanoutLayer, channel: str, seconds: float = 2) -> dict:
    return await asyncio.wait_for(layer.receive(channel), seconds)


async def nothing_comes(layer: FanoutLayer, channel: str, seconds: float = 0.2) -> bool:
    try:
        await received(layer, channel, seconds)
    except TimeoutError:
        return True
    return False


@asynccontextmanager
async def layers(redis_url: str, count: int = 2):
    """Create a layer for each process."""
    made = [FanoutLayer(redis_url=redis_url) for _ in range(count)]
    try:
        yield made
    finally:
        for layer in made:
            await layer.close()
        await asyncio.sleep(0.05)


class TestInOneProcess:
    async def test_only_the_group_gets_its_messages(self):
        layer = FanoutLayer()
        one, other = await follower(layer, "post.1"), await follower(layer, "post.2")
        layer.broadcast("post.1", MESSAGE)
        assert await received(layer, one) == MESSAGE
        assert await nothing_comes(layer, other)

    async def test_messages_arrive_in_order(self):
        layer = FanoutLayer()
        channel = await follower(layer)
        for number in range(50):
            layer.broadcast("post.1", {"type": "n", "n": number})
        assert [(await received(layer, channel))["n"] for _ in range(50)] == list(range(50))

    async def test_a_worker_thread_reaches_an_idle_socket_within_200_ms(self):
        layer = FanoutLayer()
        channel = await follower(layer)
        said = []

        def work() -> None:
            time.sleep(0.1)
            said.append(time.perf_counter())
            layer.broadcast("post.1", MESSAGE)

        reading = asyncio.ensure_future(received(layer, channel))
        await asyncio.sleep(0)
        thread = threading.Thread(target=work)
        thread.start()
        assert await reading == MESSAGE
        assert time.perf_counter() - said[0] < 0.2
        thread.join()

    async def test_many_threads_at_once_lose_nothing(self):
        layer = FanoutLayer(capacity=1000)
        channel = await follower(layer)

        def work(start: int) -> None:
            for number in range(start, start + 50):
                layer.broadcast("post.1", {"type": "n", "n": number})

        threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 400, 50)]
        for thread in threads:
            thread.start()
        heard = {(await received(layer, channel))["n"] for _ in range(400)}
        assert heard == set(range(400))
        for thread in threads:
            thread.join()

    async def test_a_channel_that_left_a_group_gets_nothing_more(self):
        layer = FanoutLayer()
        channel = await follower(layer)
        await layer.group_discard("post.1", channel)
        layer.broadcast("post.1", MESSAGE)
        assert await nothing_comes(layer, channel)

    async def test_a_removed_channel_leaves_nothing_behind(self):
        layer = FanoutLayer()
        channel = await follower(layer)
        layer.remove_channel(channel)
        layer.broadcast("post.1", MESSAGE)
        assert not layer._groups
        assert not layer._mailboxes

    async def test_a_slow_reader_overflows_and_the_others_get_everything(self):
        layer = FanoutLayer(capacity=10)
        slow, quick = await follower(layer), await follower(layer)
        called = []
        layer.watch_overflow(slow, lambda: called.append(True))
        for number in range(30):
            layer.broadcast("post.1", {"type": "n", "n": number})
            assert (await received(layer, quick))["n"] == number
        assert called == [True]
        assert await received(layer, slow) == OVERFLOW
        assert await nothing_comes(layer, slow)

    async def test_of_many_counts_in_a_row_the_first_and_the_last_are_sent(self):
        layer = FanoutLayer()
        channel = await follower(layer)
        for number in range(1000):
            layer.broadcast("post.1", {"type": "n", "n": number, "latest": "n"})
        assert (await received(layer, channel, 0.2))["n"] == 0
        assert (await received(layer, channel))["n"] == 999
        assert await nothing_comes(layer, channel, 0.5)
        layer.broadcast("post.1", {"type": "n", "n": 1000, "latest": "n"})
        assert (await received(layer, channel, 0.2))["n"] == 1000
        layer.remove_channel(channel)
        assert not layer._coalesced

    async def test_coalescing_one_group_or_type_does_not_delay_another(self):
        layer = FanoutLayer()
        one, other = await follower(layer, "post.1"), await follower(layer, "post.2")
        layer.broadcast("post.1", {"type": "n", "n": 1, "latest": "n"})
        layer.broadcast("post.2", {"type": "n", "n": 2, "latest": "n"})
        layer.broadcast("post.1", {"type": "m", "m": 3, "latest": "m"})
        layer.broadcast("post.1", MESSAGE)
        assert (await received(layer, other, 0.2))["n"] == 2
        heard = [await received(layer, one, 0.2) for _ in range(3)]
        assert [message["type"] for message in heard] == ["n", "m", "stream.message"]

    async def test_the_group_methods_of_channels_work(self):
        layer = FanoutLayer()
        channel = await follower(layer)
        await layer.group_send("post.1", MESSAGE)
        assert await received(layer, channel) == MESSAGE
        await layer.send(channel, MESSAGE)
        assert await received(layer, channel) == MESSAGE

    async def test_an_invalid_group_name_is_refused(self):
        with pytest.raises(TypeError):
            FanoutLayer().broadcast("a b", MESSAGE)


class TestBetweenProcesses:
    async def test_a_message_of_one_process_reaches_the_sockets_of_all(self, redis_url):
        async with layers(redis_url, 3) as (here, there, third):
            channels = [(layer, await follower(layer)) for layer in (here, there)]
            stranger = await follower(third, "post.2")
            await asyncio.to_thread(here.broadcast, "post.1", MESSAGE)
            for layer, channel in channels:
                assert await received(layer, channel) == MESSAGE
                assert await nothing_comes(layer, channel), "said twice"
            assert await nothing_comes(third, stranger)

    async def test_a_process_has_one_subscription_however_many_sockets(self, redis_url):
        import redis

        async with layers(redis_url, 2) as made:
            for layer in made:
                for _ in range(20):
                    await follower(layer)
            with redis.Redis.from_url(redis_url) as client:
                assert client.pubsub_numsub(REDIS_CHANNEL)[0][1] == 2

    async def test_the_last_socket_ends_the_subscription(self, redis_url):
        import redis

        async with layers(redis_url, 1) as (layer,):
            channel = await follower(layer)
            layer.remove_channel(channel)
            await asyncio.sleep(0.1)
            with redis.Redis.from_url(redis_url) as client:
                assert client.pubsub_numsub(REDIS_CHANNEL)[0][1] == 0
            again = await follower(layer)
            await asyncio.to_thread(layer.broadcast, "post.1", MESSAGE)
            assert await received(layer, again) == MESSAGE

    async def test_a_broken_subscription_reconnects_and_reports_a_gap(self, redis_url):
        import redis

        async with layers(redis_url) as (here, there):
            channel = await follower(there)
            with redis.Redis.from_url(redis_url) as client:
                client.client_kill_filter(_type="pubsub")
            assert await received(there, channel, 5) == GAP
            await asyncio.to_thread(here.broadcast, "post.1", MESSAGE)
            assert await received(there, channel) == MESSAGE

    async def test_invalid_data_on_the_channel_is_ignored(self, redis_url):
        import redis

        async with layers(redis_url) as (here, there):
            channel = await follower(there)
            with redis.Redis.from_url(redis_url) as client:
                for noise in ("", "{", "[]", "{}", '{"group": 1, "message": {}}', "\x00"):
                    client.publish(REDIS_CHANNEL, noise)
            await asyncio.to_thread(here.broadcast, "post.1", MESSAGE)
            assert await received(there, channel) == MESSAGE


@pytest.mark.faults
@pytest.mark.redis
class TestWithoutRedis:
    async def test_without_redis_messages_stay_in_the_process(self):
        async with layers(f"redis://127.0.0.1:{free_port()}/0", 1) as (layer,):
            channel = await follower(layer)
            started = time.perf_counter()
            await asyncio.to_thread(lambda: [layer.broadcast("post.1", MESSAGE) for _ in range(10)])
            assert time.perf_counter() - started < 1.5
            assert await received(layer, channel) == MESSAGE

    async def test_a_hanging_redis_causes_only_a_short_delay(self):
        # It accepts connections and never responds.
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
            async with layers(url, 1) as (layer,):
                started = time.perf_counter()
                await asyncio.to_thread(lambda: [layer.broadcast("post.1", MESSAGE) for _ in range(10)])
                await follower(layer)
                await follower(layer)
                assert time.perf_counter() - started < 4

    async def test_after_a_redis_outage_every_socket_gets_a_gap_and_messages_again(self):
        port = free_port()
        server = start_redis(port=port)
        async with layers(server.url) as (here, there):
            channel = await follower(there)
            server.stop()
            await asyncio.to_thread(here.broadcast, "post.1", MESSAGE)
            server = start_redis(port=port)
            try:
                assert await received(there, channel, 15) == GAP
                await asyncio.sleep(PAUSE + 0.1)
                await asyncio.to_thread(here.broadcast, "post.1", MESSAGE)
                heard = await received(there, channel, 5)
                while heard == GAP:  # The sender publishes a gap, too.
                    heard = await received(there, channel, 5)
                assert heard == MESSAGE
            finally:
                await here.close()
                await there.close()
                server.stop()
