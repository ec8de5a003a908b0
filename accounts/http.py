"""The viewer of a request, for every entry point: pages, the REST API and anything else with a request.

core can’t import `Member`, so its untyped helpers get the type here.
"""

from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Member
from core.api import BaseApiView
from core.refusals import NotFound, SignInNeeded


def viewer_of(request: HttpRequest) -> Member | None:
    """Return the signed-in member, or None for a guest: what every `visible_to` takes."""
    return request.user if request.user.is_authenticated else None


def signed_in(request: HttpRequest, *, back: Callable[[], str] | None = None) -> Member:
    """Return the signed-in member. Raises SignInNeeded, which each entry point shows in its own way.

    `back` returns where a guest goes after signing in: to what they wanted to act on. Its NotFound is ignored,
    so that what is hidden from a guest looks like what never existed.
    """
    if not request.user.is_authenticated:
        refusal = SignInNeeded()
        with suppress(NotFound):
            refusal.back = back() if back else ""
        raise refusal
    return request.user


CONFIRM_LATER = "confirm_later"
"""In the session: the day on which the member asked not to be reminded to confirm their address."""


def reminds_to_confirm(request: HttpRequest, member: Member) -> bool:
    """Return whether to remind the member to confirm their email address; not again on a day they said “Not now”."""
    return (
        bool(member.email)
        and member.email_state != Member.EmailState.TRUSTED
        and request.session.get(CONFIRM_LATER) != timezone.now().date().isoformat()
    )


class ApiView(BaseApiView):
    """Base of every REST view: find, call an action, serialize."""

    @property
    def viewer(self) -> Member | None:
        """The signed-in member, or None for a guest."""
        return self.request.user if self.request.user.is_authenticated else None

    @property
    def member(self) -> Member:
        """The signed-in member. Raises SignInNeeded."""
        if not self.request.user.is_authenticated:
            raise SignInNeeded
        return self.request.user
