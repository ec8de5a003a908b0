"""The member who asks, for every entry point: pages, the REST API and whatever else has a request.

core may not know members, so what it offers without a member's type gets it here.
"""

from django.http import HttpRequest

from accounts.models import Member
from core.api import BaseApiView
from core.refusals import SignInNeeded


def viewer_of(request: HttpRequest) -> Member | None:
    """Return the signed-in member, or None for a guest: what every `visible_to` takes."""
    return request.user if request.user.is_authenticated else None


def signed_in(request: HttpRequest) -> Member:
    """Return the signed-in member. Raises SignInNeeded, which each entry point shows in its own way."""
    if not request.user.is_authenticated:
        raise SignInNeeded
    return request.user


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
