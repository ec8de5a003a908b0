"""One analysis of text for every engine, so that each finds the same words.

An engine is given words that are ready: folded (accents, case, width), cut where a script does not write spaces, with
tags and names marked. It has nothing left to do but match them. Time is linear in the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from core.text import TokenKind, tokenize
from core.words import bare, fold, has_sign, is_unspaced, parts_of, runs

ANALYSIS = 3
"""The version of what this module (with core.words and core.text) makes of a text. Whoever changes that raises it, and
the index is made anew by itself, in steps (search.actions.renew_index).
"""
TEXT_MAX = 20_000
"""Characters of a text that are looked at."""
WORDS_MAX = 2_000
WORD_MAX = 64
QUERY_MAX = 500
TERMS_MAX = 16
LINK_WORDS_MAX = 12

_FROM = re.compile(r"(?:^|(?<=\s))from:@?([A-Za-z0-9_]{1,30})(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must be found: the word itself or, with `prefix`, any word that begins with it, or one of `alike`.

    `typed` is the word before its ending was taken off: what a misspelling is judged by.
    """

    word: str
    typed: str
    prefix: bool = False
    alike: tuple[str, ...] = ()

    @property
    def is_marked(self) -> bool:
        """A #tag or a @name."""
        return self.word[0] in "#@"


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all of `terms`, and for posts one of `authors` ("@name") if there are any.

    `handle`: the whole query, when it could be somebody's username.
    """

    terms: tuple[Term, ...] = ()
    authors: tuple[str, ...] = ()
    handle: str = ""

    def __bool__(self) -> bool:
        return bool(self.terms or self.authors)


def stem(word: str) -> str:
    """An English plural without its ending (Harman's S stemmer): cities → city, cats → cat; else the word itself."""
    if len(word) < 4 or not word.endswith("s") or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if word[-2] not in "us":
        return word[:-1]
    return word


def words_of_post(text: str) -> list[str]:
    """The words that a post is found by; a tag also as "#tag", a name also as "@name"."""
    found: list[str] = []
    for token in tokenize(text[:TEXT_MAX]):
        if token.kind is TokenKind.LINK:
            link = token.value.partition("://")[2].removeprefix("www.")
            found.extend(_words(link)[:LINK_WORDS_MAX])
            continue
        if token.kind is TokenKind.HASHTAG:
            found.append(_marked("#", token.value))
        elif token.kind is TokenKind.MENTION:
            found.append(_marked("@", token.value))
        found.extend(_words(token.text))
    return list(_with_stems(found))[:WORDS_MAX]


def words_of_name(name: str) -> list[str]:
    return list(_with_stems(_words(name[:TEXT_MAX])))[:WORDS_MAX]


def words_of_handle(username: str) -> list[str]:
    """A username as a whole and in its parts: @ana_maria, ana, maria."""
    return [_marked("@", username), *_words(username)]


def parse(text: str) -> Query:
    """What somebody typed, as something to look for. Never fails: what means nothing is left out."""
    text = text[:QUERY_MAX].replace("\0", " ").strip()
    authors = dict.fromkeys(_marked("@", match[1].lower()) for match in _FROM.finditer(text))
    text = _FROM.sub(" ", text).strip()
    terms: dict[str, Term] = {}
    last = ""
    for token in tokenize(text):
        if token.kind is TokenKind.HASHTAG or token.kind is TokenKind.MENTION:
            last = _marked("#" if token.kind is TokenKind.HASHTAG else "@", token.value)
            terms[last] = Term(last, last)
            continue
        plain = (
            token.text.partition("://")[2].removeprefix("www.")
            if token.kind is TokenKind.LINK
            else token.text
        )
        for run in runs(plain):
            alone = len(run) == 1 and is_unspaced(run[0][0])
            for word in _cut(run, end=False):
                last = word
                terms[last] = Term(stem(word), word, prefix=alone)
    kept = list(terms.values())[:TERMS_MAX]
    if kept and kept[-1].typed == last:
        kept[-1] = Term(kept[-1].word, last, prefix=True)
    whole = fold(text).lstrip("@")
    handle = whole if re.fullmatch(r"[a-z0-9_]{1,30}", whole) else ""
    return Query(tuple(kept), tuple(authors), handle)


def is_spelled(word: str) -> bool:
    """Whether a misspelling of this word can be told: letters, four or more, of a script that writes words."""
    return 4 <= len(word) <= 32 and word.isalpha() and not is_unspaced(word[0])


def edits_allowed(word: str) -> int:
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def near_words(word: str, among: Iterable[str], edits: int) -> list[tuple[int, str]]:
    """Return the other words that `edits` make of `word`, nearest first, each after its number of edits.

    An edit adds, leaves out or changes a letter, or swaps it with its neighbour (optimal string alignment).
    """
    # A tenth of a second of imports and 4 MB, for the rare search that finds nothing.
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    # Its type hints know no scorer with keyword arguments of its own.
    found = process.extract(word, among, scorer=OSA.distance, score_cutoff=edits, limit=None)  # type: ignore[arg-type]
    return sorted((int(distance), other) for other, distance, _ in found if distance)


def _marked(mark: str, name: str) -> str:
    return mark + fold(name)[: WORD_MAX - 1]


def _with_stems(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield word
        if (root := stem(word)) != word:
            yield root


def _words(text: str) -> list[str]:
    return [word for run in runs(text) for word in _cut(run, end=True)]


def _cut(run: list[str], *, end: bool) -> list[str]:
    """A run as words: what its apostrophes part, or its pairs of letters.

    With `end` also what is found as a part: the last letter alone, so that each single letter begins some word and is
    found as a prefix, and a word without the signs that belong to it.
    """
    if len(run) > 1:
        pairs = [(a + b)[:WORD_MAX] for a, b in pairwise(run)]
        return [*pairs, run[-1][:WORD_MAX]] if end else pairs
    word = run[0] if end else run[0].replace("\u2019", "'")
    if not has_sign(word):
        return [part[:WORD_MAX] for part in parts_of(word)]
    whole = word.replace("'", "").replace("\u2019", "")
    parts = [part for one in bare(word) for part in parts_of(one)] if end else []
    return [word[:WORD_MAX] for word in (whole, *parts)]
