"""The rules that every post is checked against, as moderators see them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Member
from core.ids import id_at
from core.refusals import NotFound
from moderation.builtin import BuiltInRuleSetting, normalize_exception, rule_set
from moderation.models import BuiltInRuleChange, WordRule
from moderation.queries.access import moderators_only
from moderation.word_rules import broken_rules
from posts.models import Post

TRIED_DAYS = 30
TRIED_AT_MOST = 5000
EXAMPLES = 10


def active_word_rules() -> "QuerySet[WordRule]":
    return WordRule.objects.filter(active=True)


def built_in_settings() -> list[BuiltInRuleSetting]:
    """Return every built-in rule as it is set here, in one query."""
    changes = {change.key: change for change in BuiltInRuleChange.objects.all()}
    settings = []
    for key, rule in rule_set().rules.items():
        change = changes.get(key)
        if change is None:
            settings.append(BuiltInRuleSetting(rule, active=True, action=rule.action))
            continue
        settings.append(
            BuiltInRuleSetting(
                rule,
                active=change.active,
                action=change.action or rule.action,
                exceptions=tuple(
                    words for line in change.exceptions.splitlines() if (words := normalize_exception(line))
                ),
                written=change.exceptions,
                changed=True,
            )
        )
    return settings


def word_rules(viewer: Member | None) -> "QuerySet[WordRule]":
    """Return the word rules, to be paged by ("-id",)."""
    moderators_only(viewer)
    return WordRule.objects.all()


def word_rule(rule_id: int, viewer: Member | None) -> WordRule:
    """Return one rule. Raise NotFound."""
    found = word_rules(viewer).filter(pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def built_in_rules(viewer: Member | None) -> list[BuiltInRuleSetting]:
    moderators_only(viewer)
    return built_in_settings()


def built_in_rule(key: str, viewer: Member | None) -> BuiltInRuleSetting:
    """Return one rule. Raise NotFound."""
    found = [setting for setting in built_in_rules(viewer) if setting.rule.key == key]
    if not found:
        raise NotFound
    return found[0]


@dataclass(frozen=True)
class Trial:
    """What a rule would have found in the public posts of the last 30 days."""

    looked_at: int
    found: int
    examples: list[Post] = field(default_factory=list)


def trial_of_pattern(pattern: str, viewer: Member | None) -> Trial:
    """Try a pattern, as it is stored (actions.checked_pattern), on recent public posts."""
    moderators_only(viewer)
    rule = WordRule(pattern=pattern)
    return _trial(lambda text: bool(broken_rules(text, [rule])), viewer)


def trial_of_built_in(key: str, viewer: Member | None) -> Trial:
    """Try a built-in rule, whether on or off, on recent public posts. Raise NotFound."""
    setting = built_in_rule(key, viewer)
    normalizer = rule_set().normalizer
    return _trial(lambda text: bool(setting.rule.found_in(normalizer.normalize(text))), viewer)


def _trial(breaks: Callable[[str], bool], viewer: Member | None) -> Trial:
    since = id_at(timezone.now() - timedelta(days=TRIED_DAYS), salt=0)
    public = Post.objects.visible_to(None).filter(id__gte=since).order_by("-id")[:TRIED_AT_MOST]
    texts = list(public.values_list("id", "content_warning", "text", "poll_text", "alt_text"))
    found = [post_id for post_id, *words in texts if breaks("\n".join(words))]
    examples = Post.objects.visible_to(viewer).filter(pk__in=found[:EXAMPLES]).select_related("author")
    return Trial(len(texts), len(found), list(examples.newest_first()))
