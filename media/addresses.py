"""Signed addresses of attachments.

A file is in the private storage, and its address works for minutes. It is made when a viewer gets the attachment, who
may see it at that moment; so the rule for posts is applied there and nowhere else. Addresses made within the same few
minutes are equal, so that browsers keep the file while someone reads.
"""

import math
import re
import time

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from core.refusals import NotFound
from media.models import Attachment

WINDOW = 300
"""Seconds for which an address is the same; it works until the end of the next window."""
TYPES = {
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "m4s": "video/iso.segment",
    "m3u8": "application/vnd.apple.mpegurl",
    "vtt": "text/vtt; charset=utf-8",
}
IN_RANGES = ("mp4", "m4a", "m4s")
"""Read in parts by players."""


def address_of(attachment: Attachment, variant: str, until: int = 0) -> str:
    """Return the signed path of a variant (`large.webp`), or nothing if there is no such file. It works until the time
    `until`, by default for minutes; what takes time to play, for as much longer.
    """
    if not attachment.is_ready or variant not in attachment.files:
        return ""
    if not until:
        windows = 2 + math.ceil((attachment.duration or 0) / WINDOW)
        until = (int(time.time()) // WINDOW + windows) * WINDOW
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


def with_addresses(attachment: Attachment, playlist: str, until: int) -> str:
    """Return a playlist (HLS) of the attachment with addresses, which end with its own, instead of names."""
    return re.sub(
        r"(?<![\w.-])hls[\w.-]*\.(?:m3u8|m4s)",
        lambda found: address_of(attachment, found[0], until),
        playlist,
    )


def _signer() -> Signer:
    return Signer(salt="media.addresses")
