"""What a card needs of a picture before it is loaded: its size, its rough colors, and what must stay visible."""

import base64
import struct
import zlib
from functools import lru_cache

import blurhash

from media.models import Attachment

WIDE, HIGH = 600, 510
"""The largest size of a single picture in a card, in CSS pixels."""
RATIOS = 0.5, 3.0
"""Narrower and wider pictures are cropped in cards."""
STEPS = 4
"""Of the focal point, along each side: a class for each (media.css), as the policy forbids inline styles."""


def shown_size(attachment: Attachment) -> tuple[int, int]:
    """Return the size of a single picture in a card, so that nothing moves when it is loaded."""
    width, height = attachment.width or 16, attachment.height or 9
    ratio = min(max(width / height, RATIOS[0]), RATIOS[1])
    shown = max(1, min(WIDE, round(HIGH * ratio), max(width, 48)))
    return shown, max(1, round(shown / ratio))


def width_of(attachment: Attachment, longest: int) -> int:
    """Return the width of the variant with this longest side."""
    width, height = attachment.width or longest, attachment.height or longest
    return max(1, round(width * min(1.0, longest / max(width, height))))


def focus_classes(attachment: Attachment) -> str:
    """Return the classes for the focal point; nothing for the middle."""
    across = round((attachment.focus_x + 1) / 2 * STEPS)
    down = round((1 - attachment.focus_y) / 2 * STEPS)
    middle = STEPS // 2
    return (f" fx{across}" if across != middle else "") + (f" fy{down}" if down != middle else "")


@lru_cache(maxsize=4096)
def placeholder(code: str) -> str:
    """Return the blurhash as a tiny PNG, a data URL. A browser enlarges it smoothly."""
    try:
        pixels = blurhash.decode(code, *blurhash.components(code))
    except (ValueError, KeyError):
        return ""
    rows = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in pixels)
    size = struct.pack(">IIBBBBB", len(pixels[0]), len(pixels), 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return "data:image/png;base64," + base64.b64encode(png).decode()
