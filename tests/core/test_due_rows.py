"""Durable jobs (core.models.DueRow): due, claimed by one process, postponed, due again after a crash."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db.models import F
from django.utils import timezone

from core.models import DueRow, QueuedMail

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=60)
MODELS = [model for model in apps.get_models() if issubclass(model, DueRow)]


def queued(**fields: object) -> QueuedMail:
    return QueuedMail.objects.create(to="bob@example.com", subject="Hello", sealed_body="", **fields)


def in_seconds(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def test_due_rows_come_longest_due_first():
    late, later = queued(due_at=in_seconds(-10)), queued(due_at=in_seconds(-20))
    postponed, given_up = queued(due_at=in_seconds(10)), queued(given_up_at=timezone.now())
    assert list(QueuedMail.objects.due_ids()) == [later.pk, late.pk]
    assert set(QueuedMail.objects.waiting()) == {late, later, postponed}
    assert given_up not in QueuedMail.objects.due()


def test_a_row_is_claimed_by_one_process_and_by_another_when_the_lease_has_run_out():
    row = QueuedMail.objects.filter(pk=queued().pk)
    assert row.claim(LEASE, refusals=F("refusals") + 1) == 1
    assert row.claim(LEASE, refusals=F("refusals") + 1) == 0
    claimed = row.get()
    assert claimed.refusals == 1
    assert timedelta(seconds=50) < claimed.due_at - timezone.now() <= LEASE
    assert row.claim(LEASE, now=claimed.due_at) == 1
    assert row.get().due_at == claimed.due_at + LEASE


def test_a_given_up_row_is_not_claimed():
    assert QueuedMail.objects.filter(pk=queued(given_up_at=timezone.now()).pk).claim(LEASE) == 0


def test_a_waiting_row_is_postponed_with_its_error():
    waits, given_up = queued(), queued(given_up_at=timezone.now())
    assert QueuedMail.objects.postpone(LEASE, error="away") == 1
    waits.refresh_from_db()
    assert (waits.error, waits.due_at > in_seconds(50)) == ("away", True)
    assert not QueuedMail.objects.due().exists()
    given_up.refresh_from_db()
    assert given_up.error == ""
    assert QueuedMail.objects.filter(pk=waits.pk).postpone(timedelta(0)) == 1
    assert list(QueuedMail.objects.due()) == [waits]


def test_these_kinds_of_work_are_durable_jobs():
    assert {model.__name__ for model in MODELS} == {
        "DataExport",
        "DataImport",
        "DiscardedFile",
        "Draft",
        "Encoding",
        "LinkCard",
        "OutboxEvent",
        "Poll",
        "QueuedMail",
        "Review",
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_waiting_condition_uses_columns_of_its_own_table_only(model: type[DueRow]):
    """A joined condition is not checked again by PostgreSQL when two processes claim the row."""
    assert "JOIN" not in str(model._default_manager.due().query)  # type: ignore[attr-defined]
    assert model._default_manager.claim(LEASE) == 0  # type: ignore[attr-defined]
