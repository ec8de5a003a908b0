"""Pictures from outside, made safe: decoded, cut to size, and written anew from nothing but their pixels."""

import io
import warnings
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from core.refusals import Invalid

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_PIXELS = 40_000_000
EXTENSION = "webp"


@dataclass(frozen=True)
class Shape:
    """What a kind of picture is cut to, from its middle."""

    width: int
    height: int


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

AVATAR = Shape(400, 400)
COVER = Shape(1500, 500)


def reencode(file: IO[bytes], shape: Shape) -> bytes:
    """The picture as WebP of that shape, upright, in sRGB, without a word of what else was in the file.

    Raises Invalid when it is too big, of another kind (SVG too), or cannot be decoded to its end.
    """
    data = file.read(settings.UPLOAD_MAX_BYTES + 1)
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise too_big()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                return _cut(picture, shape)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise _too_many_pixels() from fault
    except UnidentifiedImageError as fault:
        raise Invalid(_("That is not a picture we know: JPEG, PNG, WebP or GIF.")) from fault
    except (OSError, SyntaxError, ValueError, EOFError, OverflowError, MemoryError) as fault:
        # Pillow says a broken file in many ways.
        raise Invalid(_("That picture is damaged: it could not be read to its end.")) from fault


def too_big() -> Invalid:
    most = settings.UPLOAD_MAX_BYTES // 1024 // 1024
    return Invalid(_("A picture may have %(most)s MB at most.") % {"most": most})


def _too_many_pixels() -> Invalid:
    most = MAX_PIXELS // 1_000_000
    return Invalid(_("That picture has too many pixels: %(most)s million at most.") % {"most": most})


def _cut(picture: Image.Image, shape: Shape) -> bytes:
    # Known from the header, before anything is decoded.
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels()
    if min(picture.width, picture.height) < 1:
        raise Invalid(_("That picture is empty."))
    if picture.format == "JPEG":
        # Decodes at a half, a quarter or an eighth of the size while that is still more than enough.
        picture.draft("RGB", (shape.width * 2, shape.height * 2))
    picture.seek(0)
    picture.load()
    plain = _in_srgb(_upright(picture))
    fitted = ImageOps.fit(plain, (shape.width, shape.height), Image.Resampling.LANCZOS)
    # A new picture: nothing of what came along (EXIF, XMP, comments, profiles) is taken over.
    clean = Image.new(fitted.mode, fitted.size)
    clean.paste(fitted)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=85, method=4)
    return out.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its camera was held. (ImageOps.exif_transpose also writes the camera's notes anew, and fails on odd
    ones with AttributeError, TypeError, struct.error …)
    """
    try:
        turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation))
    except Exception:
        # Notes that cannot be read at all; the pixels can.
        return picture
    return picture if turn is None else picture.transpose(turn)


def _in_srgb(picture: Image.Image) -> Image.Image:
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    mode = "RGBA" if transparent else "RGB"
    profile = picture.info.get("icc_profile")
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
