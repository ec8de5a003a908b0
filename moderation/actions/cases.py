"""Opening, escalating and closing cases. Call these with the post locked."""

from django.utils import timezone

from accounts.models import Member
from moderation.models import Case, Report
from posts.models import Post

_BY_URGENCY = [
    Case.Reason.NEW_MEMBER,
    Case.Reason.REPORTED,
    Case.Reason.FAILED,
    Case.Reason.UNSURE,
    Case.Reason.FLAGGED,
    Case.Reason.HELD,
]


def open_case_of(post: Post) -> Case | None:
    return Case.objects.open().filter(post=post).first()


def escalate(post: Post, *, reason: Case.Reason, severity: int, reported: bool = False) -> Case:
    """Open a case for the post, or raise the urgency of the open one."""
    case = open_case_of(post) or Case(post=post, reason=reason)
    if _BY_URGENCY.index(reason) > _BY_URGENCY.index(Case.Reason(case.reason)):
        case.reason = reason
    case.severity = max(case.severity, severity)
    case.reports_count += reported
    _save(case, post)
    return case


def close_case(post: Post) -> None:
    Case.objects.open().filter(post=post).update(closed_at=timezone.now())


def reopen_case(post: Post) -> None:
    """Reopen the case of the post that was closed last, with the reports that are open now."""
    case = Case.objects.filter(post=post).exclude(closed_at=None).order_by("-closed_at", "-id").first()
    case = case or Case(post=post, reason=Case.Reason.REPORTED)
    case.closed_at = None
    case.reports_count = Report.objects.open().filter(post=post).count()
    _save(case, post)


def _save(case: Case, post: Post) -> None:
    hidden = post.state in (Post.State.PENDING, Post.State.HELD)
    case.urgency = case.severity + 10 * min(case.reports_count, 5) + (15 if hidden else 0)
    case.save()


def decider_label(by: Member) -> str:
    """Return the moderator as stored in `decided_by`, which outlives the account."""
    return f"member:{by.username}"
