"""The pattern language of the built-in rules, and the normalization of texts that are compared with them.

A pattern is a sequence of words:

    word        this word, in any case and with or without accents; ä, ö and ü also match ae, oe and ue
    word*       a word with this beginning
    (a|b c)     one of these
    {name}      one of the list with this name
    x?          x is optional (after a word, a list or brackets)
    !x          not followed by x
    _           any one word
    ..          up to three words of the same sentence
    ...         up to fifteen words
    #           a number
    MONEY LINK PERSON    an amount of money, a link, a mention
    START       the start of a sentence

A word that isn't in any pattern is tried again: with letters for digits and signs (k1ll, f@ggot), without repeated
letters (kiiill), without spaces or dots between its letters, and with Latin letters for similar ones of other scripts.
The result counts only if it is a word of a pattern, so ordinary words aren't changed.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import product

from core.text import TokenKind, tokenize
from core.words import LONGEST, without_signs, words_in_order

MARKERS = {"LINK": "\ue000", "PERSON": "\ue001", "MONEY": "\ue002"}
QUOTE, UNQUOTE, STOP = "\ue003", "\ue004", "\ue005"
_NAMES = {char: name for name, char in MARKERS.items()} | {QUOTE: "QUOTE", UNQUOTE: "UNQUOTE", STOP: "STOP"}
_MARKED = re.compile("([\ue000-\ue005])")
_PRIVATE = re.compile("[\ue000-\uf8ff]")

_QUOTED = re.compile(r"[\"“„«»]([^\"“”„«»\n]{2,500})[\"”“«»]|‘([^‘’\n]{2,500})’")
_SENTENCE_END = re.compile(r"[.!?:;…](?=[\s\"”“»]|$)|\n")
_MONEY = re.compile(
    r"[$€£]\s?\d[\d.,]{0,12}\s?[km]?\b|\b\d[\d.,]{0,12}\s?[km]?\s?(?:[$€£]|(?:euro?s?|usd|dollars?|pounds?)\b)",
    re.IGNORECASE,
)
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’‘ʼʻ`´′＇](?=[^\W\d_])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NUMBER = r"\d[\d.,]*[a-z]{0,2}"

_LEET = {
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "il", "|": "li", "€": "e", "+": "t",
}  # fmt: skip
_SIGNS = re.compile(r"[@$!|€+*]")
_LOOK_ALIKES = str.maketrans("авеккмнорстухіјѕԁοανρτυιкѵ", "abekkmhopctyxijsdoavptuikv")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLE = re.compile(r"([^\W\d_])\1+")
CHUNK_MAX = 40
AMBIGUOUS_MAX = 3
PARTS_MAX = 8
LETTERS_MAX = 60


_GAPS = {"...": r"(?:\S+ ){0,15}?", "..": r"(?:(?!STOP )\S+ ){0,3}?"}


def _cut(source: str) -> list[str]:
    """Return the elements of a pattern; brackets are one element."""
    return [element for element in _split(source, " ") if element]


def _alternatives(inside: str) -> list[str]:
    return _split(inside, "|")


def _split(source: str, at: str) -> list[str]:
    """Split at this character, except in brackets. Raise ValueError if brackets don't match."""
    parts, depth, part = [], 0, ""
    for char in source:
        depth += (char == "(") - (char == ")")
        if char == at and not depth:
            parts.append(part)
            part = ""
        else:
            part += char
    if depth:
        raise ValueError(f"brackets do not match: {source}")
    return [*parts, part]


@dataclass
class Compiler:
    """Compiles patterns to regular expressions over words with a space after each, and collects their words."""

    lists: Mapping[str, Sequence[str]]
    words: set[str] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)
    _done: dict[str, str] = field(default_factory=dict)

    def pattern(self, source: str) -> str:
        return f"(?<= ){self._sequence(source)}"

    def anchor(self, source: str) -> frozenset[str]:
        """Return words, at least one of which every matching text has; empty if there are none."""
        found: list[set[str]] = [
            words for element in _cut(source) if (words := self._words_of(element)) is not None
        ]
        if not found:
            return frozenset()
        fewest = min(found, key=len)
        return frozenset(fewest)

    def either(self, sources: Iterable[str]) -> str:
        """Return a regular expression for any of these patterns; empty for none."""
        each = [self._sequence(source) for source in sources]
        return f"(?<= )(?:{'|'.join(each)})" if each else ""

    def _sequence(self, source: str) -> str:
        made, elements = "", iter(_cut(source))
        for element in elements:
            if (gap := _GAPS.get(element)) is None:
                made += self._element(element)
                continue
            following = [next(elements, "")]
            while following[-1].endswith("?"):
                following.append(next(elements, ""))
            if not following[-1] or following[-1] in _GAPS or following[-1][0] == "!":
                raise ValueError(f"a gap must be followed by a word: {source}")
            # Atomic: only the first continuation is tried, which keeps the time linear.
            made += f"(?>{gap}{''.join(map(self._element, following))})"
        return made

    def _element(self, element: str) -> str:
        if element == "_":
            return r"(?!STOP )\S+ "
        if element == "START":
            return r"(?:(?<=^ )|(?<=STOP )|(?<=QUOTE )|(?<=PERSON ))"
        if element.startswith("!"):
            return f"(?!{self._element(element[1:])})"
        if element.endswith("?"):
            return f"(?:{self._element(element[:-1])})?"
        if element.startswith("("):
            return f"(?:{'|'.join(self._sequence(part) for part in _alternatives(element[1:-1]))})"
        if element.startswith("{"):
            name = element[1:-1]
            if name not in self._done:
                self._done[name] = f"(?:{'|'.join(self._sequence(part) for part in self.lists[name])})"
            return self._done[name]
        if element in MARKERS:
            return f"{element} "
        if element == "#":
            return f"{_NUMBER} "
        return self._word(element)

    def _words_of(self, element: str) -> set[str] | None:
        """Return the words, one of which the element matches; None if it can match without any of them."""
        if element in MARKERS:
            return {element}
        if element in _GAPS or element in ("_", "#", "START") or element[0] == "!" or element[-1] in "?*":
            return None
        if element[0] == "(":
            return self._words_of_any(_alternatives(element[1:-1]))
        if element[0] == "{":
            return self._words_of_any(self.lists[element[1:-1]])
        return self._folded(element)

    def _words_of_any(self, sources: Iterable[str]) -> set[str] | None:
        words: set[str] = set()
        for source in sources:
            anchor = self.anchor(source)
            if not anchor:
                return None
            words |= anchor
        return words

    def _word(self, written: str) -> str:
        prefix = written.endswith("*")
        folded = self._folded(written.rstrip("*"))
        (self.prefixes if prefix else self.words).update(folded)
        either = "|".join(sorted(map(re.escape, folded)))
        return f"(?:{either})\\w* " if prefix else f"(?:{either}) "

    @staticmethod
    def _folded(written: str) -> set[str]:
        """Return the spellings of a word, folded."""
        spellings = {written}
        for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
            spellings |= {spelling.replace(umlaut, plain) for spelling in spellings}
        folded = set()
        for spelling in spellings:
            words = words_in_order(_APOSTROPHE.sub("", spelling))
            if len(words) != 1:
                raise ValueError(f"not one word: {written!r}")
            folded.add(words[0])
        return folded


@dataclass
class TextNormalizer:
    """Normalizes texts to words that patterns are compared with."""

    words: Collection[str]
    prefixes: Collection[str]
    _known_readings: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def normalize(self, text: str) -> str:
        """Return the words of a text with a space around each, and QUOTE, UNQUOTE and STOP between them."""
        read: list[str] = []
        for piece in _MARKED.split(_marked(text[:LONGEST])):
            if piece in _NAMES:
                read.append(_NAMES[piece])
            elif piece:
                read += self._words(piece)
        return f" {' '.join(read)} "

    def _words(self, piece: str) -> list[str]:
        plain = _APOSTROPHE.sub("", piece)
        if _SIGNS.search(plain):
            plain = " ".join(self._without_signs(chunk) for chunk in plain.split())
        words: list[str] = []
        letters: list[str] = []
        for word in words_in_order(without_signs(plain)):
            if len(word) == 1 and word.isalnum():
                letters.append(word)
                continue
            words += self._joined(letters)
            letters = []
            if word[0].isalnum():
                words += self._known(word)
        return words + self._joined(letters)

    def _joined(self, letters: list[str]) -> list[str]:
        """Join single letters in a row to words of patterns, if they form any."""
        if len(letters) > LETTERS_MAX:
            return self._joined(letters[:LETTERS_MAX]) + self._joined(letters[LETTERS_MAX:])
        if len(letters) < 3:
            return letters
        for reading in _without_leet("".join(letters)):
            if (words := self._split(reading, shortest=1)) is not None:
                return words
        return letters

    def _without_signs(self, chunk: str) -> str:
        """Replace signs in a chunk without spaces by letters, if that gives a word of a pattern."""
        bare = chunk.strip(".,:;?()[]\"'-").rstrip("!+")
        if len(bare) > CHUNK_MAX or not _SIGNS.search(bare) or not any(char.isalpha() for char in bare):
            return chunk
        if "*" in bare:
            mask = re.escape(bare.casefold()).replace(r"\*", ".")
            hidden = re.compile(mask)
            # At least three letters must be visible, including the first.
            if bare[0] != "*" and sum(char.isalpha() for char in bare) >= 3:
                return next((word for word in sorted(self.words) if hidden.fullmatch(word)), chunk)
            return chunk
        return next((reading for reading in _without_leet(bare.casefold()) if self._is_known(reading)), chunk)

    def _known(self, word: str) -> tuple[str, ...]:
        if self._is_known(word) or len(word) > CHUNK_MAX:
            return (word,)
        if word not in self._known_readings:
            if len(self._known_readings) > 20_000:
                self._known_readings.clear()
            self._known_readings[word] = self._recognize(word)
        return self._known_readings[word]

    def _recognize(self, word: str) -> tuple[str, ...]:
        readings: list[str] = []
        latin = word.translate(_LOOK_ALIKES) if not word.isascii() else word
        for reading in _without_leet(latin):
            readings += [reading, _RUN.sub(r"\1\1", reading), _RUN.sub(r"\1", reading)]
            if _RUN.search(reading):
                readings.append(_DOUBLE.sub(r"\1", reading))
        for reading in readings:
            if self._is_known(reading):
                return (reading,)
        for reading in readings:
            # Shorter ones would match ordinary words by chance.
            if len(reading) >= 8 and (words := self._split(reading, shortest=3)) is not None:
                return tuple(words)
        return (word,)

    def _is_known(self, word: str) -> bool:
        return word in self.words or any(word[:n] in self.prefixes for n in self._prefix_lengths)

    @cached_property
    def _prefix_lengths(self) -> list[int]:
        return sorted({len(prefix) for prefix in self.prefixes})

    def _split(self, letters: str, *, shortest: int) -> list[str] | None:
        """Split letters into at least `shortest` words of patterns, with no letter left over."""
        best: list[list[str] | None] = [[]] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - 25), end):
                before = best[start]
                if before is None or letters[start:end] not in self.words:
                    continue
                if best[end] is None or len(before) + 1 < len(best[end] or ()):
                    best[end] = [*before, letters[start:end]]
        words = best[-1]
        return words if words is not None and shortest <= len(words) <= PARTS_MAX else None


def _marked(text: str) -> str:
    """Mark links, mentions, amounts, quotations and ends of sentences with private characters."""
    parts = []
    for token in tokenize(_PRIVATE.sub(" ", text)):
        match token.kind:
            case TokenKind.LINK:
                parts.append(f" {MARKERS['LINK']} ")
            case TokenKind.MENTION:
                parts.append(f" {MARKERS['PERSON']} ")
            case TokenKind.HASHTAG:
                parts.append(f" {_CAMEL.sub(' ', token.text[1:])} ")
            case _:
                parts.append(token.text)
    text = _QUOTED.sub(lambda m: f" {QUOTE} {m[1] or m[2]} {UNQUOTE} ", "".join(parts))
    text = _MONEY.sub(f" {MARKERS['MONEY']} ", text)
    return _SENTENCE_END.sub(f" {STOP} ", text)


def _without_leet(word: str) -> list[str]:
    """Return the word with letters for its digits and signs, in every reading; only itself if it has none."""
    choices: list[str] = []
    ambiguous = 0
    for char in word:
        letters = _LEET.get(char, char)
        if len(letters) > 1:
            ambiguous += 1
            letters = letters if ambiguous <= AMBIGUOUS_MAX else letters[0]
        choices.append(letters)
    return ["".join(letters) for letters in product(*choices)]


@cache
def compiled(pattern: str) -> "re.Pattern[str]":
    """Compile a pattern on first use: most are ruled out by their anchor."""
    return re.compile(pattern)


def without_marks(read: str) -> str:
    """Return the words without marks."""
    return " ".join(word for word in read.split() if word not in _NAMES.values())


def quoted(read: str, start: int) -> bool:
    """Return whether the position is in quotation marks."""
    return read.count(" QUOTE ", 0, start + 1) > read.count(" UNQUOTE ", 0, start + 1)


def outside_quotes(read: str) -> str:
    return re.sub(r" QUOTE (?:(?!UNQUOTE )\S+ )*UNQUOTE(?= )", " ", read)


def just_before(read: str, start: int, words: int = 8) -> str:
    """Return the last words of the sentence before the position."""
    before = read[:start].rpartition(" STOP ")[2]
    return f" {' '.join(before.split()[-words:])} "


def just_after(read: str, end: int, words: int = 8) -> str:
    """Return the next words of the sentence after the position."""
    after = read[end:].partition("STOP ")[0]
    return f" {' '.join(after.split()[:words])} "
