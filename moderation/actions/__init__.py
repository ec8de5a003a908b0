"""All writes of moderation, by noun."""

from moderation.actions.decisions import close_case_of_deleted_post, decide_post
from moderation.actions.reports import report_post
from moderation.actions.reviews import (
    decide_review,
    request_review,
    request_reviews_of_withheld,
)
from moderation.actions.trends import decide_trend, hide_tag, submit_trends_for_review
from moderation.actions.word_rules import (
    change_built_in_rule,
    checked_pattern,
    delete_word_rule,
    reset_built_in_rule,
    write_word_rule,
)

__all__ = [
    "change_built_in_rule",
    "checked_pattern",
    "close_case_of_deleted_post",
    "decide_post",
    "decide_review",
    "decide_trend",
    "delete_word_rule",
    "hide_tag",
    "report_post",
    "request_review",
    "request_reviews_of_withheld",
    "reset_built_in_rule",
    "submit_trends_for_review",
    "write_word_rule",
]
