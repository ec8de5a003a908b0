"""The built-in rules. What they match is data (builtin_rules/*.toml), which a new version may improve. An operator’s
changes to a rule are a row (models.BuiltInRuleChange), which survives updates.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import Match
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from moderation.patterns import (
    Compiler,
    TextNormalizer,
    compiled,
    just_after,
    just_before,
    outside_quotes,
    quoted,
    without_marks,
)

FOLDER = Path(__file__).parent / "builtin_rules"

TITLES: dict[str, str] = {
    "threat": _("Threats against a person"),
    "violence-many": _("Threats against many, calls for violence"),
    "hate": _("Hatred of groups"),
    "slur": _("Slurs"),
    "insult": _("Insulting a person for who they are"),
    "self-harm": _("Telling someone to kill themselves"),
    "wish-of-death": _("Wishing death on someone"),
    "wallet-scam": _("Coin-doubling and wallet scams"),
    "investment-scam": _("Giveaway and investment scams"),
    "phishing": _("Fake prizes, phishing, traded followers, job scams"),
}
"""By the part of a key after its language, marked for translation."""


@dataclass(frozen=True, eq=False)
class Excuses:
    """Patterns that show that words are quoted, reported or negated: before or after them in the sentence, or outside
    their quotation marks. From all languages, since words of one are quoted in sentences of another.
    """

    before: str
    after: str
    cues: str


@dataclass(frozen=True, eq=False)
class BuiltInRule:
    """A rule as shipped. `strict`: only `unless` excuses a match, not negation or reported speech."""

    key: str
    language: str
    version: int
    category: str
    action: str
    patterns: tuple[tuple[frozenset[str], str], ...]
    """Each with words, at least one of which every matching text has (Compiler.anchor)."""
    unless: str
    strict: bool
    excuses: Excuses

    @property
    def marked_title(self) -> str:
        """Its title, marked for translation."""
        return TITLES[self.key.partition("-")[2]]

    @property
    def title(self) -> str:
        return gettext(self.marked_title)

    def found_in(self, read: str) -> str:
        """Return the words in a normalized text that break the rule; empty if there are none."""
        words = set(read.split())
        for anchor, pattern in self.patterns:
            if anchor and anchor.isdisjoint(words):
                continue
            for match in compiled(pattern).finditer(read):
                if not self._is_excused(read, match):
                    return "" if self._is_off(read) else match[0].strip()
        return ""

    def _is_off(self, read: str) -> bool:
        return bool(self.unless) and compiled(self.unless).search(read) is not None

    def _is_excused(self, read: str, match: Match[str]) -> bool:
        """Return whether the words are quoted, reported or negated."""
        if quoted(read, match.start()):
            return compiled(self.excuses.cues).search(outside_quotes(read)) is not None
        if self.strict:
            return False
        return (
            compiled(self.excuses.before).search(just_before(read, match.start())) is not None
            or compiled(self.excuses.after).search(just_after(read, match.end())) is not None
        )


@dataclass(frozen=True)
class BuiltInRuleSetting:
    """A rule with its settings: as shipped, or as changed by an operator."""

    rule: BuiltInRule
    active: bool
    action: str
    exceptions: tuple[str, ...] = ()
    """Normalized words; a text with any of them doesn't break the rule."""
    written: str = ""
    """The exceptions as entered."""
    changed: bool = False

    def found_in(self, read: str) -> str:
        """Like BuiltInRule.found_in; empty if the rule is off."""
        if not self.active or any(f" {words} " in read for words in self.exceptions):
            return ""
        return self.rule.found_in(read)


@dataclass(frozen=True)
class RuleSet:
    rules: dict[str, BuiltInRule]
    normalizer: TextNormalizer


def normalize_exception(words: str) -> str:
    """Normalize an operator's exception; empty if it has no words."""
    return without_marks(rule_set().normalizer.normalize(words))


@cache
def rule_set() -> RuleSet:
    """Load and compile every rule as shipped, by its key."""
    words: set[str] = set()
    prefixes: set[str] = set()
    rules: dict[str, BuiltInRule] = {}
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))]
    compilers = [Compiler(data["lists"], words, prefixes) for data in files]
    excuses = Excuses(*(_any(compilers, files, where) for where in ("before", "after", "cues")))
    for data, compiler in zip(files, compilers, strict=True):
        rules |= {rule.key: rule for rule in _rules(data, compiler, excuses)}
    return RuleSet(rules, TextNormalizer(frozenset(words), frozenset(prefixes)))


def _any(compilers: list[Compiler], files: list[dict[str, Any]], where: str) -> str:
    return "|".join(
        compiler.either(data["excuses"][where]) for compiler, data in zip(compilers, files, strict=True)
    )


def _rules(data: dict[str, Any], compiler: Compiler, excuses: Excuses) -> Iterator[BuiltInRule]:
    for rule in data["rule"]:
        yield BuiltInRule(
            key=rule["key"],
            language=data["language"],
            version=data["version"],
            category=rule["category"],
            action=rule["action"],
            patterns=tuple(
                (compiler.anchor(source), compiler.pattern(source)) for source in rule["patterns"]
            ),
            unless=compiler.either(rule.get("unless", [])),
            strict=rule.get("strict", False),
            excuses=excuses,
        )
