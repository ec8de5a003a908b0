"""Where files lie that have no address."""

from django.core.files.storage import FileSystemStorage


class PrivateFileStorage(FileSystemStorage):
    """A folder that nothing leads to: what is in it is fetched through pages that ask who comes."""

    def url(self, name: str | None) -> str:
        raise ValueError("A private file has no address.")
