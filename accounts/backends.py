"""Signing in with a username or address, and a password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.limits import DEVICE_COOKIE, is_known_device
from accounts.models import Member
from accounts.queries import confirms_addresses, sign_in_owner, unconfirmed_claimants
from core.addresses import clean_address_or_none
from core.passwords import password_forms


def login_candidates(login: str, request: HttpRequest | None) -> list[Member | None]:
    """Return the members that a username, with or without @, or an address may mean: each has a password to check.

    None takes as much time as a member. An address always has two candidates: who entered it at sign-up without
    confirming it, and its owner. Both passwords are tried, so that signing in with an address that was just entered
    doesn't reveal whether it is another account's too.
    """
    login = login.strip().replace("\0", " ")
    name = login.removeprefix("@").lower()
    if "@" not in name:
        return [Member.objects.named(name).first()]
    address = clean_address_or_none(login)
    if address is None:
        return [None, None]
    owner = sign_in_owner(address)
    if not confirms_addresses():
        return [owner]
    return [_claimant(address, request), owner]


def _claimant(address: str, request: HttpRequest | None) -> Member | None:
    """Return who entered this address at sign-up without confirming it: in this browser, or else the newest."""
    claimants = list(unconfirmed_claimants(address)[:5])
    if request is not None and DEVICE_COOKIE in request.COOKIES:
        claimants.sort(key=lambda member: not is_known_device(request, member))
    return claimants[0] if claimants else None


class MemberBackend(AuthenticationBackend):
    """Checks the same number of passwords whether the member exists or not, so that the time reveals nothing."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Member | None:
        """Return the member with this password. `members`: the `login_candidates`, if already known."""
        password = credentials.get("password")
        if not password:
            return None
        login = str(credentials.get("username") or credentials.get("email") or "")
        for member in credentials.get("members") or login_candidates(login, request):
            if member is None:
                for form in password_forms(password):
                    make_password(form)
            elif member.check_password(password):
                if self.user_can_authenticate(member):
                    return member
                # allauth shows the owner of a closed account why they can't sign in.
                self._stash_user(member)
                break
        # Don't ask other backends: each would check the password again.
        raise PermissionDenied
