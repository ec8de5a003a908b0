"""The pages of moderation, by noun."""

from moderation.views.queue import case, decide, log, queue
from moderation.views.reports import decisions, report, reports
from moderation.views.rules import delete_rule, rules, set_built_in, write_rule
from moderation.views.signups import decide_signup, signups
from moderation.views.trends import decide_trend, hide_hashtag, trends

__all__ = [
    "case",
    "decide",
    "decide_signup",
    "decide_trend",
    "decisions",
    "delete_rule",
    "hide_hashtag",
    "log",
    "queue",
    "report",
    "reports",
    "rules",
    "set_built_in",
    "signups",
    "trends",
    "write_rule",
]
