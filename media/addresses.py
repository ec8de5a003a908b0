"""Signed addresses of attachments.

A file is in the private storage, and its address works for minutes. It is made when a viewer gets the attachment, who
may see it at that moment; so the rule for posts is applied there and nowhere else. Addresses made within the same few
minutes are equal, so that browsers keep the file while someone reads.
"""

import time

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from core.refusals import NotFound
from media.models import Attachment

WINDOW = 300
"""Seconds for which an address is the same; it works until the end of the next window."""
TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}


def address_of(attachment: Attachment, variant: str) -> str:
    """Return the signed path of a variant (`large.webp`), or nothing if there is no such file."""
    if not attachment.is_ready or variant not in attachment.files:
        return ""
    until = (int(time.time()) // WINDOW + 2) * WINDOW
    return reverse("media:attachment", args=[_signer().sign(f"{attachment.pk}-{until}-{variant}")])


def read_key(key: str) -> tuple[int, str, int]:
    """Return the id of the attachment, the variant, and for how many seconds the address still works. Raises NotFound
    if it doesn’t.
    """
    try:
        attachment_id, until, variant = _signer().unsign(key).split("-", 2)
    except BadSignature:
        raise NotFound from None
    if (left := int(until) - int(time.time())) <= 0:
        raise NotFound
    return int(attachment_id), variant, left


def _signer() -> Signer:
    return Signer(salt="media.addresses")
