"""The models of moderation, by noun."""

from moderation.models.cases import Case, CaseQuerySet
from moderation.models.categories import CATEGORY_IN_SENTENCE, Category, category_choices
from moderation.models.deciders import CLASSIFIER, RULES, decider_name
from moderation.models.decisions import REASON_FOR_AUTHOR_MAX, REASON_MAX, Decision, DecisionQuerySet
from moderation.models.reports import COMMENT_MAX, Report, ReportQuerySet, rule_title
from moderation.models.reviews import FAULT_MAX, REVIEW_REASON_MAX, Review, fingerprint
from moderation.models.rules import EXCEPTIONS_MAX, PATTERN_MAX, BuiltInRuleChange, WordRule
from moderation.models.trends import TrendReview, TrendReviewQuerySet

__all__ = [
    "CATEGORY_IN_SENTENCE",
    "CLASSIFIER",
    "COMMENT_MAX",
    "EXCEPTIONS_MAX",
    "FAULT_MAX",
    "PATTERN_MAX",
    "REASON_FOR_AUTHOR_MAX",
    "REASON_MAX",
    "REVIEW_REASON_MAX",
    "RULES",
    "BuiltInRuleChange",
    "Case",
    "CaseQuerySet",
    "Category",
    "Decision",
    "DecisionQuerySet",
    "Report",
    "ReportQuerySet",
    "Review",
    "TrendReview",
    "TrendReviewQuerySet",
    "WordRule",
    "category_choices",
    "decider_name",
    "fingerprint",
    "rule_title",
]
