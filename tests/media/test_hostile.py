"""Uploads that are made to do harm: each is refused with a sentence, or cleaned, soon and in little memory."""

import io
import os
import resource
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from core.refusals import Invalid
from media import actions
from media.models import Attachment
from tests.media.clips import IN_PIECES, SOUND, SOURCE, clip, content, made, process, sound
from tests.media.conftest import picture

pytestmark = pytest.mark.django_db
SECONDS = 3.0
"""Of processor time of all processes that an upload starts, so that a busy machine makes no difference."""
MEMORY = 450 * 1024
"""In KB, of each of these processes at its peak."""
SECRET = b"kith-was-here"
PLACE = b"48.2082"


class Children:
    """The processes that this one starts, watched while they run."""

    def __init__(self) -> None:
        self.peak, self._ended = 0, threading.Event()
        self._own = Path("/proc/self/cmdline").read_bytes()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            for task in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
                try:
                    for pid in task.read_text().split():
                        # Until it becomes the program, a process shows the memory of the one that started it.
                        if Path(f"/proc/{pid}/cmdline").read_bytes() == self._own:
                            continue
                        status = Path(f"/proc/{pid}/status").read_text()
                        peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), "")
                        name = status.split("\n", 1)[0]
                        if "ffmpeg" in name or "python" in name:
                            self.peak = max(self.peak, int(peak.split()[1]) if peak else 0)
                except (OSError, IndexError):
                    continue

    def end(self) -> None:
        self._ended.set()
        self._watcher.join()


@contextmanager
def little_time_and_memory() -> Iterator[None]:
    before, children = resource.getrusage(resource.RUSAGE_CHILDREN), Children()
    try:
        yield
    finally:
        children.end()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{seconds:.2f} s, {children.peak / 1024:.0f} MB")
    assert seconds < SECONDS
    assert children.peak < MEMORY


# --- Makers ------------------------------------------------------------------------------------------------


def png(width: int, height: int, *chunks: tuple[bytes, bytes], data: bytes = b"", bits: int = 8) -> bytes:
    """Return a PNG that claims this size."""
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b""))
    )


def zeros(size: int) -> bytes:
    squeezed = zlib.compressobj(9)
    whole = b"".join(squeezed.compress(bytes(1_000_000)) for _ in range(size // 1_000_000))
    return whole + squeezed.flush()


def gif(frames: int, size: tuple[int, int] = (8, 8)) -> bytes:
    header = b"GIF89a" + struct.pack("<HH", *size) + b"\x80\0\0" + bytes(3) + b"\xff\xff\xff"
    frame = (
        b"\x2c"
        + bytes(4)
        + struct.pack("<HH", 8, 8)
        + b"\0\x02\x16"
        + b"\x84\x8f\xa9\xcb\xed\x0f\xa3\x9c\xb4"
    )
    frame += b"\xda\x8b\xb3\xde\xbc\xfb\x0f\x86\xe2H\x96\0"
    return header + frame * frames + b"\x3b"


def with_place(thumbnail: bool) -> bytes:
    """Return a JPEG whose EXIF data says where it was taken; also in the picture within it, as cameras write it."""
    exif = Image.Exif()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[29] = "N", (48.0, 12.0, 29.5), PLACE.decode()
    exif[0x010E] = SECRET.decode()
    plain = picture(exif=exif.tobytes(), comment=SECRET).getvalue()
    if not thumbnail:
        return plain
    # A segment with the thumbnail: the same picture with the same data, small.
    small = picture(size=(32, 32), exif=exif.tobytes()).getvalue()
    return plain[:2] + b"\xff\xed" + struct.pack(">H", len(small) + 2) + small + plain[2:]


def avif_that_claims(width: int, height: int) -> bytes:
    plain = picture("AVIF", size=(64, 64)).getvalue()
    claim = b"ispe" + bytes(4) + struct.pack(">II", 64, 64)
    assert claim in plain
    return plain.replace(claim, b"ispe" + bytes(4) + struct.pack(">II", width, height))


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("index.html", SECRET)
    return out.getvalue()


def mkv_with_attachment(tmp_path: Path) -> bytes:
    page = tmp_path / "page.html"
    page.write_bytes(b"<script>" + SECRET + b"</script>")
    return made(
        *SOURCE, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-attach", str(page),
        "-metadata:s:t", "mimetype=text/html", "-metadata", f"title={SECRET.decode()}", "-f", "matroska",
    )  # fmt: skip


def large_video() -> bytes:
    return made(
        "-f", "lavfi", "-i", "color=s=5000x3000:r=1:d=1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p",
        "-f", "matroska",
    )  # fmt: skip


def fast_video() -> bytes:
    return made(
        "-f", "lavfi", "-i", "color=s=32x32:r=2000:d=2", "-c:v", "libx264", "-preset", "ultrafast",
        "-pix_fmt", "yuv420p", *IN_PIECES, "-f", "mp4",
    )  # fmt: skip


def wav_that_claims(channels: int, rate: int, size: int) -> bytes:
    said = struct.pack("<HHIIHH", 1, channels, rate, rate * 2 % 2**32, 2 * channels % 65536, 16)
    return (
        b"RIFF"
        + struct.pack("<I", size)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + said
        + b"data"
        + (struct.pack("<I", size) + bytes(4000))
    )


PASSWD = b"file:///etc/passwd"
HLS = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n" + PASSWD + b"\n#EXT-X-ENDLIST\n"

REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a PNG of 2.5 billion pixels": lambda: png(50_000, 50_000, data=zlib.compress(bytes(100))),
    "a PNG with a gigabyte of profile": lambda: png(
        8, 8, (b"iCCP", b"x\0\0" + zeros(1_000_000_000)), data=zlib.compress(bytes(72))
    ),
    "a PNG with much text": lambda: png(
        8, 8, *[(b"zTXt", b"x\0\0" + zeros(50_000_000))] * 3, data=zlib.compress(bytes(72))
    ),
    "a truncated PNG": lambda: picture("PNG", mode="RGB").getvalue()[:200],
    "a GIF of thousands of frames": lambda: gif(5000),
    "a GIF of 4 billion pixels": lambda: gif(1, (65535, 65535)),
    "a WebP of 268 million pixels": lambda: (
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0" + (16383).to_bytes(3, "little") * 2 + bytes(12)
    ),
    "an AVIF of 3.6 billion pixels": lambda: avif_that_claims(60_000, 60_000),
    "a JPEG of 200 scans": lambda: (
        picture(progressive=True).getvalue()[:-2] + b"\xff\xda" * 200 + b"\xff\xd9"
    ),
    "a truncated JPEG": lambda: picture().getvalue()[:300],
    "SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "HTML": lambda: b"<!doctype html><script>alert(1)</script>",
    "PDF": lambda: b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "PostScript, which Pillow would let Ghostscript run": lambda: (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
    ),
    "TIFF": lambda: picture("TIFF").getvalue(),
    "an icon": lambda: picture("ICO", size=(32, 32)).getvalue(),
    "a ZIP": archive,
    "a program": lambda: b"\x7fELF" + bytes(1000),
    "an HLS playlist that reads a file": lambda: HLS,
    "a list of files": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
    "an SDP that asks for a stream": lambda: b"v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    "a DASH manifest": lambda: b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
}

FAILED: dict[str, Callable[[], bytes]] = {
    "an HLS playlist behind the first bytes of a video": lambda: b"\0\0\0\x18ftypisom" + bytes(12) + HLS * 50,
    "noise behind the first bytes of an MP4": lambda: clip().getvalue()[:40] + os.urandom(100_000),
    "noise behind the first bytes of a WebM": lambda: b"\x1aE\xdf\xa3" + os.urandom(100_000),
    "noise behind the first bytes of an MP3": lambda: b"ID3\x04\0\0\0\0\0\0" + os.urandom(1000),
    "a truncated video": lambda: clip().getvalue()[:900],
    "a video of 15 million pixels": large_video,
    "a WAV of 65,535 channels": lambda: wav_that_claims(65535, 44100, 4000),
    "an hour of silence in few bytes": lambda: made(
        "-f", "lavfi", "-i", "anullsrc=r=8000:d=3600", "-c:a", "flac", "-f", "flac"
    ),
}

CLEANED: dict[str, Callable[[], bytes]] = {
    "the place where a photo was taken": lambda: with_place(thumbnail=False),
    "the place in its thumbnail": lambda: with_place(thumbnail=True),
    "a JPEG that is also a ZIP": lambda: picture().getvalue() + archive(),
    "a JPEG that is also a page": lambda: picture().getvalue() + b"<script>" + SECRET + b"</script>",
    "a GIF that is also a script": lambda: gif(1) + b"/*" + SECRET + b"*/=1;alert(1)",
    "a PNG with a script in a text": lambda: png(
        8, 8, (b"tEXt", b"x\0<?php " + SECRET + b"?>"), data=zlib.compress(bytes(72))
    ),
    "a PNG with a gigabyte behind its pixels": lambda: png(8, 8, data=zeros(1_000_000_000)),
    "a picture that says it is a video": lambda: picture("PNG").getvalue(),
    "a video that says where it was taken": lambda: made(
        *SOURCE, *SOUND, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        "-metadata", "location=+48.2082+016.3738/", *IN_PIECES, "-f", "mov",
    ),
    "sound with tags and a cover": lambda: sound("mp3", "-metadata", f"title={SECRET.decode()}").getvalue(),
    "a video whose data is in another file": lambda: clip()
    .getvalue()
    .replace(b"url \0\0\0\1", b"url \0\0\0\0"),
    "2,000 frames a second": fast_video,
    "a WAV that claims 4 GB": lambda: wav_that_claims(1, 8000, 2**32 - 1),
}  # fmt: skip


# --- Tests -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_at_once(alice, name):
    file = REFUSED[name]()
    with little_time_and_memory(), pytest.raises(Invalid) as refusal:
        actions.upload_attachment(by=alice, file=io.BytesIO(file))
    assert refusal.value.message.endswith(".")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("name", FAILED)
def test_it_fails_with_a_reason(alice, settings, name):
    file = FAILED[name]()
    # Ten minutes of silence alone take two seconds.
    settings.RECORDING_MAX_SECONDS = 60
    with little_time_and_memory():
        attachment = actions.upload_attachment(by=alice, file=io.BytesIO(file))
        process(attachment)
    assert attachment.state == "failed"
    assert attachment.failure in ("damaged", "empty", "long", "pixels")
    assert attachment.problem.endswith(".")


@pytest.mark.parametrize("name", CLEANED)
def test_it_is_cleaned(alice, name):
    file = CLEANED[name]()
    with little_time_and_memory():
        attachment = actions.upload_attachment(by=alice, file=io.BytesIO(file))
        process(attachment)
    assert attachment.state in ("ready", "failed")
    for variant in attachment.files:
        if attachment.state == "ready":
            _assert_clean(content(attachment, variant))


def test_what_is_attached_to_a_video_is_left_out(alice, tmp_path):
    file = mkv_with_attachment(tmp_path)
    assert SECRET in file
    with little_time_and_memory():
        attachment = actions.upload_attachment(by=alice, file=io.BytesIO(file))
        process(attachment)
    assert attachment.state == "ready"
    for variant in attachment.files:
        _assert_clean(content(attachment, variant))


def _assert_clean(file: bytes) -> None:
    for trace in (SECRET, PLACE, b"<script", b"<?php", b"PK\3\4", b"root:", b"Exif\0\0"):
        assert trace not in file
