"""The registry of subscriptions is complete: each event has a subscriber or is listed, and names resolve."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Task, current_app
from django.apps import apps
from django.utils.module_loading import import_string

from config.queues import QUEUES, ROUTES
from config.schedule import SCHEDULE
from config.subscriptions import SUBSCRIPTIONS
from core.events import Event

ROOT = Path(__file__).resolve().parents[2]
OURS = [app.label for app in apps.get_app_configs() if Path(app.path).parent == ROOT]
# Subscribed to only by their own app, and more than a live message or a row that a sweep finds: sockets of an ended
# session are closed even if the process dies, and large numbers of requests are approved in batches.
OF_ONE_APP = {"SessionEnded", "RequestsApproved"}


def events() -> Iterator[type[Event]]:
    for label in OURS:
        if label != "core" and (ROOT / label / "events.py").exists():
            for _, found in inspect.getmembers(importlib.import_module(f"{label}.events"), inspect.isclass):
                if issubclass(found, Event) and found is not Event:
                    yield found


SUBSCRIBERS = [(event, path) for event, paths in SUBSCRIPTIONS.items() for path in paths]


def test_every_event_has_a_subscriber() -> None:
    heard = {event.__name__ for event, paths in SUBSCRIPTIONS.items() if paths}
    assert {event.__name__ for event in events()} == heard


def test_an_event_is_for_other_apps() -> None:
    """For work in its own app, an action writes a row and sends its job, or publishes on commit."""
    own = {
        event.__name__
        for event, paths in SUBSCRIPTIONS.items()
        if {path.partition(".")[0] for path in paths} == {event.__module__.partition(".")[0]}
    }
    assert own == OF_ONE_APP


@pytest.mark.parametrize(("event", "path"), SUBSCRIBERS, ids=[f"{e.__name__}-{p}" for e, p in SUBSCRIBERS])
def test_subscribers_are_functions_in_tasks_that_take_the_event(event: type[Event], path: str) -> None:
    subscriber = import_string(path)
    app, module, _ = path.split(".")
    assert app in OURS
    assert module == "tasks"
    assert not isinstance(subscriber, Task), "a subscriber runs inside the delivery, not as a job of its own"
    (parameter,) = inspect.signature(subscriber).parameters.values()
    takes = inspect.get_annotations(subscriber, eval_str=True)[parameter.name]
    assert issubclass(event, takes)


def test_no_subscriber_is_registered_twice() -> None:
    assert {event: paths for event, paths in SUBSCRIPTIONS.items() if len(set(paths)) != len(paths)} == {}


@pytest.mark.parametrize("event", list(events()), ids=lambda event: event.name)
def test_events_contain_plain_values_that_survive_the_outbox(event: type[Event]) -> None:
    fields = inspect.get_annotations(event, eval_str=True)
    fields.pop("name", None)
    plain = {int, str, bool, int | None, str | None, bool | None, list[int]}
    assert {name: kind for name, kind in fields.items() if kind not in plain} == {}


@pytest.mark.parametrize("name", SCHEDULE)
def test_scheduled_jobs_take_no_arguments(name: str) -> None:
    entry = SCHEDULE[name]
    task = import_string(entry["task"])
    assert isinstance(task, Task) or task.name in current_app.tasks
    assert task.name == entry["task"]
    assert entry["schedule"] > 0
    inspect.signature(task.run).bind(*entry.get("args", ()), **entry.get("kwargs", {}))


def test_jobs_are_scheduled_once() -> None:
    sent = [(entry["task"], *entry.get("args", ())) for entry in SCHEDULE.values()]
    assert len(set(sent)) == len(sent)


def test_every_enqueued_job_name_exists() -> None:
    named = {
        name
        for label in OURS
        for file in (ROOT / label).rglob("*.py")
        for name in re.findall(r'enqueue\(\s*"([^"]+)"', file.read_text())
    }
    assert "accounts.tasks.make_export" in named
    assert named <= set(ROUTES)


def test_every_job_has_a_queue() -> None:
    current_app.loader.import_default_modules()
    ours = {name for name in current_app.tasks if name.partition(".")[0] in OURS}
    assert ours == set(ROUTES)
    assert set(ROUTES.values()) == set(QUEUES)
