"""Makes files on this machine readable by the site’s account only."""

import contextlib
import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

log = logging.getLogger("kith.files")

NOBODY_ELSE = 0o077


def keep_private() -> None:
    """Create files readable by their owner only from now on, and correct what an earlier version left readable."""
    os.umask(NOBODY_ELSE)
    with contextlib.suppress(OSError):
        # If it is needed and can’t be created, writing to it fails with a message.
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        if settings.FILE_UPLOAD_TEMP_DIR:
            Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
            # Of this process: Django’s ASGI handler writes what arrives to the system’s folder, which may be in memory.
            tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)
    for path in _private_paths():
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & NOBODY_ELSE:
                path.chmod(mode & ~NOBODY_ELSE)
        except FileNotFoundError:
            continue
        except OSError as fault:
            log.warning(
                "others on this machine may read %s, which cannot be changed: %s", path, fault.strerror
            )


def _private_paths() -> Iterator[Path]:
    data: Path = settings.DATA_DIR
    yield data
    for folder in (data, data / "mail", data / "private", data / "media"):
        if folder != data:
            yield folder
        # There may be very many pictures; protecting their folder is enough.
        if folder.is_dir() and folder.name != "media":
            yield from (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # SQLite creates its other files with the same permissions.
        yield from (Path(f"{database['NAME']}{ending}") for ending in ("", "-wal", "-shm"))
