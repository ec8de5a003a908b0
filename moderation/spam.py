"""Scoring how much a text looks like spam, without asking a service: pure functions over text and plain facts.

A high score calls a moderator; it never hides a post by itself.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.text import Token, TokenKind, tokenize

REVIEW_THRESHOLD = 0.7
"""From this score on, a moderator looks at the post of an established member too."""

_REPEATED = re.compile(r"(\S)\1{9,}")

Signal = tuple[float, str]
"""A weight, and a code that moderation.spam_signals can describe."""


@dataclass(frozen=True)
class AuthorHistory:
    """What the author posted before: how many posts, and how many with this same text lately."""

    earlier_posts: int
    recent_duplicates: int = 0


@dataclass(frozen=True)
class SpamRisk:
    """`score` from 0 (no signals) to 1; `signals` are the codes of what was found."""

    score: float
    signals: tuple[str, ...]


def spam_risk(text: str, history: AuthorHistory) -> SpamRisk:
    """Return how much the text looks like spam. The weights are set by hand; they add up to at most 1."""
    tokens = list(tokenize(text))
    found = [
        *_link_signals(tokens, history),
        *_mention_signals(tokens),
        *_writing_signals("".join(token.text for token in tokens if token.kind is TokenKind.TEXT)),
        *_duplicate_signals(history),
    ]
    return SpamRisk(round(min(1.0, sum(weight for weight, _ in found)), 2), tuple(code for _, code in found))


def _link_signals(tokens: Sequence[Token], history: AuthorHistory) -> Iterator[Signal]:
    links = sum(token.kind is TokenKind.LINK for token in tokens)
    if links >= 4:
        yield 0.7, f"links:{links}"
    elif links >= 2:
        yield 0.3, f"links:{links}"
    if links and history.earlier_posts < 3:
        yield 0.4, "early_link"


def _mention_signals(tokens: Sequence[Token]) -> Iterator[Signal]:
    mentions = len({token.value for token in tokens if token.kind is TokenKind.MENTION})
    hashtags = sum(token.kind is TokenKind.HASHTAG for token in tokens)
    if mentions >= 8:
        yield 0.7, f"mentions:{mentions}"
    elif mentions >= 5:
        yield 0.4, f"mentions:{mentions}"
    if hashtags >= 8:
        yield 0.3, f"hashtags:{hashtags}"


def _writing_signals(plain: str) -> Iterator[Signal]:
    letters = [char for char in plain if char.isalpha()]
    words = [word.casefold() for word in plain.split()]
    if len(letters) >= 20 and sum(char.isupper() for char in letters) > 0.7 * len(letters):
        yield 0.2, "capitals"
    if _REPEATED.search(plain) or (len(words) >= 8 and len(set(words)) * 3 <= len(words)):
        yield 0.3, "repetition"


def _duplicate_signals(history: AuthorHistory) -> Iterator[Signal]:
    if history.recent_duplicates >= 3:
        yield 0.8, f"same_text:{history.recent_duplicates + 1}"
    elif history.recent_duplicates:
        yield 0.3, "same_text_again"
