"""The member who asks, for every entry point: pages, the REST API and whatever else has a request.

core may not know members, so what it offers without a member's type gets it here.
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

    `back` tells where a guest goes after signing in: to what they wanted to act on. What isn’t there for a guest has
    no such place, like what never existed.
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
    """Base of every REST view: find, act, dress."""

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
