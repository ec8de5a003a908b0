"""Decodes one picture and encodes a new one, in a separate process with little memory and time (see media.images).

`python -I media/decoder.py WIDTH HEIGHT` reads the file from standard input, and writes one line of JSON and then the
WebP to standard output. `python -I media/decoder.py variants` writes the variants for a post, one after another; the
JSON says what they are and how long. It imports nothing of the site: that would take longer than the work, and a
decoder that is exploited finds no secrets.
"""

import base64
import io
import json
import signal
import sys
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from PIL import AvifImagePlugin, ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

MEMORY = 352 * 1024 * 1024
SECONDS = 8
"""Of processor time; wall-clock time may be twice as long."""

PIXEL_BYTES = {"WEBP": 16, "AVIF": 16, "PNG": 9, "GIF": 9, "progressive JPEG": 8, "JPEG": 2}
"""Memory for each pixel while a picture is decoded, reduced and converted. A baseline JPEG takes almost none, because
it is decoded at a fraction of its size.
"""
PIXELS_BYTES_MAX = 240_000_000
SCANS_MAX = 100
SCANNED_MAX = 500_000_000
"""Pixels times scans: each scan of a progressive JPEG covers all of them."""

# --- Variants for a post --------------------------------------------------------------------------------------
PIXELS_MAX = 50_000_000
LARGE, SMALL, HINT = 2048, 680, 32
"""The longest side in pixels: in the viewer, in a list, and of the few pixels that the blurhash is made of."""
ANIMATED = 800
FRAMES_MAX = 500
FRAMES_PIXELS_MAX = 150_000_000
"""Frames times pixels that are decoded …"""
FRAMES_KEPT_PIXELS_MAX = 20_000_000
"""… and that are encoded: long animations become smaller."""
PROFILE_MAX = 4096
"""A color profile up to this size is kept (Display P3 has 0.5 KB); for others the colors are converted."""
_ANIMATED_FORMATS = ("GIF", "WEBP", "PNG")

T = TypeVar("T")
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
    return _opened(data, _FORMATS, lambda picture: _crop(picture, width, height))


def variants(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what the picture is, and its variants: WebP and JPEG in two sizes, upright, without any metadata but a
    color profile. An animation stays one, as WebP; its other variants are its first frame. Raises Refused.
    """
    # Threads would use up the address space.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    return _opened(data, (*_FORMATS, "AVIF"), _variants, most=PIXELS_MAX)


def _opened(
    data: bytes, formats: Collection[str], work: Callable[[Image.Image], T], most: int = sys.maxsize
) -> T:
    """Return what `work` returns for the picture, after the checks that need no decoding. Raises Refused."""
    # Our own limits consider what each format costs.
    Image.MAX_IMAGE_PIXELS = None
    try:
        _check_webp(data)
        with Image.open(io.BytesIO(data), formats=tuple(formats)) as picture:
            if picture.width * picture.height > most:
                raise Refused("pixels", most // 1_000_000)
            _check_cost(picture, data)
            return work(picture)
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
    kind = "JPEG" if _is_jpeg(picture) else str(picture.format)
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
    if _is_jpeg(picture):
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


def _is_jpeg(picture: Image.Image) -> bool:
    """Some phones and cameras append further pictures to a JPEG: MPO. Only the first is used."""
    return picture.format in ("JPEG", "MPO")


def _variants(picture: Image.Image) -> tuple[dict[str, Any], bytes]:
    files: dict[str, bytes] = {}
    frames = int(getattr(picture, "n_frames", 1)) if picture.format in _ANIMATED_FORMATS else 1
    if frames > 1:
        files["large.webp"], size = _animation(picture, frames)
        picture.seek(0)
    large, profile = _plain(picture, LARGE)
    if frames == 1:
        size = large.size
        files["large.webp"] = _saved(large, "WEBP", profile)
    files["large.jpg"] = _saved(large, "JPEG", profile)
    large.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
    files["small.webp"] = _saved(large, "WEBP", profile)
    files["small.jpg"] = _saved(large, "JPEG", profile)
    large.thumbnail((HINT, HINT), Image.Resampling.BOX)
    hint = _on_white(large)
    facts = {
        "width": size[0],
        "height": size[1],
        "animated": frames > 1,
        "hint": [*hint.size, base64.b64encode(hint.tobytes()).decode()],
        "files": {name: len(file) for name, file in files.items()},
    }
    return facts, b"".join(files.values())


def _plain(picture: Image.Image, longest: int) -> tuple[Image.Image, bytes]:
    """Return the picture, reduced to that size, upright, as RGB or RGBA without metadata; and its color profile if that
    is kept.
    """
    info = dict(picture.info)
    rotation = _rotation(picture)
    picture = _shrunk(picture, longest)
    if rotation is not None:
        picture = picture.transpose(rotation)
    profile = _kept_profile(picture, info)
    if profile:
        transparent = "A" in picture.mode or "transparency" in info
        picture = picture.convert("RGBA" if transparent else "RGB")
    else:
        picture = _in_srgb(picture, info)
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    return clean, profile


def _shrunk(picture: Image.Image, longest: int) -> Image.Image:
    if picture.mode in ("P", "PA", "1"):
        # These modes can’t be resampled.
        picture = picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")
    elif picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 256, "L")
    # Decodes a JPEG at a fraction of its size.
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture.load()
    return picture


def _kept_profile(picture: Image.Image, info: dict[Any, Any]) -> bytes:
    profile = info.get("icc_profile") or b""
    if (
        picture.mode not in ("RGB", "RGBA")
        or not 128 < len(profile) <= PROFILE_MAX
        or profile[16:20] != b"RGB "
    ):
        return b""
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return b""
    return bytes(profile)


def _animation(picture: Image.Image, frames: int) -> tuple[bytes, tuple[int, int]]:
    """Return the animation as WebP, and its size."""
    pixels = picture.width * picture.height
    if frames > FRAMES_MAX or frames * pixels > FRAMES_PIXELS_MAX:
        raise Refused("frames", FRAMES_MAX)
    ratio = min(1.0, ANIMATED / max(picture.size), (FRAMES_KEPT_PIXELS_MAX / (frames * pixels)) ** 0.5)
    size = max(1, int(picture.width * ratio)), max(1, int(picture.height * ratio))
    stills, durations = [], []
    for number in range(frames):
        picture.seek(number)
        still = picture.convert("RGBA")
        stills.append(still.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
        durations.append(min(max(int(picture.info.get("duration") or 100), 20), 60_000))
    out = io.BytesIO()
    stills[0].info.clear()
    stills[0].save(
        out, "WEBP", save_all=True, append_images=stills[1:], duration=durations, loop=0, quality=70, method=0
    )
    return out.getvalue(), size


def _saved(picture: Image.Image, kind: str, profile: bytes) -> bytes:
    out = io.BytesIO()
    if kind == "WEBP":
        # Method 4 takes three times as long for files that are 1 % smaller.
        picture.save(out, kind, quality=82, method=2, icc_profile=profile)
    else:
        _on_white(picture).save(out, kind, quality=82, progressive=True, icc_profile=profile)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


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
    result: dict[str, Any] = {}
    picture = b""
    try:
        data = sys.stdin.buffer.read()
        if sys.argv[1] == "variants":
            result, picture = variants(data)
        else:
            picture = decode(data, *map(int, sys.argv[1:3]))
    except Refused as refusal:
        result = {"refused": refusal.why, "most": refusal.most}
    sys.stdout.buffer.write(json.dumps(result).encode() + b"\n" + picture)


if __name__ == "__main__":
    main()
