"""A storage for files without a public URL, and what to say when a storage is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext as _

from core.refusals import Unavailable


class PrivateFileStorage(FileSystemStorage):
    """A folder whose files are served only by views that check permissions."""

    def url(self, name: str | None) -> str:
        raise ValueError("A private file has no address.")

    def open_at(self, name: str, start: int, end: int) -> IO[bytes]:
        """Open a file for reading from the byte `start`; the caller reads up to `end`. Raises OSError."""
        file = Path(self.path(name)).open("rb")  # noqa: SIM115 (the caller closes it)
        file.seek(start)
        return file


@contextmanager
def storage_is_there() -> Iterator[None]:
    """Raise Unavailable instead of what a storage raises that is away or full; FileNotFoundError stays as it is."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as fault:
        # Those of S3 have no base class in common, and importing them takes time where there is no S3.
        if not isinstance(fault, OSError) and type(fault).__module__.partition(".")[0] not in _OF_S3:
            raise
        raise Unavailable(
            _("We can’t reach the files right now. Try again in a moment."), retry_after=10
        ) from fault


_OF_S3 = ("boto3", "botocore", "s3transfer", "urllib3")
