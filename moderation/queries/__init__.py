"""What moderation reads, by noun."""

from moderation.queries.access import moderators_only
from moderation.queries.authors import Trust, recent_duplicates, trust_of
from moderation.queries.queue import (
    History,
    QueueItem,
    Tab,
    log_page,
    moderation_history,
    possible_acts,
    queue_item,
    queue_page,
    reports_page,
    seen_version,
    tab_counts,
)
from moderation.queries.reports import (
    decisions_on,
    open_report,
    report_rules,
    reportable_post,
    reports_by,
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
from moderation.queries.sharing import may_be_sent_outside
from moderation.queries.signups import shows_signup_queue, signups_count, signups_page
from moderation.queries.standing import Supporters, is_known_supporter, is_recent_supporter
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
    "QueueItem",
    "Supporters",
    "Tab",
    "TrendItem",
    "TrendStanding",
    "Trial",
    "Trust",
    "active_word_rules",
    "built_in_rule",
    "built_in_rules",
    "built_in_settings",
    "decisions_on",
    "due_reviews",
    "is_known_supporter",
    "is_recent_supporter",
    "log_page",
    "may_be_sent_outside",
    "moderation_history",
    "moderators_only",
    "open_report",
    "overdue_reviews",
    "possible_acts",
    "queue_item",
    "queue_page",
    "recent_duplicates",
    "report_rules",
    "reportable_post",
    "reports_by",
    "reports_page",
    "seen_version",
    "shows_signup_queue",
    "signups_count",
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
