"""Making the index anew in steps, after the analysis of words has changed."""

from collections.abc import Iterable

from django.db import transaction

from search.actions.indexing import index_members, index_posts
from search.models import Renewal
from search.rows import MEMBERS, POSTS
from search.words import ANALYSIS

RENEWED = 200
"""How many are made anew in one transaction, beside a site that is in use."""


def renew_index(*, kind: Renewal.Kind) -> bool:
    """Index the next `RENEWED` posts or members as search.words does now, if they were indexed by an earlier version.

    Returns whether there is more to do. Safe at any time and many times at once: one runs, and a killed one is gone on
    with. The search server is told as of every change.
    """
    found, index = (POSTS, index_posts) if kind == Renewal.Kind.POSTS else (MEMBERS, index_members)
    with transaction.atomic():
        Renewal.objects.get_or_create(kind=kind, defaults={"analysis": 0})
        state = Renewal.objects.select_for_update().get(kind=kind)
        if state.analysis == ANALYSIS:
            return False
        later = found.findable().filter(pk__gt=state.after).order_by("pk")
        ids = list(later.values_list("pk", flat=True)[:RENEWED])
        if ids:
            index(ids=ids)
        if len(ids) < RENEWED:
            state.analysis, state.after = ANALYSIS, 0
        else:
            state.after = ids[-1]
        state.save()
    return state.analysis != ANALYSIS


def note_renewed(*, kinds: Iterable[Renewal.Kind]) -> None:
    """Remember that these halves of the index have been made as a whole by the present analysis."""
    for kind in kinds:
        Renewal.objects.update_or_create(kind=kind, defaults={"analysis": ANALYSIS, "after": 0})
