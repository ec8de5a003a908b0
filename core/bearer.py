"""Authentication by access token outside the REST API: the WebSocket and GET /live/since."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.module_loading import import_string

SCHEME = "bearer"


@dataclass(frozen=True)
class Holder:
    member: AbstractBaseUser
    session_key: str
    """The session that the token belongs to and ends with."""


def token_in(authorization: str) -> str | None:
    """Return the token of an Authorization header; None without a header, or with another scheme."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == SCHEME else None


def holder_of(token: str) -> Holder | None:
    """Return the holder of this access token; None if it is invalid or expired, or its session has ended."""
    found: Holder | None = import_string(settings.TOKEN_HOLDER)(token)
    return found
