"""Runs ffmpeg, in a separate process with limits (media/encoder.py), on one file whose format we have recognized.

ffmpeg never guesses the format, because some are lists of other files (HLS, concat), which it would read.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

ENCODER = Path(__file__).with_name("encoder.py")
PIXELS_MAX = 4096 * 2304
SECONDS_AT_LEAST = 30
SPEED_AT_LEAST = 6
"""A second of a recording may take so many seconds of processor time."""
PROBE_WITHIN = 15.0

VIDEO, AUDIO = "video", "audio"
HEAD = 64
"""Bytes from the beginning of a file that `recognize` needs."""

_DECODERS = (
    "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,av1,libdav1d,mpeg4,h263,mjpeg,prores,"
    "aac,aac_fixed,mp3,mp3float,opus,libopus,vorbis,libvorbis,flac,alac,ac3,amrnb,amrwb,"
    "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_alaw,pcm_mulaw"
)
"""What phones, cameras and browsers record. ffmpeg has hundreds more, most of which nobody looks after."""
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "LANG")
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1")
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ")


class Failed(Exception):
    """A recording can’t be used; media.models has a sentence for each `why`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Format:
    """What the first bytes of a file say. Whether a container has pictures is known later, so `kind` may change."""

    kind: str
    demuxer: str


@dataclass(frozen=True)
class Streams:
    """What ffmpeg says about a file."""

    duration: float | None
    width: int
    height: int
    has_video: bool
    has_audio: bool


def recognize(head: bytes) -> Format | None:
    """Return the format of a video or audio file from its first bytes, or None for anything else."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _PICTURE_BRANDS:
            return None
        return Format(AUDIO if brand in _SOUND_BRANDS else VIDEO, "mov")
    if head[4:8] in (b"moov", b"mdat", b"wide"):
        return Format(VIDEO, "mov")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Format(VIDEO, "matroska")
    if head.startswith(b"RIFF") and head[8:12] in (b"WAVE", b"AVI "):
        return Format(AUDIO, "wav") if head[8:12] == b"WAVE" else Format(VIDEO, "avi")
    if head.startswith(b"OggS"):
        return Format(AUDIO, "ogg")
    if head.startswith(b"fLaC"):
        return Format(AUDIO, "flac")
    if head.startswith(b"ID3") or (
        head[:1] == b"\xff" and head[1:2] in b"\xfb\xfa\xf3\xf2" and len(head) > 1
    ):
        return Format(AUDIO, "mp3")
    if head.startswith((b"\xff\xf1", b"\xff\xf9")):
        return Format(AUDIO, "aac")
    return None


def program() -> str:
    """Return the path of ffmpeg: the machine’s, which its distribution keeps up to date, or the wheel’s; "" if there is
    none.
    """
    return shutil.which(settings.FFMPEG) or _from_wheel()


@functools.cache
def _from_wheel() -> str:
    if find_spec("imageio_ffmpeg") is None:
        return ""
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        # A wheel without a program, for a rare machine.
        return ""


def source(path: Path, demuxer: str) -> list[str]:
    """Return the arguments for an input that came from outside."""
    return [
        *("-protocol_whitelist", "file", "-format_whitelist", demuxer, "-codec_whitelist", _DECODERS),
        *("-max_pixels", str(PIXELS_MAX), "-threads", "2", "-f", demuxer, "-i", str(path)),
    ]


def streams(path: Path, demuxer: str) -> Streams:
    """Return what is in the file. Raises Failed if that can’t be read."""
    _out, said = _run(["-hide_banner", *source(path, demuxer)], seconds=SECONDS_AT_LEAST, within=PROBE_WITHIN)
    # Titles and the like are indented further, and can’t be mistaken for these lines.
    found = re.search(r"^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", said, re.MULTILINE)
    if not re.search(r"^Input #0, ", said, re.MULTILINE):
        raise Failed("damaged")
    lines = re.findall(r"^  Stream #0:\d+.*?: (Video|Audio): (.*)$", said, re.MULTILINE)
    videos = [rest for kind, rest in lines if kind == "Video" and "(attached pic)" not in rest]
    size = re.search(r", (\d+)x(\d+)", videos[0]) if videos else None
    return Streams(
        duration=int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else None,
        width=int(size[1]) if size else 0,
        height=int(size[2]) if size else 0,
        has_video=bool(videos),
        has_audio=any(kind == "Audio" for kind, _rest in lines),
    )


def convert(
    arguments: Sequence[str], *, duration: float, on_progress: Callable[[float], None] = lambda seconds: None
) -> bytes:
    """Run ffmpeg, and return what it wrote to `pipe:1`. `on_progress` gets the seconds that are done, if the arguments
    ask for it with `-progress pipe:1`. Raises Failed.
    """
    seconds = SECONDS_AT_LEAST + int(SPEED_AT_LEAST * duration)
    out, _said = _run(
        ["-hide_banner", "-loglevel", "error", "-nostats", "-y", "-filter_threads", "1", *arguments],
        seconds=seconds,
        within=2.0 * seconds,
        on_progress=on_progress if "-progress" in arguments else None,
        must_succeed=True,
    )
    return out


def _run(
    arguments: Sequence[str],
    *,
    seconds: int,
    within: float,
    on_progress: Callable[[float], None] | None = None,
    must_succeed: bool = False,
) -> tuple[bytes, str]:
    with subprocess.Popen(
        [sys.executable, "-I", str(ENCODER), str(seconds), program(), "-nostdin", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
    ) as process:
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(within, end)
        timer.start()
        said: list[bytes] = []
        listener = threading.Thread(target=_listen, args=(process, said), daemon=True)
        listener.start()
        try:
            assert process.stdout is not None
            if on_progress is None:
                out = process.stdout.read()
            else:
                out = b""
                for line in process.stdout:
                    if (done := re.fullmatch(rb"out_time_us=(\d+)\n", line)) is not None:
                        on_progress(int(done[1]) / 1_000_000)
            process.wait()
            listener.join()
        finally:
            timer.cancel()
            process.kill()
    if late.is_set() or process.returncode in (-9, -24):
        # -24: more processor time than allowed.
        raise Failed("expensive")
    if must_succeed and process.returncode != 0:
        raise Failed("damaged")
    return out, b"".join(said).decode(errors="replace")


SAID_MAX = 200_000


def _listen(process: "subprocess.Popen[bytes]", said: list[bytes]) -> None:
    """Keep the beginning of what ffmpeg says: a broken file makes it say the same many thousand times."""
    assert process.stderr is not None
    kept = 0
    while chunk := process.stderr.read(8192):
        if kept < SAID_MAX:
            said.append(chunk)
            kept += len(chunk)
