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


def member_called(login: str, request: HttpRequest | None) -> Member | None:
    """Return whom a username, with or without @, or an address means to sign in."""
    login = login.strip().replace("\0", " ")
    name = login.removeprefix("@").lower()
    if "@" not in name:
        return Member.objects.named(name).first()
    address = clean_address_or_none(login)
    if address is None:
        return None
    # In the browser that signed up with it, an address that is not confirmed signs in, too.
    if request is not None and DEVICE_COOKIE in request.COOKIES:
        for member in claims_of(address)[:5]:
            if is_known_device(request, member):
                return member
    return may_sign_in_with(address)


class MemberBackend(AuthenticationBackend):
    """Checks exactly one password, whether there is such a member or not: the time it takes tells nothing."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Member | None:
        password = credentials.get("password")
        if not password:
            return None
        login = credentials.get("username") or credentials.get("email") or ""
        member = member_called(str(login), request)
        if member is None:
            for form in password_forms(password):
                make_password(form)
        elif member.check_password(password):
            if self.user_can_authenticate(member):
                return member
            # allauth leads the owner of a closed account to where it says so.
            self._stash_user(member)
        # No other backend is asked: each would check the password once more.
        raise PermissionDenied
