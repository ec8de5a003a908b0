"""Short videos and sounds, made by ffmpeg once in a run of the tests."""

import functools
import io
import subprocess

from django.core.files.storage import storages

from media import actions, ffmpeg
from media.models import Attachment, Encoding


@functools.cache
def made(*arguments: str) -> bytes:
    """Return what ffmpeg makes of these arguments, in its last format."""
    return subprocess.run(
        [ffmpeg.program(), "-loglevel", "error", *arguments, "pipe:1"], capture_output=True, check=True
    ).stdout


SOURCE = ("-f", "lavfi", "-i", "testsrc=s=160x90:r=10:d=1")
SOUND = ("-f", "lavfi", "-i", "sine=d=1")
IN_PIECES = ("-movflags", "frag_keyframe+empty_moov")


def clip(*options: str, sound: bool = True) -> io.BytesIO:
    """Return a video of a second, as phones make it."""
    return io.BytesIO(
        made(
            *SOURCE, *(SOUND if sound else ()), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
            *options, *IN_PIECES, "-f", "mp4",
        )
    )  # fmt: skip


def sound(kind: str = "wav", *options: str) -> io.BytesIO:
    return io.BytesIO(made(*SOUND, *options, "-f", kind))


def processed(owner, file: io.BytesIO, **fields) -> Attachment:
    """Upload a file and process it, as the job does."""
    attachment = actions.upload_attachment(by=owner, file=file, **fields)
    process(attachment)
    return attachment


def process(attachment: Attachment) -> None:
    for encoding_id in Encoding.objects.filter(attachment=attachment).values_list("pk", flat=True):
        actions.encode_recording(encoding_id=encoding_id)
    attachment.refresh_from_db()


def content(attachment: Attachment, variant: str) -> bytes:
    with storages["private"].open(attachment.files[variant]) as file:
        return file.read()
