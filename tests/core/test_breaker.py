"""The circuit breaker in front of Redis: one call runs into the timeout, and one probes whether Redis is back."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Member
from core import jobs, rates
from core.breaker import REDIS_TIMEOUT, Breaker, Open, redis_breaker
from core.layers import FanoutLayer
from core.tasks import relay
from tests.services.processes import Server


@pytest.fixture
def breaker() -> Breaker:
    return Breaker("it", faults=(OSError,), pause=0.2)


def fail(breaker: Breaker) -> None:
    with pytest.raises(OSError), breaker.guard():
        raise OSError


def test_one_fault_opens_the_breaker(breaker: Breaker) -> None:
    fail(breaker)
    for _ in range(3):
        with pytest.raises(Open), breaker.guard():
            pytest.fail("it was asked")


def test_other_errors_do_not_open_the_breaker(breaker: Breaker) -> None:
    with pytest.raises(ValueError), breaker.guard():
        raise ValueError
    assert not breaker.is_open


def test_one_of_many_calls_probes_and_its_success_closes_the_breaker(breaker: Breaker) -> None:
    fail(breaker)
    time.sleep(breaker.pause)
    tried: list[str] = []
    start, answer = threading.Barrier(9), threading.Event()

    def call() -> None:
        start.wait()
        try:
            with breaker.guard():
                tried.append("asked")
                answer.wait(5)
        except Open:
            tried.append("refused")
            if tried.count("refused") == 7:
                answer.set()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    assert sorted(tried) == ["asked"] + ["refused"] * 7
    assert not breaker.is_open


def test_a_failed_probe_starts_a_new_pause(breaker: Breaker) -> None:
    fail(breaker)
    time.sleep(breaker.pause)
    fail(breaker)
    with pytest.raises(Open), breaker.guard():
        pytest.fail("it was asked")


def test_a_call_that_began_before_the_fault_does_not_end_the_pause(breaker: Breaker) -> None:
    with breaker.guard():
        fail(breaker)
    assert breaker.is_open


def test_an_aborted_probe_leaves_the_next_to_another_call(breaker: Breaker) -> None:
    fail(breaker)
    time.sleep(breaker.pause)
    with pytest.raises(KeyboardInterrupt), breaker.guard():
        raise KeyboardInterrupt
    with breaker.guard():
        pass
    assert not breaker.is_open


def test_a_callback_runs_once_before_other_calls(breaker: Breaker) -> None:
    done: list[str] = []
    fail(breaker)
    breaker.before_others(lambda: done.append("owed"))
    assert done == []
    time.sleep(breaker.pause)
    for _ in range(2):
        with breaker.guard():
            done.append("asked")
    assert done == ["owed", "asked", "asked"]


def test_a_failed_callback_is_retried(breaker: Breaker) -> None:
    done: list[int] = []

    def pay() -> None:
        done.append(1)
        if len(done) == 1:
            raise OSError

    fail(breaker)
    breaker.before_others(pay)
    for _ in range(2):
        time.sleep(breaker.pause)
        try:
            with breaker.guard():
                done.append(2)
        except OSError:
            pass
    assert done == [1, 1, 2]


# --- Redis -------------------------------------------------------------------------------------------------


@pytest.fixture
def silent(settings) -> Iterator[str]:
    """Use a Redis that accepts connections but never replies, for the cache, limits, jobs and live messages."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        _use(settings, url)
        yield url


def _use(settings, url: str) -> None:
    given = {"socket_timeout": REDIS_TIMEOUT, "socket_connect_timeout": REDIS_TIMEOUT}
    settings.REDIS_URL = url
    settings.CACHES = {
        "default": {"BACKEND": "core.caches.ForgivingRedisCache", "LOCATION": url, "OPTIONS": given}
    }


def test_all_uses_of_redis_wait_once_in_total(silent: str, db: None) -> None:
    layer = FanoutLayer(redis_url=silent)
    started = time.monotonic()
    for number in range(5):
        assert cache.get(f"key{number}") is None
        cache.set(f"key{number}", 1)
        assert rates.count("somebody", rates.Rate(100, 60)).allowed
        layer.broadcast("post.1", {"type": "n"})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(relay, "apply_async", lambda *args, **kwargs: pytest.fail("it was sent"))
            jobs.enqueue(relay)
    assert time.monotonic() - started < REDIS_TIMEOUT + 0.8


def test_limits_hold_in_this_process_while_redis_is_down(silent: str) -> None:
    verdicts = [rates.count("many", rates.Rate(3, 3600)).allowed for _ in range(5)]
    assert verdicts == [True, True, True, False, False]


def test_a_code_is_used_once(silent: str) -> None:
    """allauth marks a code as used with `cache.add`; if that failed without Redis, no code could be used to sign in."""
    key = "allauth.mfa.totp.used?user=1&code=123456"
    assert [cache.add(key, "y", timeout=30) for _ in range(2)] == [True, False]


def test_a_session_that_ended_while_redis_was_down_stays_ended(
    redis_server: Server, redis_url: str, settings, alice: Member
) -> None:
    """Its copy in Redis was not deleted, and must not be valid when Redis is back."""
    _use(settings, redis_url)
    breaker = redis_breaker(redis_url)
    client = Client()
    client.force_login(alice)
    assert client.get("/settings").status_code == 200
    with pytest.raises(OSError), breaker.guard():
        raise OSError("away")
    stolen = client.cookies["sessionid"].value
    client.logout()
    breaker._open_until = 0.0
    again = Client()
    again.cookies["sessionid"] = stolen
    assert again.get("/settings").status_code == 302
