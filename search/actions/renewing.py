"""Rebuild the index in small steps after the analysis of text has changed."""

from collections.abc import Iterable

from django.db import transaction

from search.actions.indexing import index
from search.analysis import ANALYSIS_VERSION
from search.kinds import IndexedKind
from search.models import Renewal

STEP_SIZE = 200
"""How many objects one transaction indexes while the site is in use."""


def renew_index(*, kind: IndexedKind) -> bool:
    """Index the next `STEP_SIZE` objects of a kind again if an earlier version of the analysis indexed them.

    Return whether there is more to do. Safe to run at any time, also in parallel; a killed run is continued by the
    next. The search server gets each change.
    """
    with transaction.atomic():
        Renewal.objects.get_or_create(kind=kind.renewal, defaults={"analysis": 0})
        state = Renewal.objects.select_for_update().get(kind=kind.renewal)
        if state.analysis == ANALYSIS_VERSION:
            return False
        later = kind.findable().filter(pk__gt=state.after).order_by("pk")
        ids = list(later.values_list("pk", flat=True)[:STEP_SIZE])
        if ids:
            index(kind=kind, ids=ids)
        if len(ids) < STEP_SIZE:
            state.analysis, state.after = ANALYSIS_VERSION, 0
        else:
            state.after = ids[-1]
        state.save()
    return state.analysis != ANALYSIS_VERSION


def mark_renewed(*, kinds: Iterable[IndexedKind]) -> None:
    """Record that all objects of these kinds were indexed by the current version of the analysis."""
    for kind in kinds:
        Renewal.objects.update_or_create(
            kind=kind.renewal, defaults={"analysis": ANALYSIS_VERSION, "after": 0}
        )
