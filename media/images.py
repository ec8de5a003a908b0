"""Makes uploaded pictures safe: decodes and crops them, and encodes new ones from nothing but their pixels.

decoder.py does this in a separate process, so that no file can use up the site’s memory or time. Two pictures
are decoded at once on a machine, the others wait.
"""

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import blurhash
from django.conf import settings
from django.utils.translation import gettext as _

from core.refusals import Invalid
from core.slots import Slots

AT_ONCE = 2
QUEUE_WITHIN = 12.0
ENDS_WITHIN = 18.0
"""The process ends itself earlier."""
DECODER = Path(__file__).with_name("decoder.py")
EXTENSION = "webp"

_slots = Slots("pictures", AT_ONCE)
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG")
"""Environment variables for the process: no secrets."""


@dataclass(frozen=True)
class Shape:
    """The size to which a kind of picture is cropped, from its middle."""

    width: int
    height: int


AVATAR = Shape(400, 400)
COVER = Shape(1500, 500)


@dataclass(frozen=True)
class Variants:
    """The variants of one picture for a post: file name (`large.webp`) → content. Sizes are those of the large one."""

    width: int
    height: int
    animated: bool
    blurhash: str
    files: dict[str, bytes]


def reencode(file: IO[bytes], shape: Shape) -> bytes:
    """Return the picture as WebP of that shape, upright, in sRGB, without metadata.

    Raises Invalid if it is too big, has another format (SVG too), can’t be decoded or costs too much to decode;
    TooMany if too many are waiting to be decoded.
    """
    _facts, picture = _decode(_read(file), str(shape.width), str(shape.height))
    return picture


def make_variants(file: IO[bytes]) -> Variants:
    """Return the variants of a picture for a post. Raises the same as `reencode`."""
    facts, content = _decode(_read(file), "variants")
    files, start = {}, 0
    for name, length in facts["files"].items():
        files[name] = content[start : start + length]
        start += length
    return Variants(
        width=facts["width"],
        height=facts["height"],
        animated=facts["animated"],
        blurhash=_blurhash(*facts["hint"]),
        files=files,
    )


def _blurhash(width: int, height: int, pixels: str) -> str:
    """Return the blurhash of these few pixels, with more parts along the longer side."""
    flat = base64.b64decode(pixels)
    rows = [
        [list(flat[3 * (y * width + x) : 3 * (y * width + x) + 3]) for x in range(width)]
        for y in range(height)
    ]
    across, down = (4, 3) if width >= height else (3, 4)
    return str(blurhash.encode(rows, components_x=across, components_y=down))


def _read(file: IO[bytes]) -> bytes:
    data = file.read(settings.UPLOAD_MAX_BYTES + 1)
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise too_big()
    return data


def too_big() -> Invalid:
    most = settings.UPLOAD_MAX_BYTES // 1024 // 1024
    return Invalid(_("A picture can be up to %(most)s MB.") % {"most": most})


def _decode(data: bytes, *arguments: str) -> tuple[dict[str, Any], bytes]:
    """Run the decoder. Return what it says and what it made."""
    with _slots.acquire(within=QUEUE_WITHIN) as slot:
        return _run(data, arguments, slot)


def _run(data: bytes, arguments: tuple[str, ...], slot: int | None) -> tuple[dict[str, Any], bytes]:
    with subprocess.Popen(
        [sys.executable, "-I", str(DECODER), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        # The slot stays taken while the process runs, even if this one is killed.
        pass_fds=(slot,) if slot is not None else (),
    ) as process:
        try:
            out, _nothing = process.communicate(data, timeout=ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            raise _too_expensive() from None
        finally:
            process.kill()
    line, _newline, picture = out.partition(b"\n")
    if process.returncode or not line:
        # The limits of the process ended it.
        raise _too_expensive()
    result: dict[str, Any] = json.loads(line)
    if "refused" in result:
        raise _refusal(**result)
    return result, picture


def _refusal(refused: str, most: int) -> Invalid:
    match refused:
        case "unknown":
            return Invalid(_("Use a JPEG, PNG, WebP or GIF picture."))
        case "empty":
            return Invalid(_("This file is empty."))
        case "pixels":
            return Invalid(
                _("This picture has too many pixels. The limit is %(most)s million.") % {"most": most}
            )
        case "frames":
            return Invalid(_("This animation is too long. The limit is %(most)s frames.") % {"most": most})
        case "scans" | "memory":
            return _too_expensive()
    return Invalid(_("This picture is damaged."))


def _too_expensive() -> Invalid:
    return Invalid(_("This picture can’t be processed. Save it in another format and try again."))
