"""What can be told about a text without asking anybody: the community's word rules, and a few signs of spam.

Pure functions over text and plain history. They say what a person should look at; only a word rule with the action
"hold" keeps a post from others by itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import regex

from core.text import Kind, tokenize
from core.words import Phrases, is_unspaced, runs, without_signs, words_in_order
from moderation.models import WordRule

LOOK_AT = 0.7
"""From this risk on a person looks at an established member's post too."""

_ENDS_IN_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]\Z")
_REPEATED = re.compile(r"(\S)\1{9,}")


@dataclass(frozen=True)
class AuthorHistory:
    """What the author posted before: how often, and how often the same text lately."""

    earlier_posts: int
    same_text_lately: int = 0


@dataclass(frozen=True)
class Risk:
    """`score` from 0 (nothing to see) to 1; `signs` says what was seen, in codes that moderation.signs can name."""

    score: float
    signs: tuple[str, ...]


def fold_pattern(pattern: str) -> str:
    """A pattern in the form in which it is stored: folded words with one space between them, each perhaps with a *."""
    found: list[str] = []
    *with_star, last = pattern.split("*")
    for part in with_star:
        words = ["".join(run) for run in runs(part)]
        if words and _ENDS_IN_WORD.search(part) and not is_unspaced(words[-1]):
            words[-1] += "*"
        found += words
    return " ".join([*found, *("".join(run) for run in runs(last))]).replace("\u2019", "'")


def broken_rules(text: str, rules: Iterable[WordRule]) -> list[WordRule]:
    """The word rules that the text breaks, those that hold first.

    A pattern matches whole words in a row, whatever stands between them; in a script that writes no spaces it
    matches anywhere. Words are compared as muted words are (core.words), and once more without the signs that belong
    to a word, so that none of them hides another.
    """
    by_phrase: dict[str, list[WordRule]] = {}
    for rule in rules:
        if rule.active:
            by_phrase.setdefault(_compared(rule.pattern), []).append(rule)
    phrases = Phrases((phrase, phrase) for phrase in by_phrase)
    found = dict.fromkeys([*phrases.found_in(text), *phrases.found_in(without_signs(text))])
    broken = [rule for phrase in found for rule in by_phrase[phrase]]
    return sorted(broken, key=lambda rule: rule.action != WordRule.Action.HOLD)


@lru_cache(maxsize=4096)
def _compared(pattern: str) -> str:
    """A stored pattern as texts are compared with it: folded anew, as an earlier version folded in another way."""
    words = []
    for word in fold_pattern(pattern).split():
        words += [word] if word.endswith("*") else words_in_order(word)
    return " ".join(words)


def risk_of(text: str, history: AuthorHistory) -> Risk:
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
    if links and history.earlier_posts < 3:
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
    if history.same_text_lately >= 3:
        signs.append((0.8, f"same_text:{history.same_text_lately + 1}"))
    elif history.same_text_lately:
        signs.append((0.3, "same_text_again"))
    return Risk(round(min(1.0, sum(weight for weight, _ in signs)), 2), tuple(sign for _, sign in signs))
