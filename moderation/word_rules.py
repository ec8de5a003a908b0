"""Matching texts with the community's own word rules: pure functions over text."""

from collections.abc import Iterable
from functools import lru_cache

import regex

from core.words import Phrases, is_unspaced, runs, without_signs, words_in_order
from moderation.models import WordRule

_ENDS_IN_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]\Z")


def fold_pattern(pattern: str) -> str:
    """Return a pattern as it is stored: folded words separated by one space, each with or without a * at its end."""
    found: list[str] = []
    *with_star, last = pattern.split("*")
    for part in with_star:
        words = ["".join(run) for run in runs(part)]
        if words and _ENDS_IN_WORD.search(part) and not is_unspaced(words[-1]):
            words[-1] += "*"
        found += words
    return " ".join([*found, *("".join(run) for run in runs(last))]).replace("\u2019", "'")


def broken_rules(text: str, rules: Iterable[WordRule]) -> list[WordRule]:
    """Return the word rules that the text breaks, those that hold a post first.

    A pattern matches consecutive whole words, whatever is between them; in a script without spaces it matches
    anywhere. Words are compared like muted words (core.words), and a second time without the signs that belong to a
    word (C++, AT&T), so that a sign can't hide a word.
    """
    by_phrase: dict[str, list[WordRule]] = {}
    for rule in rules:
        if rule.active:
            by_phrase.setdefault(_refolded(rule.pattern), []).append(rule)
    phrases = Phrases((phrase, phrase) for phrase in by_phrase)
    found = dict.fromkeys([*phrases.found_in(text), *phrases.found_in(without_signs(text))])
    broken = [rule for phrase in found for rule in by_phrase[phrase]]
    return sorted(broken, key=lambda rule: rule.action != WordRule.Action.HOLD)


@lru_cache(maxsize=4096)
def _refolded(pattern: str) -> str:
    """Return a stored pattern folded again: an earlier version folded in a different way."""
    words = []
    for word in fold_pattern(pattern).split():
        words += [word] if word.endswith("*") else words_in_order(word)
    return " ".join(words)
