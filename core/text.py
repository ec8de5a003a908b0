"""The only tokenizer of members’ text: links, @mentions and #hashtags in any script, in linear time.

Rendering, mention and tag rows, search and review all use it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import regex

MARKS_MAX = 30
"""Combining marks in a row, as in the stream-safe text format of UAX #15. No language needs more."""
USERNAME_MIN, USERNAME_MAX = 2, 30
TAG_MAX = 100
TAG_FOLDED_MAX = 200
LINK_MAX = 2000

_NEWLINE = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_REMOVED = r"[\p{Cc}\p{Cs}\u202a-\u202e--[\n\t]]"
_REMOVED_ONES = regex.compile(f"{_REMOVED}+", regex.V1)
# Without a glyph: spaces, default-ignorable characters, the empty Braille pattern.
_BLANK = regex.compile(r"[\p{Z}\p{Cc}\p{Cf}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]*+")

# Joins the character before it when text is normalized: the marks, and two letters that become marks.
_MARK = r"[\p{M}\uff9e\uff9f]"
# Characters that `clean` removes may be between two marks.
_TOO_MANY_MARKS = regex.compile(rf"(?<!{_MARK}){_MARK}(?:{_REMOVED}*+{_MARK}){{{MARKS_MAX}}}", regex.V1)
_MARKS_OVER = regex.compile(rf"(?<!{_MARK}){_MARK}{{{MARKS_MAX}}}\K{_MARK}+")

_SCHEME = re.compile(r"https?\Z", re.IGNORECASE)
_CANDIDATE = re.compile(r"://|[@\uff20#\uff03]")

# Letters, digits and marks that continue an ASCII word. A word of any other script may come directly before or after a
# @name, a #tag or a link, because many scripts have no spaces there.
_GOES_ON = regex.compile(
    r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{Nd}_\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\U0001d400-\U0001d7ff]"
)
_WORD_CHARACTER = regex.compile(r"[\p{L}\p{M}\p{N}_]")
_NOT_WORD_CHARACTERS = regex.compile(r"[^\p{L}\p{M}\p{N}_]+")

_MENTION = re.compile(r"[A-Za-z0-9_]+")
_REST_OF_MAIL_HOST = re.compile(r"[A-Za-z0-9-]*\.[A-Za-z]{2}")
_MAIL_SIGNS = "+-'."

# Allowed inside a tag, but not at its beginning or end: joiners of Persian and Indic scripts, the middle dots of
# Catalan and Katakana, the geresh of Hebrew, the tsheg of Tibetan and similar characters, as in twitter-text.
_TAG = regex.compile(
    r"[\p{L}\p{N}_]"
    r"(?:[\p{L}\p{M}\p{N}_]"
    r"|[\u200c\u200d\u00b7\u30fb\uff65\u2027\u30a0\u301c\uff5e\u3003\u309b\u309c\u05be\u05f3\u05f4\u0f0b\u0f0c\ua67e]++"
    r"(?=[\p{L}\p{M}\p{N}_]))*+"
    # A joiner after a virama shapes the letter before it, at the end of a word too.
    r"(?:(?<=\p{ccc=9})\u200d)?"
)
_LETTER = regex.compile(r"\p{L}")

# Labels with dots between them: each begins and ends with a letter or digit.
_LABEL = r"[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_\u200c\u200d-]*[\p{L}\p{M}\p{N}])?+"
_HOST = regex.compile(rf"{_LABEL}(?:\.{_LABEL})*+")
_ASCII_TOP = re.compile(r"xn--[A-Za-z0-9-]+|[A-Za-z0-9]+", re.IGNORECASE)
_PORT = re.compile(r"\.?(?::[0-9]{1,5}(?![0-9])|(?=[/?#]))")
# Ends a link anywhere: spaces, quotation marks and brackets that aren’t ASCII, the end of a sentence in any script,
# emoji and other symbols, and invisible characters (except the joiners that Persian and Indic words need).
_STOP = regex.compile(
    r"[\s<>\"\\\u2014\u2015\ufe00-\ufe0f\uff02\uff03\uff06\uff07\uff0a\uff20\uff3c"
    r"[\p{Z}\p{C}\p{S}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Terminal_Punctuation}--[\x00-\x7f\u2018\u2019\u200c\u200d]]]"
    r"|[0-9#*](?=\ufe0f?\u20e3)",
    regex.V1,
)
_BRACKET = re.compile(r"[()\[\]{}]")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_OPENING = {closing: opening for opening, closing in _CLOSING.items()}
# Belongs to the sentence around a link if it is at the link’s end.
_TRAILING = regex.compile(r"[.,:;!?'*_~\u200c\u200d[\p{P}--[\x00-\x7f]]]", regex.V1)
# An ASCII URL directly before a word of a script that doesn’t continue it.
_GLUED = regex.compile(
    r"[\x21-\x7e]*[A-Za-z0-9](?=['*_~\u2018\u2019]*+[\p{L}--[\p{Latin}\p{Greek}\p{Cyrillic}]])", regex.V1
)


class TokenKind(StrEnum):
    TEXT = "text"
    LINK = "link"
    MENTION = "mention"
    HASHTAG = "hashtag"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as it was written; `value` is its meaning: URL, username in lower case, folded tag."""

    kind: TokenKind
    text: str
    value: str


def has_too_many_marks(text: str) -> bool:
    """Return whether more than `MARKS_MAX` combining marks are in a row, where normalizing takes quadratic time.

    Linear in the text as it was sent, before any cleaning.
    """
    return _TOO_MANY_MARKS.search(text) is not None


def without_surplus_marks(text: str) -> str:
    """Return the text with up to `MARKS_MAX` marks in a row, so that normalizing it takes linear time."""
    return text if text.isascii() else _MARKS_OVER.sub("", text)


def normalized(text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> str:
    """Normalize like `unicodedata.normalize`, in linear time: surplus marks are dropped."""
    return unicodedata.normalize(form, without_surplus_marks(text))


def clean(text: str) -> str:
    """Return a text as it is stored: NFC, no control characters, no more than one empty line in a row."""
    text = _REMOVED_ONES.sub("", _NEWLINE.sub("\n", text))
    # Afterwards, because a removed character may have been between a letter and its accent.
    text = normalized(text, "NFC")
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def isolated(text: str) -> str:
    """Return the text so that it keeps its direction in a sentence: right-to-left text is put between FSI and PDI."""
    if any(unicodedata.bidirectional(char) in ("R", "AL") for char in text):
        return f"\u2068{text}\u2069"
    return text


def is_blank(text: str) -> bool:
    """Return whether nothing in the text is visible: only spaces, or characters without a glyph."""
    return _BLANK.fullmatch(text) is not None


def clean_line(text: str) -> str:
    """Clean a text that fits on one line: names, places."""
    return " ".join(clean(text).split())


def length(text: str) -> int:
    """Return the length of a text: code points in NFC, as static/js/counter.js counts."""
    surplus = len(text) - len(without_surplus_marks(text))
    return len(normalized(text, "NFC")) + surplus


def fold_tag(tag: str) -> str:
    """Return the form under which a tag is counted and found: #Ana, #ANA, #ana and #Ａｎａ are one. Word characters
    only.

    Folding twice changes nothing.
    """
    # Twice, because case folding can produce a compatibility form, and vice versa.
    for _ in range(2):
        tag = normalized(normalized(tag, "NFKC").casefold(), "NFKC")
    return normalized(_NOT_WORD_CHARACTERS.sub("", tag), "NFKC")


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of the text; their `text`s joined are the whole text."""
    plain_from = at = stop_at = 0
    while match := _CANDIDATE.search(text, at):
        start = match.start()
        if match[0] == "://":
            if stop_at < match.end():
                stop = _STOP.search(text, match.end())
                stop_at = stop.start() if stop else len(text)
            kind, start, end, value = TokenKind.LINK, *_link(text, start, stop_at)
            if start < plain_from or not value:
                # Not a link, but still an address: don’t look for mentions and tags in it.
                at = max(end, match.end())
                continue
        elif match[0] in "@\uff20":
            kind, end, value = TokenKind.MENTION, *_mention(text, start)
        else:
            kind, end, value = TokenKind.HASHTAG, *_hashtag(text, start)
        if not value:
            at = match.end()
            continue
        if plain_from < start:
            yield Token(TokenKind.TEXT, text[plain_from:start], text[plain_from:start])
        yield Token(kind, text[start:end], value)
        plain_from = at = end
    if plain_from < len(text):
        yield Token(TokenKind.TEXT, text[plain_from:], text[plain_from:])


def mentions(text: str) -> list[str]:
    """Return the usernames mentioned, in lower case, each once, in order."""
    return list(dict.fromkeys(t.value for t in tokenize(text) if t.kind is TokenKind.MENTION))


def hashtags(text: str) -> dict[str, str]:
    """Return the tags: folded form → as first written, in order."""
    found: dict[str, str] = {}
    for token in tokenize(text):
        if token.kind is TokenKind.HASHTAG:
            found.setdefault(token.value, token.text[1:])
    return found


def _mention(text: str, start: int) -> tuple[int, str]:
    """Return the end of the mention at `start`, and the username; "" if it isn’t one."""
    before = text[start - 1 : start]
    match = _MENTION.match(text, start + 1)
    if match is None or (before and (before in "@\uff20/" or _GOES_ON.match(before))):
        return start, ""
    end = match.end()
    after = text[end : end + 1]
    # name@host and @name@host are addresses on other sites, not members.
    if (
        not USERNAME_MIN <= len(match[0]) <= USERNAME_MAX
        or after in ("@", "\uff20")
        or text.startswith("://", end)
    ):
        return start, ""
    if after and _GOES_ON.match(after):
        return start, ""
    # An email address, whose first part may be in any script.
    if (
        before
        and (before in _MAIL_SIGNS or _WORD_CHARACTER.match(before))
        and _REST_OF_MAIL_HOST.match(text, end)
    ):
        return start, ""
    return end, match[0].lower()


def _hashtag(text: str, start: int) -> tuple[int, str]:
    """Return the end of the tag at `start`, and its folded form; "" if it isn’t one."""
    before = text[start - 1 : start]
    if before and (before in "#\uff03&/" or _GOES_ON.match(before)):
        return start, ""
    match = _TAG.match(text, start + 1, start + 1 + TAG_MAX)
    if match is None or not _LETTER.search(match[0]) or text.startswith("://", match.end()):
        return start, ""
    folded = fold_tag(match[0])
    # One letter may fold to eighteen (\ufdfa): text that doesn’t fit the column isn’t a tag.
    return (match.end(), folded) if 0 < len(folded) <= TAG_FOLDED_MAX else (start, "")


def _link(text: str, at: int, stop_at: int) -> tuple[int, int, str]:
    """Return start, end and address of the link around the "://" at `at`; "" if it isn’t one.

    `stop_at` is the position of the next character that no link may contain.
    """
    host_from = at + 3
    scheme = _SCHEME.search(text, max(0, at - 5), at)
    if scheme is None and not text[at - 1 : at].isalnum():
        return at, host_from, ""
    start = scheme.start() if scheme else at
    # Never looks further than the longest link, so that a text full of "http://" takes linear time.
    run_end = min(stop_at, start + LINK_MAX)
    before = text[start - 1 : start]
    end = _host_end(text, host_from, run_end)
    if scheme is None or (before.isascii() and before.isalnum()) or end == host_from:
        return start, run_end, ""
    if port := _PORT.match(text, end, run_end):
        end = port.end()
    if end < run_end and text[end] in "/?#":
        end = _path_end(text, end, run_end)
    return start, end, text[start:end]


def _host_end(text: str, start: int, end: int) -> int:
    """Return the end of an address’s host; `start` if no link may lead to it."""
    authority = re.split(r"[/?#]", text[start:end], maxsplit=1)[0]
    host = _HOST.match(text, start, end)
    # Text before an @ isn’t a host, but looks like one.
    if host is None or "@" in authority:
        return start
    name = host[0]
    top_from = name.rfind(".") + 1
    if not top_from:
        return host.end() if name.lower() == "localhost" else start
    # No top-level domain mixes ASCII with other letters or has a hyphen: what follows is the next word.
    top = _ASCII_TOP.match(name, top_from)
    return start + (top.end() if top else len(name))


def _path_end(text: str, start: int, end: int) -> int:
    """Return the end of a link whose path (or query, or fragment) goes from `start` to at most `end`."""
    if not text[start:end].isascii() and (glued := _GLUED.match(text, start, end)):
        end = glued.end()
    opened: dict[str, list[int]] = {"(": [], "[": [], "{": []}
    for bracket in _BRACKET.finditer(text, start, end):
        sign = bracket[0]
        if sign in _CLOSING:
            # A bracket that isn’t closed, or only after a space, doesn’t belong to the link.
            if text.find(_CLOSING[sign], bracket.end(), end) < 0:
                end = bracket.start()
                break
            opened[sign].append(bracket.start())
        elif not opened[_OPENING[sign]]:
            end = bracket.start()
            break
        else:
            opened[_OPENING[sign]].pop()
    end = min([end, *(positions[0] for positions in opened.values() if positions)])
    while end > start and _TRAILING.match(text, end - 1):
        end -= 1
    return end
