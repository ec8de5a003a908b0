"""Who signs in with a name or address and a password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.limits import DEVICE_COOKIE, is_known_device
from accounts.models import Member
from accounts.queries import claims_of, may_sign_in_with
from core.addresses import clean_address_or_none
from core.passwords import password_forms


def members_called(login: str, request: HttpRequest | None) -> list[Member | None]:
    """Return whom a username, with or without @, or an address means to sign in: one place for each password to check.

    None is nobody, which costs as much. Two places only in a browser where an address that is not confirmed signs in,
    since it may be another account's as well: whether it is must not show there either.
    """
    login = login.strip().replace("\0", " ")
    name = login.removeprefix("@").lower()
    if "@" not in name:
        return [Member.objects.named(name).first()]
    address = clean_address_or_none(login)
    if address is None:
        return [None]
    owner = may_sign_in_with(address)
    claimant = _claimant_known_here(address, request)
    if claimant is None or claimant == owner:
        return [owner]
    return [claimant, owner]


def _claimant_known_here(address: str, request: HttpRequest | None) -> Member | None:
    """Return the member who gave this address at sign-up and has not confirmed it, in the browser they did that in."""
    if request is None or DEVICE_COOKIE not in request.COOKIES:
        return None
    return next((each for each in claims_of(address)[:5] if is_known_device(request, each)), None)


class MemberBackend(AuthenticationBackend):
    """Checks as many passwords whether there is such a member or not: the time it takes tells nothing."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Member | None:
        """`members`: whom to try (`members_called`), when that has been found out already."""
        password = credentials.get("password")
        if not password:
            return None
        login = str(credentials.get("username") or credentials.get("email") or "")
        for member in credentials.get("members") or members_called(login, request):
            if member is None:
                for form in password_forms(password):
                    make_password(form)
            elif member.check_password(password):
                if self.user_can_authenticate(member):
                    return member
                # allauth leads the owner of a closed account to where it says so.
                self._stash_user(member)
                break
        # No other backend is asked: each would check the password once more.
        raise PermissionDenied
