"""Uploads of any kind, in one request."""

from typing import IO

from accounts.models import Member
from media.actions.attachments import checked_alt, upload_picture
from media.actions.recordings import store_recording
from media.ffmpeg import HEAD, recognize
from media.models import Attachment


def upload_attachment(
    *, by: Member, file: IO[bytes], alt: str = "", focus: tuple[float, float] = (0, 0)
) -> Attachment:
    """Store a picture, video or audio file for a post. Its type is decided by its content. A picture is ready at once,
    anything else when it has been processed.

    Raises Invalid if it can’t be used or the member’s quota is used up; TooMany while too many are being processed.
    """
    file.seek(0)
    found = recognize(file.read(HEAD))
    file.seek(0)
    if found is None:
        return upload_picture(by=by, file=file, alt=alt, focus=focus)
    return store_recording(by=by, file=file, found=found, alt=checked_alt(alt=alt))
