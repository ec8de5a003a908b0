"""A storage for files without a public URL."""

from pathlib import Path
from typing import IO

from django.core.files.storage import FileSystemStorage


class PrivateFileStorage(FileSystemStorage):
    """A folder whose files are served only by views that check permissions."""

    def url(self, name: str | None) -> str:
        raise ValueError("A private file has no address.")

    def open_at(self, name: str, start: int, end: int) -> IO[bytes]:
        """Open a file for reading from the byte `start`; the caller reads up to `end`. Raises OSError."""
        file = Path(self.path(name)).open("rb")  # noqa: SIM115 (the caller closes it)
        file.seek(start)
        return file
