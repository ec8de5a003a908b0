"""The one place where a case is opened, grows more urgent and is closed. Call with the post locked."""

from django.utils import timezone

from accounts.models import Member
from moderation.models import Case, Category
from posts.models import Post

SEVERITY: dict[str, int] = {
    Category.SELF_HARM: 90,
    Category.VIOLENCE: 80,
    Category.HATE: 70,
    Category.HARASSMENT: 70,
    "privacy": 70,
    Category.SEXUAL: 60,
    Category.MISINFORMATION: 40,
    Category.SPAM: 30,
}
"""How much harm a look too late may do, by category or rule."""

UNKNOWN_SEVERITY = 30
_RANK = [
    Case.Why.NEW_MEMBER,
    Case.Why.REPORTED,
    Case.Why.FAILED,
    Case.Why.UNSURE,
    Case.Why.FLAGGED,
    Case.Why.HELD,
]


def severity_of(category: str, *, suspected: bool = False) -> int:
    """`suspected`: somebody thinks so, nobody is sure."""
    whole = SEVERITY.get(category, UNKNOWN_SEVERITY)
    return whole // 2 if suspected else whole


def open_case_of(post: Post) -> Case | None:
    return Case.objects.open().filter(post=post).first()


def put_before_person(post: Post, *, why: Case.Why, severity: int, reported: bool = False) -> Case:
    """Open a case on the post, or make the open one as urgent as this calls for."""
    case = open_case_of(post) or Case(post=post, why=why)
    if _RANK.index(why) > _RANK.index(Case.Why(case.why)):
        case.why = why
    case.severity = max(case.severity, severity)
    case.reports_count += reported
    hidden = post.state in (Post.State.PENDING, Post.State.HELD)
    case.urgency = case.severity + 10 * min(case.reports_count, 5) + (15 if hidden else 0)
    case.save()
    return case


def close_case(post: Post) -> None:
    Case.objects.open().filter(post=post).update(closed_at=timezone.now())


def label(by: Member) -> str:
    """How decisions name a person: kept when the account is gone."""
    return f"member:{by.username}"
