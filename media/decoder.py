"""Decodes one picture and writes it anew, in a process of its own with little memory and time (media.images starts it).

`python -I media/decoder.py WIDTH HEIGHT`, the file on standard input, on standard output one line of JSON and then the
WebP. Nothing of the site is imported here: that would take longer than the work, and a faulty decoder gets at nothing.
"""

import io
import json
import signal
import sys
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

MEMORY = 352 * 1024 * 1024
SECONDS = 8
"""Of the processor; of the clock, twice as many."""

PIXEL_BYTES = {"WEBP": 16, "PNG": 9, "GIF": 9, "progressive JPEG": 8, "JPEG": 2}
"""What a pixel takes at most while it is decoded, made smaller and turned into our colours. Of a JPEG that is not
progressive nearly nothing, because it is read at a fraction of its size.
"""
PIXELS_BYTES_MAX = 240_000_000
SCANS_MAX = 100
SCANNED_MAX = 500_000_000
"""Pixels times scans: each scan of a progressive JPEG goes over all of them."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_TURNS: dict[Any, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation."""


class Refused(Exception):
    """`why` for media.images, which has a sentence for it."""

    def __init__(self, why: str, most: int = 0) -> None:
        super().__init__(why)
        self.why, self.most = why, most


def decode(data: bytes, width: int, height: int) -> bytes:
    """The picture as WebP of that shape, cut from its middle, upright, in sRGB, without a word of what else was in the
    file. Raises Refused.
    """
    # We have limits of our own, which know what a format costs.
    Image.MAX_IMAGE_PIXELS = None
    try:
        _check_webp(data)
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            _check_cost(picture, data)
            return _cut(picture, width, height)
    except Refused:
        raise
    except MemoryError as fault:
        raise Refused("memory") from fault
    except UnidentifiedImageError as fault:
        raise Refused("unknown") from fault
    except Exception as fault:
        # Pillow says a broken file in many ways.
        raise Refused("damaged") from fault


def _check_webp(data: bytes) -> None:
    """Pillow has memory for all pixels of a WebP as soon as it opens one."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width = int.from_bytes(data[26:28], "little") & 0x3FFF
        height = int.from_bytes(data[28:30], "little") & 0x3FFF
    _check_pixels(width * height, "WEBP")


def _check_cost(picture: Image.Image, data: bytes) -> None:
    """Known from the header, before anything is decoded."""
    pixels = picture.width * picture.height
    if pixels < 1:
        raise Refused("empty")
    kind = str(picture.format)
    if kind == "JPEG" and picture.info.get("progressive"):
        kind = "progressive JPEG"
    _check_pixels(pixels, kind)
    # In what is compressed this marker cannot be: FF is written FF 00 there.
    scans = data.count(b"\xff\xda") if kind.endswith("JPEG") else 0
    if scans > SCANS_MAX or scans * pixels > SCANNED_MAX:
        raise Refused("scans")


def _check_pixels(pixels: int, kind: str) -> None:
    most = PIXELS_BYTES_MAX // PIXEL_BYTES[kind]
    if pixels > most:
        raise Refused("pixels", most // 1_000_000)


def _cut(picture: Image.Image, width: int, height: int) -> bytes:
    if picture.format == "JPEG":
        # Decodes at a half, a quarter or an eighth of the size while that is still more than enough.
        picture.draft("RGB", (width * 2, height * 2))
    picture.seek(0)
    picture.load()
    turn = _turn(picture)
    small = _smaller(picture, width, height)
    plain = _in_srgb(small if turn is None else small.transpose(turn), picture.info)
    fitted = ImageOps.fit(plain, (width, height), Image.Resampling.LANCZOS)
    # A new picture: nothing of what came along (EXIF, XMP, comments, profiles) is taken over.
    clean = Image.new(fitted.mode, fitted.size)
    clean.paste(fitted)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=85, method=4)
    return out.getvalue()


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """What stands it upright, as its camera was held. (ImageOps.exif_transpose also writes the camera's notes anew, and
    fails on odd ones with AttributeError, TypeError, struct.error …)
    """
    try:
        return _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation))
    except Exception:
        # Notes that cannot be read at all; the pixels can.
        return None


def _smaller(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Reduced by a whole number to no less than twice of what is needed, so that what follows is done to few pixels."""
    factor = min(picture.size) // (2 * max(width, height))
    if factor < 2 or picture.mode not in ("L", "LA", "RGB", "RGBA", "CMYK", "P"):
        return picture
    if picture.mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    return picture.reduce(factor)


def _in_srgb(picture: Image.Image, info: dict[str | tuple[int, int], Any]) -> Image.Image:
    """`info`: what the file says of its colours."""
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in info
    mode = "RGBA" if transparent else "RGB"
    profile = info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            converted = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGBA" if picture.mode == "RGBA" else "RGB",
            )
            if converted is not None:
                return converted.convert(mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # An odd profile: the colours as they stand.
    if picture.mode.startswith("I;16"):
        # Pillow cuts 16 bits off at white instead of scaling them.
        picture = picture.point(lambda value: value / 256, "L")
    return picture.convert(mode)


def _limit() -> None:
    """Little memory, little time, and no files."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, 2 * SECONDS)


def main() -> None:
    _limit()
    width, height = map(int, sys.argv[1:3])
    said: dict[str, Any] = {}
    picture = b""
    try:
        picture = decode(sys.stdin.buffer.read(), width, height)
    except Refused as refusal:
        said = {"refused": refusal.why, "most": refusal.most}
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + picture)


if __name__ == "__main__":
    main()
