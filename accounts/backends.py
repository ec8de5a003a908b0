"""Who signs in with a name or address and a password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.limits import DEVICE_COOKIE, is_known_device
from accounts.models import Member
from accounts.queries import claims_of, confirms_addresses, may_sign_in_with
from core.addresses import clean_address_or_none
from core.passwords import password_forms


def members_called(login: str, request: HttpRequest | None) -> list[Member | None]:
    """Return whom a username, with or without @, or an address means to sign in: one place for each password to check.

    None is nobody, which costs as much. An address has two places, whether it is anybody's or not: that of whoever gave
    it at sign-up and has not confirmed it, and that of its owner. Both passwords are tried, so that signing in with an
    address just given does not tell whether it is another account's as well.
    """
    login = login.strip().replace("\0", " ")
    name = login.removeprefix("@").lower()
    if "@" not in name:
        return [Member.objects.named(name).first()]
    address = clean_address_or_none(login)
    if address is None:
        return [None, None]
    owner = may_sign_in_with(address)
    if not confirms_addresses():
        return [owner]
    return [_claimant(address, request), owner]


def _claimant(address: str, request: HttpRequest | None) -> Member | None:
    """Return who gave this address at sign-up and has not confirmed it: in this browser, or else the last of them."""
    claimants = list(claims_of(address)[:5])
    if request is not None and DEVICE_COOKIE in request.COOKIES:
        claimants.sort(key=lambda member: not is_known_device(request, member))
    return claimants[0] if claimants else None


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
