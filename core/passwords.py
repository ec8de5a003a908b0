"""Passwords: the same characters are the same password, whatever keyboard composes them."""

from core.text import normalized


def same_password(text: str) -> str:
    """Return what is hashed of a password as it was typed: NFC (RFC 8265, OpaqueString), spaces and all."""
    return normalized(text, "NFC")


def password_forms(text: str) -> list[str]:
    """Return what a typed password may have been hashed from: before it was composed, it was hashed as it came."""
    return list(dict.fromkeys((same_password(text), text)))
