"""Run races: many threads, each with its own connection, that start every round at the same time."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connections

from config.counters import COUNTERS
from core.counters import drift_of
from core.events import deliver_event
from core.models import OutboxEvent
from core.refusals import Refusal
from core.trace import tracing
from social.events import RequestsApproved
from social.models import Follow, FollowRequest
from tests.architecture.truth import broken_rules

PARALLEL = int(os.environ.get("RACE_PARALLEL", "32"))
ROUNDS = int(os.environ.get("RACE_ROUNDS", "2"))
"""Few, so that every test run includes them; `make races` runs 200."""
LOG = os.environ.get("RACE_LOG", "")
"""A file to which the figures of each race are appended as a line of JSON, as a full run takes long."""
PATIENCE = 180
"""Seconds that a round may take before it counts as a deadlock."""

Call = Callable[[], Any]


@dataclass
class Figures:
    """The figures of a race: `changed` counts the calls that returned a change, `rows` the rows at the end, and `drift`
    sums the drift of all counters after each round."""

    name: str
    rounds: int
    parallel: int
    seconds: float
    changed: int
    refusals: int
    rows: int
    drift: int


class Race:
    """A race: `run(round_of, check)` makes the calls of `round_of(number)` at the same time in each round, then calls
    `check(results)`, which asserts what must be true and returns the number of rows.

    Calls may raise only a Refusal, which becomes their result, and no counter may drift.
    """

    def __init__(self, name: str, record: Callable[[str, object], None]) -> None:
        self.name = name
        self.record = record

    def run(
        self,
        round_of: Callable[[int], Sequence[Call]],
        check: Callable[[list[Any]], int],
        *,
        keep_events: bool = False,
    ) -> Figures:
        figures = Figures(self.name, 0, PARALLEL, 0.0, 0, 0, 0, 0)
        try:
            with Crew(PARALLEL) as crew:
                for number in range(ROUNDS):
                    calls = list(round_of(number))
                    assert len(calls) == PARALLEL
                    begun = time.perf_counter()
                    results = crew.at_once(calls)
                    figures.seconds += time.perf_counter() - begun
                    figures.rounds += 1
                    figures.refusals += sum(isinstance(result, Refusal) for result in results)
                    figures.changed += sum(result is True or _is_row(result) for result in results)
                    figures.drift += sum(drift_of(counter).sum for counter in COUNTERS)
                    faults = [
                        r for r in results if isinstance(r, BaseException) and not isinstance(r, Refusal)
                    ]
                    assert faults == [], f"round {number}: {faults}"
                    assert figures.drift == 0, [str(drift_of(counter)) for counter in COUNTERS]
                    figures.rows = check(results)
                    if not keep_events:
                        OutboxEvent.objects.all().delete()
        finally:
            self.record("race", asdict(figures))
            if LOG:
                with Path(LOG).open("a", encoding="utf-8") as log:
                    log.write(json.dumps(asdict(figures)) + "\n")
        assert figures.changed, "nobody ever changed anything: that was no race"
        return figures


class Crew:
    """Threads that make one call each at the same time, round after round."""

    def __init__(self, size: int) -> None:
        self.start, self.end = threading.Barrier(size + 1), threading.Barrier(size + 1)
        self.calls: Sequence[Call] = []
        self.results: list[Any] = []
        self.over = False
        self.threads = [
            threading.Thread(target=self._work, args=(place,), daemon=True) for place in range(size)
        ]

    def __enter__(self) -> Crew:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.over = True
        if not self.start.broken and not self.end.broken:
            self.start.wait(PATIENCE)
        for thread in self.threads:
            thread.join(PATIENCE)

    def at_once(self, calls: Sequence[Call]) -> list[Any]:
        self.calls, self.results = calls, [None] * len(calls)
        self.start.wait(PATIENCE)
        self.end.wait(PATIENCE)
        return self.results

    def _work(self, place: int) -> None:
        try:
            while True:
                self.start.wait(PATIENCE)
                if self.over:
                    return
                try:
                    with tracing("-"):
                        self.results[place] = self.calls[place]()
                except Exception as fault:
                    self.results[place] = fault
                self.end.wait(PATIENCE)
        finally:
            connections.close_all()


def rules_hold() -> int:
    """Assert what is always true, and return the number of follows and follow requests."""
    # Requests made while the account turned public are approved by the next job.
    for event_id in (
        OutboxEvent.objects.waiting().filter(name=RequestsApproved.name).values_list("id", flat=True)
    ):
        assert deliver_event(event_id)
    assert broken_rules() == []
    return Follow.objects.count() + FollowRequest.objects.count()


def _is_row(result: object) -> bool:
    return hasattr(result, "_meta")
