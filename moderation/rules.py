"""Which rules a text breaks: the one place that asks all of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from core.sentences import Sentence, sentence
from moderation.builtin import Setting, rule_set
from moderation.local import broken_rules
from moderation.models import WordRule


@dataclass(frozen=True)
class Finding:
    """That a text breaks a rule. `reason` says which, and keeps no words of the text."""

    category: str
    action: str
    reason: Sentence

    @property
    def holds(self) -> bool:
        return self.action == WordRule.Action.HOLD


def findings(text: str, *, written: Iterable[WordRule], built_in: Iterable[Setting]) -> list[Finding]:
    """What the community's own rules and those that come with Kith find in the text, those that hold first."""
    found = [
        Finding(rule.category, rule.action, sentence(_("It contains “%(words)s”."), words=rule.pattern))
        for rule in broken_rules(text, written)
    ]
    read = rule_set().reader.read(text)
    for setting in built_in:
        if setting.found_in(read):
            reason = sentence(_("Built-in rule: %(rule)s."), rule=sentence(setting.rule.marked_title))
            found.append(Finding(setting.rule.category, setting.action, reason))
    return sorted(found, key=lambda finding: not finding.holds)
