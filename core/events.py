"""Events: what happened, for subscribers in other apps. They survive crashes.

`emit` writes an outbox row in the transaction of the change itself. After the commit a job delivers it to the
subscribers named in `config/subscriptions.py`; the relay (core.tasks.relay) finds what was not delivered. Each
subscriber runs in one transaction together with the row that says it ran, so its effect in the database happens
exactly once, however often delivery is tried. An event that keeps failing is parked, and shown in the admin.
"""

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar, Self

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from core.db import insert_once
from core.jobs import enqueue
from core.trace import current_trace_id, tracing

log = logging.getLogger("kith.events")

MAX_ATTEMPTS = 6
FIRST_TRY_WITHIN = timedelta(seconds=10)
"""How long the job that is sent at the commit has before the relay sends another."""

_registry: dict[str, type["Event"]] = {}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events: subclass as a frozen, keyword-only dataclass with ids and plain values as fields."""

    name: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.name = f"{cls.__module__.split('.')[0]}.{cls.__name__}"
        _registry[cls.name] = cls

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        return cls(**payload)


Subscriber = Callable[[Any], None]


def event_class(name: str) -> type[Event]:
    return _registry[name]


@cache
def _table() -> dict[str, list[tuple[str, Subscriber]]]:
    """Return the registry of config/subscriptions.py: event name → [(dotted name, function)]."""
    table: Mapping[type[Event], Sequence[str]] = import_string(settings.SUBSCRIPTIONS)
    return {event.name: [(path, import_string(path)) for path in paths] for event, paths in table.items()}


def emit(event: Event) -> None:
    """Write the event into the outbox of the running transaction, to be delivered after its commit.

    Raises RuntimeError outside a transaction, where the event could be saved without the change it reports.
    """
    from core.models import OutboxEvent

    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"emit({event.name}) outside a transaction")
    if event.name not in _table():
        return
    row = OutboxEvent.objects.create(
        name=event.name,
        payload=dataclasses.asdict(event),
        trace_id=current_trace_id(),
        due_at=timezone.now() + FIRST_TRY_WITHIN,
    )
    enqueue(deliver, row.id)


@shared_task
def deliver(event_id: int) -> None:
    """Deliver one event; sent after its commit."""
    deliver_event(event_id)


@shared_task
def deliver_many(event_ids: list[int]) -> None:
    """Deliver several events; sent by the relay."""
    for event_id in event_ids:
        deliver_event(event_id)


def deliver_event(event_id: int) -> bool:
    """Run every subscriber of the event that has not run yet. Return True if none is left.

    Safe to call at any time, repeatedly and concurrently.
    """
    from core.models import Delivery, OutboxEvent

    row = OutboxEvent.objects.waiting().filter(pk=event_id).first()
    if row is None:
        return True
    done: set[str] = set()
    if row.attempts:
        done.update(Delivery.objects.filter(event_id=row.id).values_list("subscriber", flat=True))
    faults: list[str] = []
    with tracing(row.trace_id):
        for path, subscriber in _table().get(row.name, []):
            if path in done:
                continue
            try:
                with transaction.atomic():
                    if insert_once(Delivery(event_id=row.id, subscriber=path)):
                        subscriber(event_class(row.name).from_payload(row.payload))
            except Exception as fault:
                log.exception("%s failed on %s %s", path, row.name, row.id)
                faults.append(f"{path}: {type(fault).__name__}: {fault}")
    now = timezone.now()
    if not faults:
        OutboxEvent.objects.filter(pk=row.id).update(delivered_at=now)
        return True
    attempts = row.attempts + 1
    OutboxEvent.objects.filter(pk=row.id).postpone(
        timedelta(seconds=2**attempts),
        attempts=attempts,
        error="\n".join(faults)[:2000],
        parked_at=now if attempts >= MAX_ATTEMPTS else None,
    )
    return False


def deliver_pending(limit: int = 10_000) -> int:
    """Deliver all waiting events now, and the events that their subscribers emit. Return how many were delivered.

    For commands and tests; the running site has `core.tasks.relay`.
    """
    from core.models import OutboxEvent

    delivered = 0
    tried: set[int] = set()
    while delivered < limit:
        ids = [
            i
            for i in OutboxEvent.objects.waiting().order_by("id").values_list("id", flat=True)[:500]
            if i not in tried
        ]
        if not ids:
            break
        for event_id in ids:
            tried.add(event_id)
            delivered += deliver_event(event_id)
    return delivered
