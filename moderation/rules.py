"""Checking a text against all rules: the community's own and the built-in ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from core.translatable import Translatable, translatable
from moderation.builtin import BuiltInRuleSetting, rule_set
from moderation.models import WordRule
from moderation.word_rules import broken_rules


@dataclass(frozen=True)
class Finding:
    """A rule that a text breaks. `reason` names the rule, and quotes nothing of the text."""

    category: str
    action: str
    reason: Translatable

    @property
    def holds(self) -> bool:
        return self.action == WordRule.Action.HOLD


def findings(
    text: str, *, written: Iterable[WordRule], built_in: Iterable[BuiltInRuleSetting]
) -> list[Finding]:
    """Return the rules that the text breaks, those that hold a post first."""
    found = [
        Finding(rule.category, rule.action, translatable(_("It contains “%(words)s”."), words=rule.pattern))
        for rule in broken_rules(text, written)
    ]
    normalized = rule_set().normalizer.normalize(text)
    for setting in built_in:
        if setting.found_in(normalized):
            reason = translatable(_("Built-in rule: %(rule)s."), rule=translatable(setting.rule.marked_title))
            found.append(Finding(setting.rule.category, setting.action, reason))
    return sorted(found, key=lambda finding: not finding.holds)
