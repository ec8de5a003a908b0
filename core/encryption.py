"""Encryption, with keys derived from SECRET_KEY, of values that someone who gets the database or a URL must not read.

After SECRET_KEY has changed, older values can be read as long as the old key is in SECRET_KEY_FALLBACKS.
"""

import base64
import binascii
import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings


def seal(text: str, *, purpose: str) -> str:
    """Encrypt the text for one purpose; `unseal` needs the same purpose."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str | None:
    """Decrypt the text. Return None if SECRET_KEY has changed since."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def seal_token(data: bytes, *, purpose: str) -> str:
    """Return `data` encrypted and authenticated, for a URL. The same data gives the same token (AES-SIV, RFC 5297), so
    that equal responses stay equal.
    """
    return (
        base64.urlsafe_b64encode(_siv(purpose, settings.SECRET_KEY).encrypt(data, None)).decode().rstrip("=")
    )


def unseal_token(token: str, *, purpose: str) -> bytes | None:
    """Return the data in a token; None if `seal_token` didn’t make it."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _siv(purpose, key).decrypt(sealed, None)
        except (InvalidTag, ValueError):
            continue
    return None


@lru_cache(maxsize=16)
def _siv(purpose: str, key: str) -> AESSIV:
    return AESSIV(hashlib.sha512(f"{purpose}:{key}".encode()).digest())


def _box(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"{purpose}:{key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
