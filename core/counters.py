"""Stored counters: what each one counts, how far it has drifted, and how it is corrected while the site runs.

An action changes a counter in the transaction that adds or removes what it counts, which locks the counter’s
row (`F() + 1`), so counters normally don’t drift. A restored backup, rows deleted by hand or a bug may make them. Each
app lists its counters in `counters.py`; config/counters.py has them all.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

CHUNK = 500
"""How many rows one statement compares, and one transaction corrects."""


@dataclass(frozen=True)
class Counter:
    """In each row of `model`, the field `name` counts the rows of `rows` that point to it by `by`."""

    model: type[models.Model]
    name: str
    rows: "Callable[[], models.QuerySet[Any]]"
    by: str
    to: str = "pk"
    """The field of the model that `by` refers to."""
    among: "Callable[[], models.QuerySet[Any]] | None" = None
    """The rows of the model that have the counter; by default all."""

    def counting(self) -> "models.QuerySet[Any]":
        return self.among() if self.among is not None else self.model._base_manager.all()

    def counted(self) -> Coalesce:
        rows = self.rows().filter(**{self.by: OuterRef(self.to)}).order_by().values(self.by)
        return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)

    def wrong(self, among: "models.QuerySet[Any]") -> dict[int, int]:
        """Return row → how far it is off. One statement, so that a change in progress is in both numbers or in
        neither.
        """
        rows = among.annotate(_counted=self.counted()).exclude(**{self.name: F("_counted")})
        return {pk: stored - counted for pk, stored, counted in rows.values_list("pk", self.name, "_counted")}


@dataclass
class Drift:
    counter: Counter
    off: dict[int, int] = field(default_factory=dict)
    """Row → stored minus counted."""

    @property
    def sum(self) -> int:
        return sum(abs(difference) for difference in self.off.values())

    def __bool__(self) -> bool:
        return bool(self.off)

    def __str__(self) -> str:
        if not self.off:
            return f"{self.counter.name}: correct"
        meta = self.counter.model._meta
        what = meta.verbose_name if len(self.off) == 1 else meta.verbose_name_plural
        return f"{self.counter.name}: {len(self.off)} {what} wrong, drift {self.sum}"


def drift_of(counter: Counter) -> Drift:
    """Return how far the counter is from what it counts. Writes nothing and takes no locks."""
    drift = Drift(counter)
    for chunk in _chunks(counter):
        drift.off.update(counter.wrong(chunk))
    return drift


def fix_counter(counter: Counter) -> Drift:
    """Correct the counter, and return how far it was off.

    Safe while members like and follow. Locks only wrong rows, for one short transaction. Rows that others have locked
    are left for last and locked one at a time, so that there are no deadlocks.
    """
    drift = Drift(counter)
    locked_by_others: list[int] = []
    for chunk in _chunks(counter):
        suspects = list(counter.wrong(chunk))
        if suspects:
            fixed = _fix_locked(counter, drift, suspects, skip_locked=True)
            locked_by_others += [pk for pk in suspects if pk not in fixed]
    for pk in locked_by_others:
        _fix_locked(counter, drift, [pk])
    return drift


def fix_all(counters: Iterable[Counter]) -> int:
    """Correct every counter. Return how many values were wrong."""
    return sum(len(fix_counter(counter).off) for counter in counters)


def _fix_locked(counter: Counter, drift: Drift, pks: list[int], *, skip_locked: bool = False) -> set[int]:
    """Recount the rows while they are locked, so that concurrent changes are added afterwards. Return the ids of the
    locked rows.
    """
    rows = counter.counting()
    with transaction.atomic():
        # "no key": inserts that refer to the row don’t have to wait.
        locked = rows.filter(pk__in=pks).select_for_update(no_key=True, skip_locked=skip_locked, of=("self",))
        mine = set(locked.values_list("pk", flat=True))
        wrong = counter.wrong(rows.filter(pk__in=mine))
        if wrong:
            rows.filter(pk__in=list(wrong)).update(**{counter.name: counter.counted()})
            drift.off.update(wrong)
    return mine


def _chunks(counter: Counter) -> "Iterator[models.QuerySet[Any]]":
    """Yield the counter’s rows in the order of their keys, a range at a time."""
    rows = counter.counting().order_by("pk")
    after = 0
    while pks := list(rows.filter(pk__gt=after).values_list("pk", flat=True)[:CHUNK]):
        yield counter.counting().filter(pk__gt=after, pk__lte=pks[-1])
        after = pks[-1]
