"""What moderation reads, by noun."""

from moderation.queries.access import moderators_only
from moderation.queries.authors import Trust, same_text_lately, trust_of
from moderation.queries.leaving import may_leave
from moderation.queries.queue import (
    History,
    Item,
    Tab,
    acts_on,
    history_of,
    item_of,
    log_page,
    queue_page,
    reports_page,
    seen_mark,
    tab_counts,
)
from moderation.queries.reports import (
    decisions_on,
    open_report,
    reportable_post,
    reports_by,
    rules_to_report,
)
from moderation.queries.reviews import due_reviews, overdue_reviews
from moderation.queries.rules import (
    Trial,
    active_word_rules,
    built_in_rule,
    built_in_rules,
    built_in_settings,
    trial_of_built_in,
    trial_of_pattern,
    word_rule,
    word_rules,
)
from moderation.queries.signups import signups_count, signups_matter, signups_page
from moderation.queries.standing import Voices, known_voice, recent_voice
from moderation.queries.trends import (
    TrendItem,
    TrendStanding,
    trend_item,
    trend_standing,
    trends_count,
    trends_page,
)

__all__ = [
    "History",
    "Item",
    "Tab",
    "TrendItem",
    "TrendStanding",
    "Trial",
    "Trust",
    "Voices",
    "active_word_rules",
    "acts_on",
    "built_in_rule",
    "built_in_rules",
    "built_in_settings",
    "decisions_on",
    "due_reviews",
    "history_of",
    "item_of",
    "known_voice",
    "log_page",
    "may_leave",
    "moderators_only",
    "open_report",
    "overdue_reviews",
    "queue_page",
    "recent_voice",
    "reportable_post",
    "reports_by",
    "reports_page",
    "rules_to_report",
    "same_text_lately",
    "seen_mark",
    "signups_count",
    "signups_matter",
    "signups_page",
    "tab_counts",
    "trend_item",
    "trend_standing",
    "trends_count",
    "trends_page",
    "trial_of_built_in",
    "trial_of_pattern",
    "trust_of",
    "word_rule",
    "word_rules",
]
