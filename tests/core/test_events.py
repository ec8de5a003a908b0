import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from core import events
from core.actions import unpark_events
from core.events import MAX_ATTEMPTS, Event, deliver_event, deliver_pending, emit
from core.models import Delivery, OutboxEvent
from core.tasks import delete_expired, relay
from tests.factories import make_member

heard: list[int] = []
faulty: set[int] = set()


@dataclass(frozen=True, kw_only=True)
class BellRung(Event):
    number: int


@dataclass(frozen=True, kw_only=True)
class NobodyListens(Event):
    number: int


def hear(event: BellRung) -> None:
    Member.objects.filter(username="listener").update(posts_count=event.number)
    if event.number in faulty:
        raise ValueError("the bell is cracked")
    heard.append(event.number)


def hear_too(event: BellRung) -> None:
    heard.append(-event.number)


SUBSCRIPTIONS = {BellRung: [f"{__name__}.hear", f"{__name__}.hear_too"]}


@pytest.fixture(autouse=True)
def _bell(settings: Any) -> Iterator[None]:
    settings.SUBSCRIPTIONS = f"{__name__}.SUBSCRIPTIONS"
    events._table.cache_clear()
    heard.clear()
    faulty.clear()
    yield
    events._table.cache_clear()


def ring(number: int) -> OutboxEvent:
    with transaction.atomic():
        emit(BellRung(number=number))
    return OutboxEvent.objects.order_by("-id")[0]


@pytest.mark.django_db
def test_every_subscriber_handles_an_event_once() -> None:
    row = ring(1)
    assert deliver_event(row.id)
    assert deliver_event(row.id)
    assert heard == [1, -1]
    row.refresh_from_db()
    assert row.delivered_at is not None


@pytest.mark.django_db
def test_a_rolled_back_event_is_not_delivered() -> None:
    with transaction.atomic():
        emit(BellRung(number=1))
        transaction.set_rollback(True)
    assert deliver_pending() == 0
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        emit(BellRung(number=1))


@pytest.mark.django_db(transaction=True)
def test_delivery_follows_the_commit_by_itself() -> None:
    ring(5)
    assert heard == [5, -5]


@pytest.mark.django_db
def test_an_event_without_subscribers_leaves_no_row() -> None:
    with transaction.atomic():
        emit(NobodyListens(number=1))
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_a_failed_subscriber_does_not_stop_the_others_and_is_retried_alone() -> None:
    faulty.add(1)
    row = ring(1)
    assert not deliver_event(row.id)
    assert heard == [-1]
    faulty.clear()
    assert deliver_event(row.id)
    assert heard == [-1, 1]


@pytest.mark.django_db
def test_a_failed_subscriber_leaves_no_half_effect() -> None:
    make_member("listener")
    faulty.add(7)
    deliver_event(ring(7).id)
    assert Member.objects.get(username="listener").posts_count == 0
    assert not Delivery.objects.filter(subscriber__endswith=".hear").exists()


@pytest.mark.django_db
def test_events_that_keep_failing_are_parked_and_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    faulty.update({3, 33, 63, 93, 123})
    for number in range(1, 151):
        ring(number)
    for _ in range(MAX_ATTEMPTS):
        OutboxEvent.objects.waiting().update(due_at=timezone.now() - timedelta(seconds=1))
        deliver_pending()
    assert sorted(n for n in heard if n > 0) == sorted(set(range(1, 151)) - faulty)
    parked = OutboxEvent.objects.parked()
    assert {row.payload["number"] for row in parked} == faulty
    assert all("the bell is cracked" in row.error for row in parked)


@pytest.mark.django_db
def test_parked_events_are_in_the_admin_and_can_be_retried(client: Client) -> None:
    faulty.add(1)
    row = ring(1)
    for _ in range(MAX_ATTEMPTS):
        deliver_event(row.id)
    row.refresh_from_db()
    assert row.parked_at is not None
    client.force_login(Member.objects.create_superuser("root", "root@example.com", "x"))
    page = client.get("/admin/core/outboxevent/?state=parked")
    assert str(row.id) in page.content.decode()
    faulty.clear()
    assert unpark_events(ids=[row.id]) == 1
    assert deliver_event(row.id)
    assert heard == [-1, 1]


@pytest.mark.django_db
def test_the_relay_delivers_late_events(django_capture_on_commit_callbacks: Any) -> None:
    ring(1)
    with django_capture_on_commit_callbacks(execute=True):
        relay()
    assert heard == [], "not yet due"
    OutboxEvent.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        relay()
    assert heard == [1, -1]


@pytest.mark.django_db
def test_delivered_events_are_deleted_after_a_week_and_parked_ones_are_kept() -> None:
    delivered, waiting = ring(1), ring(2)
    deliver_event(delivered.id)
    OutboxEvent.objects.filter(pk=delivered.id).update(delivered_at=timezone.now() - timedelta(days=8))
    OutboxEvent.objects.filter(pk=waiting.id).update(parked_at=timezone.now() - timedelta(days=80))
    delete_expired()
    assert list(OutboxEvent.objects.values_list("id", flat=True)) == [waiting.id]


@pytest.mark.django_db(transaction=True)
def test_parallel_deliveries_have_one_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.events.enqueue", lambda *args: None, raising=False)
    monkeypatch.setattr("core.jobs.enqueue", lambda *args, **kwargs: None)
    row = ring(9)

    def deliver() -> None:
        try:
            deliver_event(row.id)
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == [-9, 9]
