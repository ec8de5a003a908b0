"""Correct misspelled search terms: the same for every engine, and never to a term that the viewer could not find.

The vocabulary (`VocabularyTerm`) has the terms of what everyone may see. A correction is only used if something that
the viewer may see now has it, so a hidden term neither shows nor takes the place of another.
"""

from collections.abc import Callable
from dataclasses import replace

from django.db.models import Q

from search.analysis import Query, QueryTerm, is_correctable, max_edits, terms_within_edits
from search.models import HEAD, TAIL, VocabularyTerm

MAX_CORRECTIONS = 8
"""How many corrections one term can have."""


def with_corrections(query: Query, is_found: Callable[[str], bool]) -> Query | None:
    """Return the query with corrections of its terms, None if there are none.

    `is_found(term)` says whether something that the viewer may see has the term.
    """
    terms = tuple(replace(term, corrections=_corrections_of(term, is_found)) for term in query.terms)
    return replace(query, terms=terms) if terms != query.terms else None


def _corrections_of(term: QueryTerm, is_found: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the nearest terms of about the same length with the same beginning or end."""
    mark = term.typed[0] if term.is_marked else ""
    typed = term.typed[len(mark) :].replace("_", "")
    edits = max_edits(typed)
    if not edits or not is_correctable(typed):
        return ()
    sizes = range(len(typed) - edits, len(typed) + edits + 1)
    similar = Q(head=typed[:HEAD]) | Q(tail=typed[-TAIL:])
    # All of them: with a limit here, one term could push out another.
    known = VocabularyTerm.objects.filter(similar, size__in=sizes).values_list("term", flat=True)
    found: list[str] = []
    for _, near in terms_within_edits(typed, known, edits):
        if is_found(mark + near):
            found.append(mark + near)
            if len(found) == MAX_CORRECTIONS:
                break
    return tuple(found)
