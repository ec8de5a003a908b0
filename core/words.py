"""Text analysis: words as they are compared, folded (accents, case, width) and split in scripts without spaces.

Search, muted words and word rules use it. Time is linear in the text.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

import regex

from core.text import TokenKind, hashtags, mentions, normalized, tokenize

T = TypeVar("T")
SIGNS_MAX = 8
"""How many marks on one letter are considered."""
JOINED_MAX = 4
"""How many apostrophes and similar signs one word may have."""
PREFIX_MAX = 100
"""How long the prefix before a * may be."""
LONGEST = 20_000
"""How many characters of a text are analyzed."""

# Letters that Unicode doesn’t decompose, but that people type without their stroke.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"}
)
# Marks that are dropped: accents, Hebrew points, Arabic vowels; and invisible characters. The vowel signs of Indic and
# Southeast Asian scripts aren’t accents: they stay, and so does the keycap around a digit.
_DROPPED = regex.compile(
    r"[\u0000\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    r"\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff"
    r"\u20d0-\u20e2\u20e4-\u20ff\ufe20-\ufe2f\U0001f3fb-\U0001f3ff\p{Cf}\p{Default_Ignorable_Code_Point}]"
)

# Scripts written without spaces; and Hangul, whose particles are attached to the word. Last, two Japanese characters
# that Unicode assigns to no script: the long vowel mark and the closing mark of a date.
_UNSPACED = (
    r"[\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}\p{Hangul}\p{Han}\p{Seal}\p{Bopomofo}"
    r"\p{Hiragana}\p{Katakana}\u30fc\u3006]"
)
_LETTER_OF_WORD = rf"[[\p{{L}}\p{{N}}]--{_UNSPACED}]"
_LETTER_UNSPACED = rf"[[\p{{L}}\p{{N}}]&&{_UNSPACED}]"
_LETTERS_OF_WORD = rf"(?:{_LETTER_OF_WORD}\p{{M}}*+)++"

# Signs that belong to a word: don't, l’été and R&D are one word each, and so are .NET and $BTC, C++, 18+ and C#.
_RUN = regex.compile(
    rf"(?P<word>(?:(?<![^\s\p{{Ps}}\p{{Pi}}\"'])[.$](?=[\p{{L}}--{_UNSPACED}]))?+{_LETTERS_OF_WORD}"
    rf"(?:['\u2019&](?={_LETTER_OF_WORD}){_LETTERS_OF_WORD}){{0,{JOINED_MAX}}}+"
    rf"(?:(?:\+\+|\+(?!{_LETTER_OF_WORD}))(?!\+)|(?<=(?<![\p{{L}}\p{{N}}\p{{M}}'\u2019&])[a-z])\#(?!{_LETTER_OF_WORD}|\#))?+)"
    rf"|(?P<unspaced>(?:{_LETTER_UNSPACED}\p{{M}}*+)++)"
    r"|(?P<symbol>[\U0001f1e6-\U0001f1ff]{2}|\p{So})",
    regex.V1,
)
# The same for a text in ASCII, several times as fast.
_ASCII_RUN = re.compile(
    r"(?:(?<![^\s(\[{\"'])[.$](?=[a-z]))?+[a-z0-9]++"
    rf"(?:['&][a-z0-9]++){{0,{JOINED_MAX}}}+"
    r"(?:(?:\+\+|\+(?![a-z0-9]))(?!\+)|(?<=(?<![a-z0-9'&])[a-z])#(?![a-z0-9#]))?+"
)
_SIGNS = frozenset(".$&+#")
_SIGN_OF_WORD = re.compile(r"['’‘ʼʻ`´′＇&+#$.]")
_UNSPACED_LETTER = regex.compile(rf"{_LETTER_UNSPACED}\p{{M}}*+", regex.V1)
_UNSPACED_START = regex.compile(_UNSPACED)
_MARKS_OVER = regex.compile(rf"\p{{M}}{{{SIGNS_MAX}}}\K\p{{M}}+")

_WORD = r"[\p{L}\p{M}\p{N}]"
_APOSTROPHE = regex.compile(rf"(?<={_WORD})['`\u00b4\u2018\u2019\u02bb\u02bc\u2032\uff07](?={_WORD})")
# Before two capitals the apostrophe is treated differently: in "l'IA" a word begins there, in "l'ai" none does.
_BEFORE_CAPITALS = regex.compile(rf"(?<=\p{{L}})'(?=\p{{Lu}}{{2}}(?!{_WORD}))")
# Emoji that fold to letters (ℹ️, ™️, Ⓜ️, ㊗️): with a keycap they stay what they are.
_EMOJI_OF_LETTERS = regex.compile(
    r"(?<=[\u2122\u2139\u24c2\u3297\u3299\U0001f201\U0001f202\U0001f21a\U0001f22f"
    r"\U0001f232-\U0001f23a\U0001f250\U0001f251])\ufe0f"
)

_SHORT_VERBS = ("s", "d", "m", "re", "ve", "ll")
_PRONOUNS = ("i", "he", "she", "we", "it")
# Pronouns of French and Catalan stand before verbs ("n'ai", "c'est"), articles and prepositions before nouns.
_BEFORE_VERBS = ("c", "j", "m", "n", "s", "t")
_ELISION = re.compile(
    "jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu|dell|all|dall|nell|sull|coll|quell|quest|bell|sant|tutt|dov|com"
)

_HANGUL = regex.compile(r"[\uac00-\ud7a3]+")
_PARTICLE = regex.compile(
    "[가이은는을를의에도만와과로야아나랑께요]|들[이은을의도]?|에서|에게|까지|부터|처럼|보다|마다|조차|이나|이랑|라고|이라|으로"
    "|한테|밖에|이야|이요|이다|입니다"
)


def fold(text: str) -> str:
    """Return the text without case, accents and width: "Café", "CAFÉ" and "ｃａｆｅ" are one."""
    if text.isascii():
        return text.lower()
    text = normalized(normalized(text, "NFKD").casefold(), "NFKD")
    # The dropped characters may have been between marks.
    return normalized(_DROPPED.sub("", text).translate(_LETTERS), "NFC")


def runs(text: str) -> Iterator[list[str]]:
    """Yield the runs of the text, folded and split at spaces, punctuation and changes between scripts with and
    without spaces.

    A run of a script with spaces is one word, with the signs that belong to it; a run of one without is its letters,
    each with its marks.
    """
    folded = _folded(text)
    if folded.isascii():
        yield from ([word] for word in _ASCII_RUN.findall(folded))
        return
    for match in _RUN.finditer(folded):
        if match.lastgroup == "unspaced":
            yield _UNSPACED_LETTER.findall(match[0])
        else:
            yield [match[0]]


def is_unspaced(char: str) -> bool:
    """Return whether this is a letter of a script that writes no spaces between words."""
    return _UNSPACED_START.match(char) is not None


def is_hangul(text: str) -> bool:
    """Return whether the text is Hangul syllables and nothing else."""
    return _HANGUL.fullmatch(text) is not None


def words_in_order(text: str) -> list[str]:
    """Return the folded words of a text. In a script without spaces each letter is one, so that a search term may
    begin and end anywhere; so is each symbol.
    """
    return [word.replace("\u2019", "'") for run in runs(text) for word in run]


def parts_of(word: str) -> list[str]:
    """Return the words by which search finds a word of `runs`: its parts around an apostrophe, without English
    endings.

    One or two letters after an apostrophe are no word ("n'ai" → "nai"), as in "don't".
    """
    before, apostrophe, after = word.replace("\u2019", "'").rpartition("'")
    if not apostrophe:
        return [word]
    parts = parts_of(before)
    # Joined, the short forms of these would be other words: hell, were, id.
    if after == "s" or (before in _PRONOUNS and after in ("d", "ll", "re")):
        return parts
    if len(after) > 2:
        return [*parts, after]
    joined = [*parts[:-1], parts[-1] + after]
    return [*joined, parts[-1], after] if "\u2019" in word else joined


def has_sign(word: str) -> bool:
    """Return whether signs belong to a word of `runs`, as in C++, R&D and .NET. An apostrophe isn’t one."""
    return not _SIGNS.isdisjoint(word)


def bare(word: str) -> list[str]:
    """Return a word of `runs` without its signs; nothing if it has none.

    One or two letters are dropped: "C++" is not the word "c", nor "R&D" the words "r" and "d".
    """
    if not has_sign(word):
        return []
    parts = word.strip(".$+#").split("&")
    shortest = 2 if len(parts) == 1 else 3
    return [part for part in parts if len(part) >= shortest]


def without_signs(text: str) -> str:
    """Replace each sign that may belong to a word with a space, so that none hides another word."""
    return _SIGN_OF_WORD.sub(" ", text)


def as_phrase(text: str) -> str:
    """Return a word, a phrase, one #tag or one @name as it is compared; empty if there is nothing to compare."""
    tokens = list(tokenize(text.strip()))
    if len(tokens) == 1 and tokens[0].kind in (TokenKind.HASHTAG, TokenKind.MENTION):
        return ("#" if tokens[0].kind is TokenKind.HASHTAG else "@") + fold(tokens[0].value)
    return " ".join(words_in_order(text))


def as_read(text: str) -> str:
    """Return the words of a text as they are compared, for people to read."""
    return " ".join("".join(run) for run in runs(text)).replace("\u2019", "'")


def left_out(text: str) -> str:
    """Return the signs of a text that `as_phrase` ignores, each once, in order."""
    if as_phrase(text)[:1] in ("#", "@"):
        return ""
    return "".join(dict.fromkeys("".join(_RUN.sub(" ", _folded(text)).split())))


class Phrases(Generic[T]):
    """Many phrases (`as_phrase` → what it stands for), searched for at once.

    A word is found in #tags and @names too, a #tag or @name only as such. A word of a phrase that ends in * matches
    each word that begins with it.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._marks: dict[str, T] = {}
        # A tree of words: a text is walked through once, whatever the number of phrases.
        self._tree: dict[str, Any] = {}
        self._has_beginnings = False
        for phrase, meaning in phrases:
            if phrase[:1] in ("#", "@"):
                self._marks[phrase] = meaning
                continue
            branch = self._tree
            words = phrase.split()
            if len(words) == 1 and len(phrase) == 1 and is_hangul(phrase):
                words = [_alone(phrase)]
            for word in words:
                self._has_beginnings |= word.endswith("*")
                branch = branch.setdefault(word, {})
            if branch is not self._tree:
                branch[""] = meaning

    def __bool__(self) -> bool:
        return bool(self._marks or self._tree)

    def found_in(self, text: str) -> list[T]:
        """Return what the phrases in the text stand for."""
        found: list[T] = []
        if self._marks:
            marks = [f"#{fold(tag)}" for tag in hashtags(text)] + [f"@{name}" for name in mentions(text)]
            found += [self._marks[mark] for mark in marks if mark in self._marks]
        if self._tree:
            found += self.found_among([forms for run in runs(text) for forms in _forms(run)])
        return found

    def found_among(self, words: list[tuple[str, ...]]) -> Iterator[T]:
        """Yield what the phrases in a sequence of words stand for; each word is given in all its forms."""
        for start, first in enumerate(words):
            branches = self._further([self._tree], first)
            at = start + 1
            while branches:
                yield from (branch[""] for branch in branches if "" in branch)
                branches = self._further(branches, words[at]) if at < len(words) else []
                at += 1

    def _further(self, branches: list[dict[str, Any]], forms: tuple[str, ...]) -> list[dict[str, Any]]:
        found = [branch[form] for branch in branches for form in forms if form in branch]
        if self._has_beginnings:
            beginnings = {
                f"{form[:size]}*" for form in forms for size in range(1, min(len(form), PREFIX_MAX) + 1)
            }
            found += [branch[word] for branch in branches for word in beginnings if word in branch]
        return found


def _folded(text: str) -> str:
    text = _APOSTROPHE.sub("'", text[:LONGEST])
    if "'" in text:
        text = _BEFORE_CAPITALS.sub("\u2019", text)
    if text.isascii():
        return text.lower()
    return _MARKS_OVER.sub("", fold(_EMOJI_OF_LETTERS.sub("\u20e3", text)))


def _forms(run: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield each word of a run of `runs`, with the other words by which a phrase may name it."""
    first = run[0]
    if first.isascii() and first.isalnum():
        yield (first,)
    elif is_hangul(first):
        # A one-syllable word would match in every third word: it is found only alone or before a particle.
        noun = len(run) == 1 or _PARTICLE.fullmatch("".join(run[1:]))
        yield (first, _alone(first)) if noun else (first,)
        yield from ((letter,) for letter in run[1:])
    elif len(run) > 1:
        yield from ((letter,) for letter in run)
    else:
        yield tuple(dict.fromkeys([first.replace("\u2019", "'"), *_named_by(first)]))


def _named_by(word: str) -> Iterator[str]:
    """Yield shorter words that a reader sees in a word with signs: its noun without article, suffix or sign."""
    for part in bare(word):
        yield part.replace("\u2019", "'")
        yield from _named_by(part)
    before, apostrophe, after = word.replace("\u2019", "'").rpartition("'")
    if not apostrophe:
        return
    if after in _SHORT_VERBS or (len(before) > 2 and after != "t" and not _ELISION.fullmatch(before)):
        # Alice's, he'll, Ankara'da
        yield before
        yield from _named_by(before)
    elif before not in _BEFORE_VERBS and (len(after) > 2 or "\u2019" in word):
        # l'été, dell'arte, O'Neill, l'IA
        yield after


def _alone(syllable: str) -> str:
    """Return a Hangul syllable marked as a whole word; no word of a text has this mark."""
    return f"{syllable}."
