"""Usernames of deleted members: nobody gets them again, and they can't be read from the database."""

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings

from accounts.models import FormerName


def name_digest(username: str, key: str | None = None) -> str:
    """Return the hash of a name. Keyed, because all short names could be tried against a plain hash."""
    secret = f"former-name:{key or settings.SECRET_KEY}".encode()
    return hmac.new(secret, username.lower().encode(errors="replace"), hashlib.sha256).hexdigest()


def former_names_among(usernames: Iterable[str]) -> set[str]:
    """Return which of these names belonged to a deleted member."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = {name_digest(name, key): name for name in usernames for key in keys}
    found = FormerName.objects.filter(pk__in=list(digests)).values_list("pk", flat=True)
    return {digests[digest] for digest in found}
