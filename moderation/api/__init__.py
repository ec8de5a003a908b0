"""The REST API of moderation, by noun."""

from moderation.api.cases import CaseDecision, Cases, Log, OneCase, Overview, Reports
from moderation.api.reports import OwnDecisions, OwnReports, PostReport, Rules
from moderation.api.rules import (
    BuiltInRules,
    BuiltInRuleTrial,
    OneBuiltInRule,
    OneWordRule,
    WordRules,
    WordRuleTrial,
)
from moderation.api.signups import SignupDecision, Signups
from moderation.api.trends import TrendDecision, TrendReviews

__all__ = [
    "BuiltInRuleTrial",
    "BuiltInRules",
    "CaseDecision",
    "Cases",
    "Log",
    "OneBuiltInRule",
    "OneCase",
    "OneWordRule",
    "Overview",
    "OwnDecisions",
    "OwnReports",
    "PostReport",
    "Reports",
    "Rules",
    "SignupDecision",
    "Signups",
    "TrendDecision",
    "TrendReviews",
    "WordRuleTrial",
    "WordRules",
]
