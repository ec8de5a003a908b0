from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import Conflict, Forbidden, Invalid
from core.text import clean_line
from moderation.local import fold_pattern
from moderation.models import PATTERN_MAX, Category, WordRule


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
    """A new word rule, or with `rule` a new form of that one."""
    _may_write(by)
    pattern = checked_pattern(pattern)
    if category not in Category.values or category == Category.NONE or action not in WordRule.Action.values:
        raise Invalid(_("Choose a category and what happens."))
    with transaction.atomic():
        others = WordRule.objects.exclude(pk=rule.pk) if rule else WordRule.objects.all()
        if others.filter(pattern=pattern).exists():
            raise Conflict(_("There is a rule with these words already."))
        rule = rule or WordRule()
        rule.pattern, rule.category, rule.action = pattern, category, action
        rule.active, rule.note = active, clean_line(note)[:300]
        rule.save()
    return rule


def delete_word_rule(*, rule: WordRule, by: Member) -> None:
    _may_write(by)
    rule.delete()


def checked_pattern(pattern: str) -> str:
    """The pattern in the form in which it is stored. Raises Invalid."""
    pattern = fold_pattern(pattern)
    if len(pattern.replace("*", "")) < 2 or len(pattern) > PATTERN_MAX:
        raise Invalid(_("A pattern has 2 to %(most)s letters or digits.") % {"most": PATTERN_MAX})
    return pattern


def _may_write(by: Member) -> None:
    if not (by.is_active and (by.is_staff or by.is_superuser)):
        raise Forbidden(_("Only admins write word rules."))
