"""The health checks for load balancers and operators."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from config.queues import QUEUES
from core.health import SCHEDULE, jobs_of, record_heartbeat
from core.models import Heartbeat, ScheduledRun
from core.schedule import DatabaseScheduler
from core.tasks import heartbeat

pytestmark = pytest.mark.django_db

PARTS = [SCHEDULE, *(jobs_of(queue) for queue in QUEUES)]


def asked(path: str) -> tuple[int, dict[str, Any]]:
    answer = Client().get(path)
    return answer.status_code, answer.json()


def test_a_site_that_has_never_run_a_job_is_degraded_but_ready() -> None:
    status, said = asked("/health/ready")
    assert (status, said["status"]) == (200, "degraded")
    assert said["parts"] == {"database": "ok", "disk": "ok", **dict.fromkeys(PARTS, "late")}


def test_a_site_whose_parts_all_work_is_ok() -> None:
    record_heartbeat(SCHEDULE)
    for queue in QUEUES:
        heartbeat.delay(queue)
    assert asked("/health/ready") == (
        200,
        {"status": "ok", "parts": {"database": "ok", "disk": "ok", **dict.fromkeys(PARTS, "ok")}},
    )
    assert asked("/health/jobs")[0] == 200


@pytest.mark.parametrize("part", PARTS)
def test_a_part_without_a_recent_heartbeat_is_late(part: str) -> None:
    for other in PARTS:
        record_heartbeat(other)
    Heartbeat.objects.filter(name=part).update(at=timezone.now() - timedelta(seconds=90))
    status, said = asked("/health/ready")
    assert (status, said["status"]) == (200, "degraded")
    assert [name for name, state in said["parts"].items() if state != "ok"] == [part]
    assert asked("/health/jobs") == (
        503,
        {"status": "late", "parts": dict.fromkeys(PARTS, "ok") | {part: "late"}},
    )


def test_only_a_database_that_is_down_makes_the_process_unavailable() -> None:
    def away(*args: Any) -> None:
        raise OperationalError

    with connection.execute_wrapper(away):
        status, said = asked("/health/ready")
        assert (status, said["status"], said["parts"]["database"]) == (503, "unavailable", "away")
        assert asked("/health/jobs")[0] == 503
        assert asked("/health/live")[0] == 200


def test_beat_records_a_heartbeat_and_remembers_runs_after_a_restart() -> None:
    from config.celery import app

    yesterday = timezone.now() - timedelta(days=1, minutes=5)
    ScheduledRun.objects.create(name="train the ranker", at=yesterday)
    ScheduledRun.objects.create(name="relay events", at=yesterday)
    beat = DatabaseScheduler(app)
    assert beat.schedule["train the ranker"].is_due()[0]
    assert not beat.schedule["forget unused words"].is_due()[0]
    assert beat.schedule["relay events"].is_due()[0]
    beat.reserve(beat.schedule["train the ranker"])
    assert ScheduledRun.objects.get(name="train the ranker").at > yesterday
    assert not DatabaseScheduler(app).schedule["train the ranker"].is_due()[0]
