"""Sign-up requests, for moderators."""

from accounts.models import Member, SignupMode, SignupRequest, signup_mode
from accounts.queries import signup_requests
from core.pages import Page, paginate
from moderation.queries.access import moderators_only


def signups_page(viewer: Member | None, *, cursor: str | None = None, size: int = 20) -> Page[SignupRequest]:
    """Return the sign-up requests, longest waiting first."""
    moderators_only(viewer)
    return paginate(signup_requests(), cursor=cursor, keys=("created_at", "pk"), size=size)


def signups_count(viewer: Member | None) -> int:
    moderators_only(viewer)
    return SignupRequest.objects.waiting().count()


def shows_signup_queue() -> bool:
    """Return whether to show the queue: if sign-ups need approval, or a request is left from when they did."""
    return signup_mode() is SignupMode.APPROVAL or SignupRequest.objects.waiting().exists()
