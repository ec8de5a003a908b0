"""What is kept on this machine is for the site's account only, not for every account that the machine has."""

import contextlib
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

log = logging.getLogger("kith.files")

NOBODY_ELSE = 0o077


def keep_private() -> None:
    """Create files readable by their owner only from now on, and correct what an earlier version left readable."""
    os.umask(NOBODY_ELSE)
    with contextlib.suppress(OSError):
        # Where it is needed and cannot be made, whoever writes into it says so.
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
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
        # Pictures may be very many; nobody gets to them but through their folder.
        if folder.is_dir() and folder.name != "media":
            yield from (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # Beside it SQLite makes its other files with the same rights.
        yield from (Path(f"{database['NAME']}{ending}") for ending in ("", "-wal", "-shm"))
