"""What a misspelled word may have meant: the same for every engine, and never a word that the reader could not find.

The words in use (`Word`) are those of what everyone may see. A word is only offered if something has it that the
reader may see now, so a hidden word neither shows nor takes another one's place.
"""

from collections.abc import Callable
from dataclasses import replace

from django.db.models import Q

from search.models import HEAD, TAIL, Word
from search.words import Query, Term, edits_allowed, is_spelled, near_words

SPELLINGS = 8
"""How many words may stand for one."""


def with_spellings(query: Query, is_found: Callable[[str], bool]) -> Query | None:
    """The query with the words that its terms may mean; None when there are none. `is_found(word)`: something that
    the reader may see has the word.
    """
    terms = tuple(replace(term, alike=_meant_by(term, is_found)) for term in query.terms)
    return replace(query, terms=terms) if terms != query.terms else None


def _meant_by(term: Term, is_found: Callable[[str], bool]) -> tuple[str, ...]:
    """The nearest words: of about the same length, and beginning or ending alike."""
    mark = term.typed[0] if term.is_marked else ""
    typed = term.typed[len(mark) :].replace("_", "")
    allowed = edits_allowed(typed)
    if not allowed or not is_spelled(typed):
        return ()
    sizes = range(len(typed) - allowed, len(typed) + allowed + 1)
    alike = Q(head=typed[:HEAD]) | Q(tail=typed[-TAIL:])
    words = Word.objects.filter(alike, size__in=sizes).values_list("word", flat=True)
    # All of them: a limit here would let one word push out another.
    found: list[str] = []
    for _, word in near_words(typed, words, allowed):
        if is_found(mark + word):
            found.append(mark + word)
            if len(found) == SPELLINGS:
                break
    return tuple(found)
