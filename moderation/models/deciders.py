"""Who decides: word rules, the spam classifier, Claude or a moderator, as stored in `decided_by`."""

from django.utils.translation import gettext

RULES = "rules:v1"
CLASSIFIER = "classifier:v1"


def decider_name(decided_by: str) -> str:
    """Return who decided, for display: `@mod`, `Claude (claude-haiku-4-5)`, `Word rules`, `Local review`."""
    kind, _, name = decided_by.partition(":")
    match kind:
        case "member":
            return f"@{name}"
        case "claude":
            return f"Claude ({name})"
        case "rules":
            return gettext("Word rules")
        case "classifier":
            return gettext("Local review")
    return decided_by
