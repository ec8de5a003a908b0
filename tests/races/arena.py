"""Where races are run: many threads, each on a connection of its own, that start every round together."""

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
"""Few, so that they can run each time; `make races` runs 200."""
LOG = os.environ.get("RACE_LOG", "")
"""Where figures are kept as they come, as lines of JSON: in full the races take long."""
PATIENCE = 180
"""Seconds that a round may take before somebody is said to wait for ever."""

Call = Callable[[], Any]


@dataclass
class Figures:
    """What is told of a race. `changed` are the calls that say they changed something, `rows` what is there at the
    end, `drift` the sum over all stored counters after each of the rounds."""

    name: str
    rounds: int
    parallel: int
    seconds: float
    changed: int
    refusals: int
    rows: int
    drift: int


class Race:
    """`run(round_of, check)`: in each round the calls of `round_of(number)` at the same moment, then `check(results)`,
    which asserts what must be true and returns how many rows there are.

    No call may raise anything but a Refusal, which takes the place of its result; no counter may drift.
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
    """Threads that wait for work together and do it together, round after round."""

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
    """Asserts what is always true; returns how many follow or ask to."""
    # Whoever asked while the account turned public is let in by the next job.
    for event_id in (
        OutboxEvent.objects.waiting().filter(name=RequestsApproved.name).values_list("id", flat=True)
    ):
        assert deliver_event(event_id)
    assert broken_rules() == []
    return Follow.objects.count() + FollowRequest.objects.count()


def _is_row(result: object) -> bool:
    return hasattr(result, "_meta")
