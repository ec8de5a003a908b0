"""Words as they are compared: folded (accents, case, width), cut where a script does not write spaces.

Search finds by them, and muted words are looked for by them. Time is linear in the text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

from core.text import Kind, hashtags, mentions, tokenize

T = TypeVar("T")
SIGNS_MAX = 8
LONGEST = 20_000
"""Characters of a text that are looked at."""

# Letters that Unicode does not take apart, but that people type without their stroke.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"}
)
# Marks that are dropped: accents, Hebrew points, Arabic vowels; and what is not seen. The vowel signs of Indic and
# Southeast Asian scripts are no accents: they stay.
_DROPPED = re.compile(
    "[\u0000\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u200b-\u200f\u2060\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
_APOSTROPHE = "['\u2019\u02bc]"
_POSSESSIVE = re.compile(rf"{_APOSTROPHE}s\b")
_CONTRACTION = re.compile(rf"(?<=[a-z]){_APOSTROPHE}(?=(?:t|d|m|re|ve|ll)\b)")
ASCII_WORD = re.compile(r"[a-z0-9]+")

# Scripts written without spaces; and Hangul, whose particles cling to the word.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul letters
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x312F),  # Hiragana, Katakana, Bopomofo
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),  # Hangul
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def fold(text: str) -> str:
    """Without case, accents and width: "Café", "CAFÉ" and "ｃａｆｅ" are one."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _DROPPED.sub("", text).translate(_LETTERS))


def join_contractions(folded: str) -> str:
    return _CONTRACTION.sub("", _POSSESSIVE.sub("", folded))


class _CharKinds(dict[str, str]):
    """w: of a word; u: of a script without spaces; m: a sign on the letter before; s: a symbol, a word by itself."""

    def __missing__(self, char: str) -> str:
        code, category = ord(char), unicodedata.category(char)
        if category[0] == "M":
            kind = "m"
        elif category[0] in "LN":
            kind = "u" if any(first <= code <= last for first, last in _UNSPACED) else "w"
        elif category == "So":
            kind = "s"
        else:
            kind = " "
        self[char] = kind
        return kind


_KINDS = _CharKinds()


def runs(folded: str) -> Iterator[list[str]]:
    """The text cut at spaces, punctuation and changes between scripts with and without spaces.

    A run of the first is one word; a run of the second is its letters, each with the signs upon it.
    """
    run: list[str] = []
    spaced = True
    for char in join_contractions(folded):
        kind = _KINDS[char]
        if kind == "m":
            if run and len(run[-1]) < SIGNS_MAX:
                run[-1] += char
            continue
        if run and (kind in " s" or (kind == "w") != spaced):
            yield ["".join(run)] if spaced else run
            run = []
        if kind == "s":
            yield [char]
        elif kind != " ":
            spaced = kind == "w"
            run.append(char)
    if run:
        yield ["".join(run)] if spaced else run


def is_spaced(char: str) -> bool:
    """A letter or digit of a script that writes spaces between words."""
    return _KINDS[char] == "w"


def is_unspaced(char: str) -> bool:
    return _KINDS[char] == "u"


def words_in_order(text: str) -> list[str]:
    """The folded words of a text. Of a script without spaces each letter is one, so that what is looked for there may
    begin and end anywhere; and so is each symbol.
    """
    folded = fold(text[:LONGEST])
    if folded.isascii():
        return ASCII_WORD.findall(join_contractions(folded))
    return [word for run in runs(folded) for word in run]


def as_phrase(text: str) -> str:
    """A word, a phrase, one #tag or one @name as it is compared; empty when there is nothing in it to compare."""
    tokens = list(tokenize(text.strip()))
    if len(tokens) == 1 and tokens[0].kind in (Kind.HASHTAG, Kind.MENTION):
        return ("#" if tokens[0].kind is Kind.HASHTAG else "@") + fold(tokens[0].value)
    return " ".join(words_in_order(text))


class Phrases(Generic[T]):
    """Many phrases (`as_phrase` → what it stands for), looked for at once.

    A word is found in a #tag and a @name as well, a #tag or @name only as such.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._marks: dict[str, T] = {}
        # A tree of words: a text is walked through once, whatever the number of phrases.
        self._tree: dict[str, Any] = {}
        for phrase, meaning in phrases:
            if phrase[:1] in ("#", "@"):
                self._marks[phrase] = meaning
                continue
            branch = self._tree
            for word in phrase.split():
                branch = branch.setdefault(word, {})
            if branch is not self._tree:
                branch[""] = meaning

    def __bool__(self) -> bool:
        return bool(self._marks or self._tree)

    def found_in(self, text: str) -> list[T]:
        """What the phrases stand for that are in the text."""
        found: list[T] = []
        if self._marks:
            marks = [f"#{fold(tag)}" for tag in hashtags(text)] + [f"@{name}" for name in mentions(text)]
            found += [self._marks[mark] for mark in marks if mark in self._marks]
        if self._tree:
            found += self._phrases_in(words_in_order(text))
        return found

    def _phrases_in(self, words: list[str]) -> Iterator[T]:
        tree = self._tree
        for start, first in enumerate(words):
            branch = tree.get(first)
            at = start + 1
            while branch is not None:
                if "" in branch:
                    yield branch[""]
                branch = branch.get(words[at]) if at < len(words) else None
                at += 1
