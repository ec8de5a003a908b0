from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from core.bodies import file_max
from media.ffmpeg import HEAD, recognize
from media.images import too_big
from media.limits import too_big_recording


class CappedUploadHandler(FileUploadHandler):
    """Stops reading an upload that is far too big while it arrives, before it fills the disk. What isn’t a video or
    audio file by its first bytes may only be as large as a picture.

    `request.upload_too_large` then names the field whose file is missing.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0
        self.most = settings.UPLOAD_MAX_BYTES
        self.is_recording = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start == 0 and self.request is not None:
            self.is_recording = recognize(raw_data[:HEAD]) is not None
            if self.is_recording:
                self.most = file_max(self.request)
        self.received += len(raw_data)
        if self.received > self.most + self.chunk_size:
            if self.request is not None:
                self.request.upload_too_large = self.field_name  # type: ignore[attr-defined]
                self.request.upload_was_recording = self.is_recording  # type: ignore[attr-defined]
            # The fields that follow are still read.
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def check_received(request: HttpRequest) -> None:
    """Raise Invalid if a file was too big to be read."""
    if getattr(request, "upload_too_large", ""):
        raise too_big_recording() if getattr(request, "upload_was_recording", False) else too_big()
