"""Decodes one picture and encodes a new one, in a separate process with little memory and time (see media.images).

`python -I media/decoder.py WIDTH HEIGHT` reads the file from standard input, and writes one line of JSON and then the
WebP to standard output. It imports nothing of the site: that would take longer than the work, and a decoder that is
exploited finds no secrets.
"""

import io
import json
import signal
import sys
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

MEMORY = 352 * 1024 * 1024
SECONDS = 8
"""Of processor time; wall-clock time may be twice as long."""

PIXEL_BYTES = {"WEBP": 16, "PNG": 9, "GIF": 9, "progressive JPEG": 8, "JPEG": 2}
"""Memory for each pixel while a picture is decoded, reduced and converted. A baseline JPEG takes almost none, because
it is decoded at a fraction of its size.
"""
PIXELS_BYTES_MAX = 240_000_000
SCANS_MAX = 100
SCANNED_MAX = 500_000_000
"""Pixels times scans: each scan of a progressive JPEG covers all of them."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_ROTATIONS: dict[Any, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation → the rotation that undoes it."""


class Refused(Exception):
    """The picture is refused; media.images has a sentence for each `why`."""

    def __init__(self, why: str, most: int = 0) -> None:
        super().__init__(why)
        self.why, self.most = why, most


def decode(data: bytes, width: int, height: int) -> bytes:
    """Return the picture as WebP in that size, cropped to its middle, upright, in sRGB, without any metadata. Raises
    Refused.
    """
    # Our own limits consider what each format costs.
    Image.MAX_IMAGE_PIXELS = None
    try:
        _check_webp(data)
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            _check_cost(picture, data)
            return _crop(picture, width, height)
    except Refused:
        raise
    except MemoryError as fault:
        raise Refused("memory") from fault
    except UnidentifiedImageError as fault:
        raise Refused("unknown") from fault
    except Exception as fault:
        # Pillow raises many kinds of errors for broken files.
        raise Refused("damaged") from fault


def _check_webp(data: bytes) -> None:
    """Check a WebP’s size before Pillow opens it, because Pillow then allocates memory for all its pixels."""
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
    """Check from the header what decoding costs, before anything is decoded."""
    pixels = picture.width * picture.height
    if pixels < 1:
        raise Refused("empty")
    kind = str(picture.format)
    if kind == "JPEG" and picture.info.get("progressive"):
        kind = "progressive JPEG"
    _check_pixels(pixels, kind)
    # Compressed data can’t contain this marker: FF is written FF 00 there.
    scans = data.count(b"\xff\xda") if kind.endswith("JPEG") else 0
    if scans > SCANS_MAX or scans * pixels > SCANNED_MAX:
        raise Refused("scans")


def _check_pixels(pixels: int, kind: str) -> None:
    most = PIXELS_BYTES_MAX // PIXEL_BYTES[kind]
    if pixels > most:
        raise Refused("pixels", most // 1_000_000)


def _crop(picture: Image.Image, width: int, height: int) -> bytes:
    if picture.format == "JPEG":
        # Decode at a half, a quarter or an eighth of the size, if that is large enough.
        picture.draft("RGB", (width * 2, height * 2))
    picture.seek(0)
    picture.load()
    rotation = _rotation(picture)
    small = _reduce(picture, width, height)
    plain = _in_srgb(small if rotation is None else small.transpose(rotation), picture.info)
    fitted = ImageOps.fit(plain, (width, height), Image.Resampling.LANCZOS)
    # A new picture: no metadata (EXIF, XMP, comments, profiles) is copied.
    clean = Image.new(fitted.mode, fitted.size)
    clean.paste(fitted)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=85, method=4)
    return out.getvalue()


def _rotation(picture: Image.Image) -> Image.Transpose | None:
    """Return the rotation that the camera noted, or None. (ImageOps.exif_transpose also rewrites the EXIF data, and
    fails on odd ones with AttributeError, TypeError, struct.error …)
    """
    try:
        return _ROTATIONS.get(picture.getexif().get(ExifTags.Base.Orientation))
    except Exception:
        # The EXIF data can’t be read; the pixels can.
        return None


def _reduce(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Reduce the picture by a whole number, to no less than twice the size needed, so that the next steps have few
    pixels.
    """
    factor = min(picture.size) // (2 * max(width, height))
    if factor < 2 or picture.mode not in ("L", "LA", "RGB", "RGBA", "CMYK", "P"):
        return picture
    if picture.mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    return picture.reduce(factor)


def _in_srgb(picture: Image.Image, info: dict[str | tuple[int, int], Any]) -> Image.Image:
    """Convert to sRGB; `info` is what the file says about its colors."""
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
            pass  # A broken profile: use the colors as they are.
    if picture.mode.startswith("I;16"):
        # Pillow clips 16-bit values to white instead of scaling them.
        picture = picture.point(lambda value: value / 256, "L")
    return picture.convert(mode)


def _limit() -> None:
    """Limit this process to little memory, little time, and no files."""
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
    result: dict[str, Any] = {}
    picture = b""
    try:
        picture = decode(sys.stdin.buffer.read(), width, height)
    except Refused as refusal:
        result = {"refused": refusal.why, "most": refusal.most}
    sys.stdout.buffer.write(json.dumps(result).encode() + b"\n" + picture)


if __name__ == "__main__":
    main()
