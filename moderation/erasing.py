"""What moderation keeps of a member (config/erasures.py).

That something was decided, when, by which rule and by whom stays: whoever answers for the place must be able to say
what was done. What the post said, why in somebody's words, and whose it was does not.
"""

from django.db import transaction

from accounts.actions import ghost
from core.db import delete_some, insert_once
from moderation.models import Case, Decision, Report, Review

ERASED = "member:-"


def forget_reviews(member_id: int) -> int:
    """Reviews and cases of their posts, and what others reported of these."""
    return sum(
        delete_some(model._base_manager.filter(post__author_id=member_id)) for model in (Review, Case, Report)
    )


def blank_decisions(member_id: int) -> int:
    """Decisions are never changed by anybody who decides; this takes out of them who they were about."""
    # Not through its own manager, which refuses.
    rows = Decision._base_manager
    about = list(rows.filter(author_id=member_id).order_by("pk").values_list("pk", flat=True)[:500])
    changed = rows.filter(pk__in=about).update(post_text="", reason="", author=None)
    made = list(rows.filter(by_id=member_id).order_by("pk").values_list("pk", flat=True)[:500])
    return changed + rows.filter(pk__in=made).update(decided_by=ERASED, by=None)


def hand_over_reports(member_id: int) -> int:
    """What they reported stays reported, by nobody and in nobody's words."""
    reports = list(Report.objects.filter(reporter_id=member_id).order_by("pk")[:100])
    for report in reports:
        with transaction.atomic():
            Report.objects.filter(pk=report.pk).delete()
            report.reporter, report.comment = ghost(), ""
            # Another of nobody's may wait for the same post: then one is enough.
            insert_once(report)
    return len(reports)
