import multiprocessing
import stat

from core.secret_key import load_or_create_rsa_key, load_or_create_secret_key


def test_a_key_is_created_once_and_stored(tmp_path):
    folder = tmp_path / "new" / "data"
    assert load_or_create_rsa_key(folder) == load_or_create_rsa_key(folder)
    assert load_or_create_secret_key(folder) == load_or_create_secret_key(folder)
    assert "PRIVATE KEY" in load_or_create_rsa_key(folder)


def test_a_key_file_is_readable_by_its_owner_only(tmp_path):
    load_or_create_secret_key(tmp_path)
    load_or_create_rsa_key(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"secret_key", "jwt_private_key.pem"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())


def test_processes_that_start_concurrently_share_the_key(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(load_or_create_secret_key, [tmp_path] * 8))) == 1


def test_without_a_writable_folder_there_is_still_a_key(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert load_or_create_secret_key(blocked)
