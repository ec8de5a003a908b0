"""What moderation erases of a deleted member (config/erasures.py).

Decisions stay, with their time, rule and moderator, because operators must be able to account for them. The text of the
post, the moderator's reason and the author are removed.
"""

from django.db import transaction

from accounts.actions import ghost
from core.db import delete_some, insert_once
from moderation.models import Case, Decision, Report, Review

ERASED = "member:-"


def forget_reviews(member_id: int) -> int:
    """Delete the reviews and cases of their posts, and the reports about these."""
    return sum(
        delete_some(model._base_manager.filter(post__author_id=member_id)) for model in (Review, Case, Report)
    )


def blank_decisions(member_id: int) -> int:
    """Remove the member from decisions, which nothing else ever changes."""
    # Decision.objects refuses updates.
    rows = Decision._base_manager
    about = list(rows.filter(author_id=member_id).order_by("pk").values_list("pk", flat=True)[:500])
    changed = rows.filter(pk__in=about).update(post_text="", reason="", author=None)
    made = list(rows.filter(by_id=member_id).order_by("pk").values_list("pk", flat=True)[:500])
    return changed + rows.filter(pk__in=made).update(decided_by=ERASED, by=None)


def hand_over_reports(member_id: int) -> int:
    """Give the member's reports to the ghost account, without their comments."""
    reports = list(Report.objects.filter(reporter_id=member_id).order_by("pk")[:100])
    for report in reports:
        with transaction.atomic():
            Report.objects.filter(pk=report.pk).delete()
            report.reporter, report.comment = ghost(), ""
            # The ghost may have an open report on the same post already: then one is enough.
            insert_once(report)
    return len(reports)
