"""Analyze text into terms, once for every engine, so that all find the same.

Terms are folded (accents, case, width), cut where a script writes no spaces, and marked when they are hashtags or
usernames. An engine only matches them. Time is linear in the length of the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from core.text import TokenKind, tokenize
from core.words import bare, fold, has_sign, is_unspaced, parts_of, runs

ANALYSIS_VERSION = 3
"""Raise this when this module (or core.words or core.text) makes other terms of a text. The index is then rebuilt by
itself, in steps (search.actions.renew_index).
"""
MAX_TEXT_LENGTH = 20_000
"""How many characters of a text are analyzed."""
MAX_TERMS = 2_000
MAX_TERM_LENGTH = 64
MAX_QUERY_LENGTH = 500
MAX_QUERY_TERMS = 16
MAX_LINK_TERMS = 12

_FROM = re.compile(r"(?:^|(?<=\s))from:@?([A-Za-z0-9_]{1,30})(?=\s|$)", re.IGNORECASE)
_LANG = re.compile(r"(?:^|(?<=\s))lang:([A-Za-z]{2,3})(?:-[A-Za-z0-9]{2,8})?(?=\s|$)", re.IGNORECASE)
_HAS_MEDIA = re.compile(r"(?:^|(?<=\s))has:media(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A term that must match: itself or, with `prefix`, any term that begins with it, or one of its `corrections`.

    `typed` is the word before stemming, by which corrections are chosen.
    """

    term: str
    typed: str
    prefix: bool = False
    corrections: tuple[str, ...] = ()

    @property
    def is_marked(self) -> bool:
        """Whether this is a #hashtag or a @username."""
        return self.term[0] in "#@"


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search: all of `terms` and, for posts, one of `authors` ("@name") and of `languages` (their codes) if
    there are any, and pictures, a video or a sound with `has_media`.

    `username` is the whole query, if it could be a username.
    """

    terms: tuple[QueryTerm, ...] = ()
    authors: tuple[str, ...] = ()
    username: str = ""
    languages: tuple[str, ...] = ()
    has_media: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms or self.authors)


def stem(word: str) -> str:
    """Return an English plural without its ending (Harman’s S stemmer): cities → city, cats → cat; else the word."""
    if len(word) < 4 or not word.endswith("s") or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if word[-2] not in "us":
        return word[:-1]
    return word


def analyze_text(text: str) -> list[str]:
    """Return the terms of a text. Hashtags are also in it as "#tag", usernames as "@name"."""
    found: list[str] = []
    for token in tokenize(text[:MAX_TEXT_LENGTH]):
        if token.kind is TokenKind.LINK:
            link = token.value.partition("://")[2].removeprefix("www.")
            found.extend(_terms(link)[:MAX_LINK_TERMS])
            continue
        if token.kind is TokenKind.HASHTAG:
            found.append(_marked("#", token.value))
        elif token.kind is TokenKind.MENTION:
            found.append(_marked("@", token.value))
        found.extend(_terms(token.text))
    return list(_with_stems(found))[:MAX_TERMS]


def analyze_name(name: str) -> list[str]:
    return list(_with_stems(_terms(name[:MAX_TEXT_LENGTH])))[:MAX_TERMS]


def analyze_username(username: str) -> list[str]:
    """Return a username as a whole and in its parts: @ana_maria, ana, maria."""
    return [_marked("@", username), *_terms(username)]


def parse_query(text: str) -> Query:
    """Parse what someone typed. Never fail: leave out what means nothing."""
    text = text[:MAX_QUERY_LENGTH].replace("\0", " ").strip()
    authors = dict.fromkeys(_marked("@", match[1].lower()) for match in _FROM.finditer(text))
    languages = dict.fromkeys(match[1].lower() for match in _LANG.finditer(text))
    has_media = bool(_HAS_MEDIA.search(text))
    text = _HAS_MEDIA.sub(" ", _LANG.sub(" ", _FROM.sub(" ", text))).strip()
    terms: dict[str, QueryTerm] = {}
    last = ""
    for token in tokenize(text):
        if token.kind is TokenKind.HASHTAG or token.kind is TokenKind.MENTION:
            last = _marked("#" if token.kind is TokenKind.HASHTAG else "@", token.value)
            terms[last] = QueryTerm(last, last)
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
                terms[last] = QueryTerm(stem(word), word, prefix=alone)
    kept = list(terms.values())[:MAX_QUERY_TERMS]
    if kept and kept[-1].typed == last:
        kept[-1] = QueryTerm(kept[-1].term, last, prefix=True)
    whole = fold(text).lstrip("@")
    username = whole if re.fullmatch(r"[a-z0-9_]{1,30}", whole) else ""
    return Query(tuple(kept), tuple(authors), username, tuple(languages), has_media)


def is_correctable(word: str) -> bool:
    """Whether misspellings of this word are corrected: four or more letters of a script with spaces between words."""
    return 4 <= len(word) <= 32 and word.isalpha() and not is_unspaced(word[0])


def max_edits(word: str) -> int:
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def terms_within_edits(word: str, among: Iterable[str], edits: int) -> list[tuple[int, str]]:
    """Return the other words that `edits` make of `word`, nearest first, each after its number of edits.

    An edit adds, leaves out or changes a letter, or swaps it with its neighbour (optimal string alignment).
    """
    # A tenth of a second of imports and 4 MB, for the rare search that finds nothing.
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    # Its type hints don’t allow a scorer with its own keyword arguments.
    found = process.extract(word, among, scorer=OSA.distance, score_cutoff=edits, limit=None)  # type: ignore[arg-type]
    return sorted((int(distance), other) for other, distance, _ in found if distance)


def _marked(mark: str, name: str) -> str:
    return mark + fold(name)[: MAX_TERM_LENGTH - 1]


def _with_stems(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield word
        if (root := stem(word)) != word:
            yield root


def _terms(text: str) -> list[str]:
    return [word for run in runs(text) for word in _cut(run, end=True)]


def _cut(run: list[str], *, end: bool) -> list[str]:
    """Cut a run into words at its apostrophes or, in a script without spaces, into pairs of letters.

    With `end`, add what can be found as a part: the last letter alone, so each single letter is the prefix of some
    term, and a word without the signs that belong to it.
    """
    if len(run) > 1:
        pairs = [(a + b)[:MAX_TERM_LENGTH] for a, b in pairwise(run)]
        return [*pairs, run[-1][:MAX_TERM_LENGTH]] if end else pairs
    word = run[0] if end else run[0].replace("\u2019", "'")
    if not has_sign(word):
        return [part[:MAX_TERM_LENGTH] for part in parts_of(word)]
    whole = word.replace("'", "").replace("\u2019", "")
    parts = [part for one in bare(word) for part in parts_of(one)] if end else []
    return [word[:MAX_TERM_LENGTH] for word in (whole, *parts)]
