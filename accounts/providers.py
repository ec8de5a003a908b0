"""Other sites that members sign in with: which there are, and what they say."""

from typing import Any

from allauth.core.internal.deferred import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import ProviderException
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

CLAIMS_THAT_ARE_TEXT = (
    "sub", "email", "name", "given_name", "family_name", "preferred_username", "login", "picture",
)  # fmt: skip


def any_provider() -> bool:
    """Whether this site lets people sign in with any other."""
    return any(provider.get("APPS") for provider in settings.SOCIALACCOUNT_PROVIDERS.values())


def careful(provider: Any) -> Any:
    """Have `provider` refuse in words what does not have the shape that allauth takes for granted."""
    kind = type(provider)
    if not issubclass(kind, _Careful):
        provider.__class__ = type(kind.__name__, (_Careful, kind), {"__module__": kind.__module__})
    return provider


_ODD = (LookupError, TypeError, ValueError, AttributeError, ImproperlyConfigured)
"""What allauth raises of claims without what must be there, of other types, or longer than their column."""


class _Careful:
    """Tokens and claims come from outside: of odd types, without what must be there, signed by nobody."""

    def verify_token(self, request: HttpRequest, token: Any) -> Any:
        """Raise ValidationError for a token that does not show who somebody is."""
        try:
            return super().verify_token(request, token)  # type: ignore[misc]
        except (ProviderException, jwt.PyJWTError, *_ODD) as fault:
            raise get_adapter().validation_error("invalid_token") from fault

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> Any:
        """Raise ProviderException, of which allauth makes a page that says so, for claims that are no such."""
        try:
            _check_claims(response)
            return super().sociallogin_from_response(request, response)  # type: ignore[misc]
        except _ODD as fault:
            raise ProviderException("odd claims") from fault


def _check_claims(response: Any) -> None:
    if not isinstance(response, dict):
        raise TypeError("claims are an object")
    for part in (response, response.get("userinfo"), response.get("id_token")):
        if part is None:
            continue
        if not isinstance(part, dict):
            raise TypeError("claims are an object")
        for name in CLAIMS_THAT_ARE_TEXT:
            value = part.get(name)
            if value is not None and (not isinstance(value, str) or "\0" in value):
                raise TypeError(f"{name} is text")
