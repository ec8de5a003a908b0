import os
import secrets
from pathlib import Path


def kept_secret_key(data_dir: Path) -> str:
    """The signing key of this data folder, made at the first start and readable by its owner only."""
    path = data_dir / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
        ) as file:
            file.write(secrets.token_urlsafe(64))
        return path.read_text().strip()
    except FileExistsError:
        return path.read_text().strip()
    except OSError:
        # A folder that cannot be written is said in a sentence by `manage.py start`, not here.
        return secrets.token_urlsafe(64)
