"""A request sent twice has one effect and one response."""

import threading

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from core import idempotency
from core.ids import new_id
from core.models import IdempotencyKey
from core.refusals import Conflict, Invalid
from core.tasks import KEEP_IDEMPOTENCY_KEYS, delete_expired


class Maker:
    """Create numbers with an idempotency key and record what was created."""

    def __init__(self):
        self.made = []

    def once(self, key, content="x", actor=1, purpose="test"):
        number = new_id()

        def make():
            self.made.append(number)
            return number

        with transaction.atomic():
            return idempotency.once(
                actor_id=actor,
                purpose=purpose,
                key=key,
                content=content,
                result_id=number,
                make=make,
                again=lambda first: first,
            )


@pytest.mark.django_db
def test_a_repeated_request_gets_the_first_result():
    maker = Maker()
    assert maker.once("k") == maker.once("k")
    assert len(maker.made) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_every_request_has_an_effect(key):
    maker = Maker()
    assert maker.once(key) != maker.once(key)
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_a_key_used_with_other_content_is_a_conflict():
    maker = Maker()
    maker.once("k", "one")
    with pytest.raises(Conflict):
        maker.once("k", "two")
    assert len(maker.made) == 1


@pytest.mark.django_db
def test_keys_are_separate_for_each_member_and_purpose():
    maker = Maker()
    results = {maker.once("k"), maker.once("k", actor=2), maker.once("k", purpose="other")}
    assert len(results) == 3


@pytest.mark.django_db
def test_a_failed_request_can_be_repeated_with_the_same_key():
    maker = Maker()

    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        idempotency.once(
            actor_id=1,
            purpose="test",
            key="k",
            content="x",
            result_id=5,
            make=fail,
            again=lambda first: first,
        )
    assert maker.once("k") == maker.made[0]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 201, "a\x00b", "a\nb", "\ud800"])
def test_an_invalid_key_is_refused(key):
    with pytest.raises(Invalid):
        Maker().once(key)


@pytest.mark.django_db
def test_any_text_has_a_fingerprint():
    maker = Maker()
    assert maker.once("k", "\ud800 日本") == maker.once("k", "\ud800 日本")


@pytest.mark.django_db
def test_a_key_expires_after_a_day():
    maker = Maker()
    maker.once("k")
    IdempotencyKey.objects.update(created_at=timezone.now() - KEEP_IDEMPOTENCY_KEYS * 1.01)
    delete_expired()
    maker.once("k", "other")
    assert len(maker.made) == 2


@pytest.mark.django_db(transaction=True)
def test_eight_concurrent_requests_with_one_key_have_one_effect():
    maker, results, faults = Maker(), [], []
    start = threading.Barrier(8)

    def send():
        try:
            start.wait()
            results.append(maker.once("k"))
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(results) == 8
    assert len(set(results)) == 1
    assert len(maker.made) == 1
    assert connection.vendor in ("sqlite", "postgresql")
