from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Conflict, Forbidden, Invalid, NotFound
from core.text import clean, clean_line
from moderation.builtin import normalize_exception, rule_set
from moderation.models import EXCEPTIONS_MAX, PATTERN_MAX, BuiltInRuleChange, Category, WordRule
from moderation.word_rules import fold_pattern


def write_word_rule(
    *,
    by: Member,
    pattern: str,
    category: str = Category.SPAM,
    action: str = WordRule.Action.FLAG,
    active: bool = True,
    note: str = "",
    rule: WordRule | None = None,
) -> WordRule:
    """Create a word rule, or change `rule`."""
    _require_admin(by)
    pattern = checked_pattern(pattern)
    if category not in Category.values or category == Category.NONE or action not in WordRule.Action.values:
        raise Invalid(_("Choose a category and what happens."))
    with transaction.atomic():
        others = WordRule.objects.exclude(pk=rule.pk) if rule else WordRule.objects.all()
        if others.filter(pattern=pattern).exists():
            raise Conflict(_("There’s already a rule with these words."))
        rule = rule or WordRule()
        rule.pattern, rule.category, rule.action = pattern, category, action
        rule.active, rule.note = active, clean_line(note)[:300]
        rule.save()
    return rule


def delete_word_rule(*, rule: WordRule, by: Member) -> None:
    _require_admin(by)
    rule.delete()


def change_built_in_rule(
    *,
    key: str,
    by: Member,
    active: bool | None = None,
    action: str | None = None,
    exceptions: str | None = None,
) -> None:
    """Change the given settings of a built-in rule. `action` "" resets the action to its default."""
    _require_admin(by)
    rule = rule_set().rules.get(key)
    if rule is None:
        raise NotFound
    if action is not None and action not in ("", *WordRule.Action.values):
        raise Invalid(_("Choose what happens."), fields={"action": [_("Choose one of these.")]})
    given: dict[str, Any] = {"active": active, "action": "" if action == rule.action else action}
    if exceptions is not None:
        given["exceptions"] = _checked_exceptions(exceptions)
    changes = {name: value for name, value in given.items() if value is not None}
    with transaction.atomic():
        change = BuiltInRuleChange.objects.select_for_update().filter(pk=key).first()
        change = change or BuiltInRuleChange(key=key)
        for name, value in changes.items():
            setattr(change, name, value)
        change.changed_by, change.changed_at = by, timezone.now()
        change.save()


def reset_built_in_rule(*, key: str, by: Member) -> bool:
    """Reset a built-in rule to its defaults. Return False if it had them."""
    _require_admin(by)
    return bool(BuiltInRuleChange.objects.filter(pk=key).delete()[0])


def _checked_exceptions(exceptions: str) -> str:
    """Return the exceptions, one per line, as they are stored. Raise Invalid."""
    lines = [clean_line(line) for line in clean(exceptions).splitlines()]
    kept = "\n".join(line for line in lines if line)
    for line in kept.splitlines():
        if len(normalize_exception(line)) < 2:
            message = _("“%(line)s” has no words to compare.") % {"line": line}
            raise Invalid(message, fields={"exceptions": [message]})
    if len(kept) > EXCEPTIONS_MAX:
        message = _("Exceptions can have up to %(most)s characters.") % {"most": EXCEPTIONS_MAX}
        raise Invalid(message, fields={"exceptions": [message]})
    return kept


def checked_pattern(pattern: str) -> str:
    """Return the pattern as it is stored. Raise Invalid."""
    pattern = fold_pattern(pattern)
    if len(pattern.replace("*", "")) < 2 or len(pattern) > PATTERN_MAX:
        raise Invalid(_("A pattern must have 2 to %(most)s letters or digits.") % {"most": PATTERN_MAX})
    return pattern


def _require_admin(by: Member) -> None:
    if not (by.is_active and (by.is_staff or by.is_superuser)):
        raise Forbidden(_("Only admins can edit word rules."))
