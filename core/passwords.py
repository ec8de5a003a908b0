"""Passwords: the same characters are the same password, however a keyboard composes them."""

from core.text import normalized


def same_password(text: str) -> str:
    """Return a typed password in the form that is hashed: NFC (RFC 8265, OpaqueString), with its spaces."""
    return normalized(text, "NFC")


def password_forms(text: str) -> list[str]:
    """Return the forms in which a typed password may have been hashed: older hashes are of the raw input."""
    return list(dict.fromkeys((same_password(text), text)))
