"""Pictures from outside, made safe: decoded, cut to size, and written anew from nothing but their pixels.

The decoding is done by decoder.py in a process of its own: whatever a file does there, the site has its memory and
its time. Two pictures are decoded at once on a machine, the others queue.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.refusals import Invalid
from core.slots import Slots

AT_ONCE = 2
QUEUE_WITHIN = 12.0
ENDS_WITHIN = 18.0
"""The process ends itself before."""
DECODER = Path(__file__).with_name("decoder.py")
EXTENSION = "webp"

_slots = Slots("pictures", AT_ONCE)
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG")
"""Of the environment: no secret among it."""


@dataclass(frozen=True)
class Shape:
    """What a kind of picture is cut to, from its middle."""

    width: int
    height: int


AVATAR = Shape(400, 400)
COVER = Shape(1500, 500)


def reencode(file: IO[bytes], shape: Shape) -> bytes:
    """The picture as WebP of that shape, upright, in sRGB, without a word of what else was in the file.

    Raises Invalid when it is too big, of another kind (SVG too), cannot be decoded to its end or takes too much to
    decode; TooMany when too many wait to be decoded.
    """
    data = file.read(settings.UPLOAD_MAX_BYTES + 1)
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise too_big()
    with _slots.acquire(within=QUEUE_WITHIN) as slot:
        return _decoded(data, shape, slot)


def too_big() -> Invalid:
    most = settings.UPLOAD_MAX_BYTES // 1024 // 1024
    return Invalid(_("A picture can be up to %(most)s MB.") % {"most": most})


def _decoded(data: bytes, shape: Shape, slot: int | None) -> bytes:
    command = [sys.executable, "-I", str(DECODER), str(shape.width), str(shape.height)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        # The slot is taken for as long as the process lives, even when this one is killed.
        pass_fds=(slot,) if slot is not None else (),
    ) as process:
        try:
            out, _nothing = process.communicate(data, timeout=ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            raise _too_dear() from None
        finally:
            process.kill()
    line, _newline, picture = out.partition(b"\n")
    if process.returncode or not line:
        # The limits of the process ended it.
        raise _too_dear()
    said: dict[str, Any] = json.loads(line)
    if said:
        raise _refusal(**said)
    return picture


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
        case "scans" | "memory":
            return _too_dear()
    return Invalid(_("This picture is damaged."))


def _too_dear() -> Invalid:
    return Invalid(_("This picture can’t be processed. Save it in another format and try again."))
