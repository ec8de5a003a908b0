"""Codes of authenticator apps, each usable once."""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction

from accounts.models import Member

LAST_COUNTER = "last_counter"
"""The key, in the data of a TOTP authenticator, of the half minute whose code was used last."""


def matching_authenticator(member: Member, code: str) -> Authenticator | None:
    """Use up a code, and return its authenticator: the member's app or recovery codes. Return None if it is wrong."""
    for authenticator in Authenticator.objects.filter(user=member).exclude(type=Authenticator.Type.WEBAUTHN):
        if authenticator.type == Authenticator.Type.TOTP:
            right = use_totp_code(authenticator, code)
        else:
            right = authenticator.wrap().validate_code(code)
        if right:
            authenticator.refresh_from_db()
            authenticator.user = member
            return authenticator
    return None


def use_totp_code(authenticator: Authenticator, code: str) -> bool:
    """Use up a code. Return whether it is right and newer than those used; of two concurrent uses, one succeeds."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(pk=authenticator.pk).first()
        if row is None:
            return False
        counter = totp_counter(decrypt(row.data["secret"]), code, after=row.data.get(LAST_COUNTER, -1))
        if counter is None:
            return False
        remember_counter(row, counter)
    return True


def remember_counter(authenticator: Authenticator, counter: int) -> None:
    """Store the half minute: only codes of later ones are right from now on."""
    authenticator.data[LAST_COUNTER] = counter
    authenticator.save(update_fields=["data"])


def totp_counter(secret: str, code: str, *, after: int = -1) -> int | None:
    """Return the half minute of a valid code, if it is later than `after`."""
    for counter in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, counter))
        if counter > after and compare_user_code(actual=code, expected=expected):
            return int(counter)
    return None
