"""Email addresses: one spelling for each mailbox, at every entry point."""

import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.text import normalized

ADDRESS_MAX = 254
_REFUSED_CATEGORIES = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs")
"""Control characters, invisible characters, spaces."""


def clean_address(text: str) -> str:
    """Return the one spelling under which an address is stored, compared and written to.

    Lower case, NFC, and the domain as the name server knows it: `x@münchen.example` becomes
    `x@xn--mnchen-3ya.example`. Raise ValidationError for an invalid address, or one with invisible characters.
    """
    text = normalized(text.strip(), "NFC")
    if any(unicodedata.category(c) in _REFUSED_CATEGORIES for c in text):
        raise _invalid()
    local, _, domain = text.rpartition("@")
    address = f"{local.lower()}@{_clean_domain(domain)}"
    validate_email(address)
    if len(address) > ADDRESS_MAX:
        raise _invalid()
    return address


def validate_address(text: str) -> None:
    """Raise ValidationError for an address that `clean_address` would refuse."""
    clean_address(text)


def clean_address_or_none(text: str | None) -> str | None:
    try:
        return clean_address(text) if text else None
    except ValidationError:
        return None


def readable_address(address: str) -> str:
    """Return the address as its owner would write it: `x@münchen.example`."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def mailbox(address: str) -> str:
    """Return what to count emails by: `ana+anything@x.org` is delivered to the mailbox of `ana@x.org`."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def _clean_domain(domain: str) -> str:
    if domain.isascii() and "xn--" not in domain.lower():
        return domain.lower()
    try:
        # Not Python's own codec, which follows IDNA 2003, where straße.de and strasse.de are one.
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise _invalid() from None


def _invalid() -> ValidationError:
    return ValidationError(validate_email.message, code="invalid")
