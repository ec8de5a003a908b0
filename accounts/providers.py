"""Sites that members can sign in with: which are set up, and checking what they send."""

from typing import Any

from allauth.core.internal.deferred import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import ProviderException
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

TEXT_CLAIMS = (
    "sub", "email", "name", "given_name", "family_name", "preferred_username", "login", "picture",
)  # fmt: skip


def any_provider() -> bool:
    """Return whether any other site is set up to sign in with."""
    return any(provider.get("APPS") for provider in settings.SOCIALACCOUNT_PROVIDERS.values())


def validating(provider: Any) -> Any:
    """Make `provider` refuse tokens and claims that allauth would fail on."""
    kind = type(provider)
    if not issubclass(kind, _ValidatingProvider):
        provider.__class__ = type(kind.__name__, (_ValidatingProvider, kind), {"__module__": kind.__module__})
    return provider


_INVALID_CLAIMS = (LookupError, TypeError, ValueError, AttributeError, ImproperlyConfigured)
"""What allauth raises for claims that are missing, of the wrong type or too long."""


class _ValidatingProvider:
    """Checks tokens and claims, which come from outside: they may be incomplete, of wrong types or unsigned."""

    def verify_token(self, request: HttpRequest, token: Any) -> Any:
        """Raise ValidationError for an invalid token."""
        try:
            return super().verify_token(request, token)  # type: ignore[misc]
        except (ProviderException, jwt.PyJWTError, *_INVALID_CLAIMS) as fault:
            raise get_adapter().validation_error("invalid_token") from fault

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> Any:
        """Raise ProviderException, which allauth shows as an error page, for invalid claims."""
        try:
            _check_claims(response)
            return super().sociallogin_from_response(request, response)  # type: ignore[misc]
        except _INVALID_CLAIMS as fault:
            raise ProviderException("invalid claims") from fault


def _check_claims(response: Any) -> None:
    if not isinstance(response, dict):
        raise TypeError("claims are an object")
    for part in (response, response.get("userinfo"), response.get("id_token")):
        if part is None:
            continue
        if not isinstance(part, dict):
            raise TypeError("claims are an object")
        for name in TEXT_CLAIMS:
            value = part.get(name)
            if value is not None and (not isinstance(value, str) or "\0" in value):
                raise TypeError(f"{name} is text")
