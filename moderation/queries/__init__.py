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
    seen_mark,
    tab_counts,
)
from moderation.queries.reports import open_report, reportable_post, reports_by, rules_to_report
from moderation.queries.reviews import due_reviews, overdue_reviews
from moderation.queries.signups import signups_count, signups_matter, signups_page

__all__ = [
    "History",
    "Item",
    "Tab",
    "Trust",
    "acts_on",
    "due_reviews",
    "history_of",
    "item_of",
    "log_page",
    "may_leave",
    "moderators_only",
    "open_report",
    "overdue_reviews",
    "queue_page",
    "reportable_post",
    "reports_by",
    "rules_to_report",
    "same_text_lately",
    "seen_mark",
    "signups_count",
    "signups_matter",
    "signups_page",
    "tab_counts",
    "trust_of",
]
