"""What can be told about a text without asking anybody: the community's word rules, and a few signs of spam.

Pure functions over text and plain facts. They say what a person should look at; only a word rule with the action
"hold" keeps a post from others by itself.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from core.text import Kind, tokenize
from moderation.models import WordRule

LOOK_AT = 0.7
"""From this risk on a person looks at an established member's post too."""

_WORD = re.compile(r"[^\W_]+\*?")
_REPEATED = re.compile(r"(\S)\1{9,}")


@dataclass(frozen=True)
class Facts:
    """What is known beside the text."""

    earlier_posts: int
    same_text_lately: int = 0


@dataclass(frozen=True)
class Risk:
    """`score` from 0 (nothing to see) to 1; `signs` says what was seen, in codes that moderation.signs can name."""

    score: float
    signs: tuple[str, ...]


def fold(text: str) -> str:
    """The text as rules compare it: one case, one width, without invisible characters."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", visible.casefold())


def fold_pattern(pattern: str) -> str:
    """A pattern in the form in which it is stored: folded words with one space between them."""
    return " ".join(_WORD.findall(fold(pattern)))


def broken_rules(text: str, rules: Iterable[WordRule]) -> list[WordRule]:
    """The word rules that the text breaks, those that hold first.

    A pattern matches whole words in a row, whatever stands between them; in a script that writes no spaces it
    matches anywhere.
    """
    folded = fold(text)
    words = f" {' '.join(_WORD.findall(folded.replace('*', ' ')))} "
    broken = [rule for rule in rules if rule.active and _matches(rule.pattern, folded, words)]
    return sorted(broken, key=lambda rule: rule.action != WordRule.Action.HOLD)


def _matches(pattern: str, folded: str, words: str) -> bool:
    if not pattern:
        return False
    if _unspaced(pattern):
        return pattern.replace("*", "") in folded
    if "*" not in pattern:
        return f" {pattern} " in words
    parts = [re.escape(part.rstrip("*")) + (r"\w*" if part.endswith("*") else "") for part in pattern.split()]
    return re.search(f" {' '.join(parts)} ", words) is not None


def _unspaced(pattern: str) -> bool:
    """Written in a script without spaces between words: Han, kana, Thai, Lao, Khmer, Burmese."""
    return any(
        "\u0e00" <= c <= "\u0eff"
        or "\u1000" <= c <= "\u109f"
        or "\u1780" <= c <= "\u17ff"
        or "\u3040" <= c <= "\u9fff"
        for c in pattern
    )


def risk_of(text: str, facts: Facts) -> Risk:
    """How much the text looks like spam. Hand-weighted: each sign adds, and the sum ends at 1."""
    tokens = list(tokenize(text))
    links = sum(token.kind is Kind.LINK for token in tokens)
    mentions = len({token.value for token in tokens if token.kind is Kind.MENTION})
    tags = sum(token.kind is Kind.HASHTAG for token in tokens)
    plain = "".join(token.text for token in tokens if token.kind is Kind.TEXT)
    letters = [c for c in plain if c.isalpha()]
    words = [word.casefold() for word in plain.split()]

    signs: list[tuple[float, str]] = []
    if links >= 4:
        signs.append((0.7, f"links:{links}"))
    elif links >= 2:
        signs.append((0.3, f"links:{links}"))
    if links and facts.earlier_posts < 3:
        signs.append((0.4, "early_link"))
    if mentions >= 8:
        signs.append((0.7, f"mentions:{mentions}"))
    elif mentions >= 5:
        signs.append((0.4, f"mentions:{mentions}"))
    if tags >= 8:
        signs.append((0.3, f"hashtags:{tags}"))
    if len(letters) >= 20 and sum(c.isupper() for c in letters) > 0.7 * len(letters):
        signs.append((0.2, "capitals"))
    if _REPEATED.search(plain) or (len(words) >= 8 and len(set(words)) * 3 <= len(words)):
        signs.append((0.3, "repetition"))
    if facts.same_text_lately >= 3:
        signs.append((0.8, f"same_text:{facts.same_text_lately + 1}"))
    elif facts.same_text_lately:
        signs.append((0.3, "same_text_again"))
    return Risk(round(min(1.0, sum(weight for weight, _ in signs)), 2), tuple(sign for _, sign in signs))
