"""The one tokenizer of what people write: links, @mentions and #hashtags in any script, in linear time.

Every door uses it: rendering, mention and tag rows, search, the composer's highlighting through the API.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import regex

MARKS_MAX = 30
"""Combining marks in a row, as in the stream-safe text format of UAX #15. No language needs more."""
USERNAME_MIN, USERNAME_MAX = 2, 30
TAG_MAX = 100
TAG_FOLDED_MAX = 200
LINK_MAX = 2000

_CANDIDATE = re.compile(r"https?://|[@\uff20#\uff03]", re.IGNORECASE)
_LINK_END = re.compile(r"[\s<>\"\u201c\u201d\u3000\u3001\u3002]|$")
_MENTION = re.compile(r"[A-Za-z0-9_]+")
_TRAILING = ".,:;!?'\u2026*_~"
_JOINERS = "\u200c\u200d"
_NEWLINE = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = "\u115f\u1160\u2800\u3164\uffa0\ufe0e\ufe0f\u034f"
_UNSEEN_CATEGORIES = ("Zs", "Zl", "Zp", "Cc", "Cf", "Cn")
_BIDI_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e"
# What joins the character before it when text is normalised: the marks, and two letters that turn into marks.
_MARK = r"[\p{M}\uff9e\uff9f]"
# Between two marks may stand what `clean` takes out.
_TOO_MANY_MARKS = regex.compile(
    rf"(?<!{_MARK}){_MARK}(?:[\p{{Cc}}\p{{Cs}}{_BIDI_OVERRIDES}--[\n\t]]*+{_MARK}){{{MARKS_MAX}}}", regex.V1
)


class Kind(StrEnum):
    TEXT = "text"
    LINK = "link"
    MENTION = "mention"
    HASHTAG = "hashtag"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as it was written; `value` what it means: URL, username in lower case, folded tag."""

    kind: Kind
    text: str
    value: str


def has_too_many_marks(text: str) -> bool:
    """Whether more than `MARKS_MAX` combining marks stand in a row, where normalising takes quadratic time.

    Linear in the text as it was sent, before any cleaning.
    """
    return _TOO_MANY_MARKS.search(text) is not None


def clean(text: str) -> str:
    """What is stored of what was sent: NFC, no control characters, at most one empty line in a row."""
    text = _NEWLINE.sub("\n", text)
    text = "".join(
        c
        for c in text
        if c in "\n\t" or (c not in _BIDI_OVERRIDES and unicodedata.category(c) not in ("Cc", "Cs"))
    )
    # After the sieve: what it took out may have stood between a letter and its accent.
    text = unicodedata.normalize("NFC", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def is_blank(text: str) -> bool:
    """Nothing in it can be seen: only spaces, or characters that draw none."""
    return all(c in _UNSEEN or unicodedata.category(c) in _UNSEEN_CATEGORIES for c in text)


def clean_line(text: str) -> str:
    """`clean` for what fits on one line: names, places."""
    return " ".join(clean(text).split())


def length(text: str) -> int:
    """How long a text counts: code points in NFC, as static/js/counter.js counts them."""
    return len(unicodedata.normalize("NFC", text))


def fold_tag(tag: str) -> str:
    """The form under which a tag is counted and found: #Ana, #ANA, #ana and #Ａｎａ are one. Word characters only.

    Folding what is folded changes nothing.
    """
    # Twice, because folding a case can bring up a compatibility form, and the other way round.
    for _ in range(2):
        tag = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", tag).casefold())
    return unicodedata.normalize("NFKC", "".join(c for c in tag if _is_word(c)))


def tokenize(text: str) -> Iterator[Token]:
    """The text cut into tokens; their `text`s joined give it back."""
    plain_from = at = 0
    while match := _CANDIDATE.search(text, at):
        start = match.start()
        end, value, kind = start, "", Kind.TEXT
        if match[0] in "@\uff20":
            kind, end, value = Kind.MENTION, *_mention(text, start)
        elif match[0] in "#\uff03":
            kind, end, value = Kind.HASHTAG, *_hashtag(text, start)
        else:
            kind, end, value = Kind.LINK, *_link(text, start, match.end())
        if end == start:
            at = match.end()
            continue
        if plain_from < start:
            yield Token(Kind.TEXT, text[plain_from:start], text[plain_from:start])
        yield Token(kind, text[start:end], value)
        plain_from = at = end
    if plain_from < len(text):
        yield Token(Kind.TEXT, text[plain_from:], text[plain_from:])


def mentions(text: str) -> list[str]:
    """The usernames mentioned, in lower case, each once, in order."""
    return list(dict.fromkeys(t.value for t in tokenize(text) if t.kind is Kind.MENTION))


def hashtags(text: str) -> dict[str, str]:
    """The tags: folded form → as first written, in order."""
    found: dict[str, str] = {}
    for token in tokenize(text):
        if token.kind is Kind.HASHTAG:
            found.setdefault(token.value, token.text[1:])
    return found


def _is_word(char: str) -> bool:
    return char == "_" or unicodedata.category(char)[0] in "LMN"


def _mention(text: str, start: int) -> tuple[int, str]:
    before = text[start - 1] if start else " "
    match = _MENTION.match(text, start + 1)
    if match is None or _is_word(before) or before in "@/.":
        return start, ""
    end = match.end()
    after = text[end] if end < len(text) else " "
    # name@host and @name@host are addresses elsewhere, not members here.
    if not USERNAME_MIN <= len(match[0]) <= USERNAME_MAX or after == "@" or _is_word(after):
        return start, ""
    return end, match[0].lower()


def _hashtag(text: str, start: int) -> tuple[int, str]:
    before = text[start - 1] if start else " "
    if _is_word(before) or before in "#&/":
        return start, ""
    end, letters = start + 1, False
    while end < len(text) and end - start <= TAG_MAX:
        char = text[end]
        category = unicodedata.category(char)[0]
        if category == "L":
            letters = True
        elif (end == start + 1 and category == "M") or not (
            category in "MN" or char == "_" or (char in _JOINERS and end > start + 1)
        ):
            break
        end += 1
    while text[end - 1] in _JOINERS:
        end -= 1
    folded = fold_tag(text[start + 1 : end]) if letters else ""
    # One letter may fold to eighteen (\ufdfa): what does not fit its column is no tag.
    return (end, folded) if 0 < len(folded) <= TAG_FOLDED_MAX else (start, "")


def _link(text: str, start: int, after_scheme: int) -> tuple[int, str]:
    if start and _is_word(text[start - 1]):
        return start, ""
    # Never looks further than a link may be long: a text full of "http://" stays linear.
    furthest = min(len(text), start + LINK_MAX)
    end_match = _LINK_END.search(text, after_scheme, furthest)
    end = end_match.start() if end_match else furthest
    opened, closed = text.count("(", start, end), text.count(")", start, end)
    while end > after_scheme:
        last = text[end - 1]
        if last in _TRAILING:
            end -= 1
        elif last == ")" and closed > opened:
            closed -= 1
            end -= 1
        elif last in "]}":
            end -= 1
        else:
            break
    host = re.split(r"[/?#:]", text[after_scheme:end], maxsplit=1)[0]
    if not host or "@" in host or ("." not in host.strip(".") and host != "localhost"):
        return start, ""
    return end, text[start:end]
