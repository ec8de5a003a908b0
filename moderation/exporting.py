"""A member's reports, and the decisions about their posts, for the data export (config/exports.py)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Member
from core.archives import Part, Record, Records
from core.db import in_chunks
from moderation.models import Decision, Report


def moderation(member: Member) -> Iterator[Part]:
    yield Records("reports", _("Your reports"), _reports(member))
    yield Records("decisions_on_your_posts", _("Decisions about your posts"), _decisions(member))


def _reports(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(Report.objects.filter(reporter=member)):
        for report in chunk:
            yield {
                "post": str(report.post_id),
                "rule": report.rule_title,
                "text": report.comment,
                "at": report.created_at,
                "decided_at": report.decided_at,
                "outcome": report.get_outcome_display(),
            }


def _decisions(member: Member) -> Iterator[Record]:
    # Members learn what was decided about their posts and why, but not by whom, nor of dismissed reports.
    for chunk in in_chunks(Decision.objects.on_posts_of(member)):
        for decision in chunk:
            yield {
                "post": str(decision.post_id) if decision.post_id else None,
                "act": decision.get_act_display(),
                "rule": decision.rule_title,
                "why": decision.reason_text,
                "text": decision.post_text,
                "at": decision.at,
            }
