"""Which rules a text breaks: the one place that asks all of them."""

from dataclasses import dataclass

from moderation.local import broken_rules
from moderation.models import WordRule


@dataclass(frozen=True)
class Finding:
    """That a text breaks a rule: `words` is what was found in it."""

    category: str
    action: str
    words: str

    @property
    def holds(self) -> bool:
        return self.action == WordRule.Action.HOLD


def findings(text: str) -> list[Finding]:
    """What the rules that are switched on find in the text, those that hold first."""
    written = broken_rules(text, WordRule.objects.filter(active=True))
    found = [Finding(rule.category, rule.action, rule.pattern) for rule in written]
    return sorted(found, key=lambda finding: not finding.holds)
