"""A storage for files without a public URL."""

from django.core.files.storage import FileSystemStorage


class PrivateFileStorage(FileSystemStorage):
    """A folder whose files are served only by views that check permissions."""

    def url(self, name: str | None) -> str:
        raise ValueError("A private file has no address.")
