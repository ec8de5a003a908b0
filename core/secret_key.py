import os
import secrets
from collections.abc import Callable
from pathlib import Path


def load_or_create_secret_key(data_dir: Path) -> str:
    """Return the signing key of this data folder, created at the first start and readable by its owner only."""
    return _kept(data_dir / "secret_key", lambda: secrets.token_urlsafe(64))


def load_or_create_rsa_key(data_dir: Path) -> str:
    """Return the key (PEM) that signs the tokens of apps, created at the first start and readable by its owner only."""
    return _kept(data_dir / "jwt_private_key.pem", new_rsa_key)


def new_rsa_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _kept(path: Path, make: Callable[[], str]) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except OSError:
        return make()
    secret = make()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret)
        try:
            # Creating a link is atomic: if two processes start together, both read the key that came first.
            os.link(beside, path)
        finally:
            beside.unlink()
        return path.read_text().strip()
    except FileExistsError:
        return path.read_text().strip()
    except OSError:
        # `manage.py start` has a message for a folder that isn’t writable.
        return secret
