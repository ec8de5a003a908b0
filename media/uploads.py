from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class CappedUploadHandler(FileUploadHandler):
    """Stops reading an upload that is far too big while it arrives, before it fills the disk.

    `request.upload_too_large` then names the field whose file is missing.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MAX_BYTES + self.chunk_size:
            if self.request is not None:
                self.request.upload_too_large = self.field_name  # type: ignore[attr-defined]
            # The fields that follow are still read.
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
