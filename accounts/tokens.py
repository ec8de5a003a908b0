from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy
from allauth.headless.tokens.strategies.jwt.internal import (
    decode_token,
    session_key_from_sid,
    validate_access_token,
)
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from accounts.actions import touch_session
from core.bearer import Holder


class TokenStrategy(JWTTokenStrategy):
    """allauth's signed tokens. Refreshing one updates when the session was last used."""

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        pair: tuple[str, str] | None = super().refresh_token(refresh_token)
        payload = decode_token(refresh_token, "refresh") if pair else None
        if payload and (key := session_key_from_sid(payload["sid"])):
            touch_session(session_key=key)
        return pair


class PasswordResetTokens(PasswordResetTokenGenerator):
    """Tokens of password resets: valid until the password is set, the address changes, or everything pending ends.

    Unlike Django's, they survive signing in: otherwise someone with the old password could block a reset.
    """

    key_salt = "accounts.tokens.PasswordResetTokens"

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        email, epoch = getattr(user, "email", ""), getattr(user, "security_epoch", 0)
        return f"{user.pk}|{user.password}|{email}|{epoch}|{timestamp}"


def holder_of(token: str) -> Holder | None:
    """Return the holder of a token, for core.bearer, as the REST API looks it up."""
    found = validate_access_token(token)
    session_key = session_key_from_sid(found[1]["sid"]) if found else None
    return Holder(found[0], session_key) if found and session_key else None
