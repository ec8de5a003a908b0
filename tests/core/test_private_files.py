"""Stored files are readable by their owner only, even those that were readable by others before."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.mail import EmailMessage

from core.mail import TerminalAndFolderBackend
from core.private_files import keep_private

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    )


def test_files_of_a_new_site_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = {**os.environ, "DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    environment.pop("DATABASE_URL", None)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "core", "-v", "0"],
        cwd=ROOT,
        env=environment,
        check=True,
        timeout=120,
        umask=0o022,
    )
    assert (data / "kith.sqlite3").exists()
    assert open_to_others(data) == []


def test_what_arrives_is_kept_in_the_folder_for_uploads(tmp_path: Path, settings, monkeypatch) -> None:
    settings.DATA_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path, str(tmp_path / "arriving")
    monkeypatch.setattr(tempfile, "tempdir", None)
    keep_private()
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == tmp_path / "arriving"


def test_files_readable_by_others_are_made_private_at_the_next_start(tmp_path: Path, settings) -> None:
    settings.DATA_DIR = tmp_path
    for folder in ("mail", "private", "media"):
        (tmp_path / folder).mkdir()
    for file in ("kith.sqlite3", "kith.sqlite3-wal", "mail/1.log", "private/a.zip", "elsewhere.pem"):
        (tmp_path / file).write_text("secret")
    tmp_path.chmod(0o755)
    keep_private()
    assert open_to_others(tmp_path) == []
    keep_private()
    TerminalAndFolderBackend().send_messages([EmailMessage("Hello", "A link", to=["a@example.com"])])
    FileSystemStorage(tmp_path / "media", **settings.OWNER_ONLY).save("a/b.webp", ContentFile(b"picture"))
    assert open_to_others(tmp_path) == []
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
