import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client


def test_a_stored_picture_is_served_sandboxed_and_never_sniffed(db: None, client: Client) -> None:
    name = default_storage.save("avatars/tested.webp", ContentFile(b"picture"))
    answer = client.get(f"/media/{name}")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"picture", "image/webp")
    assert "immutable" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    ["nothing.webp", "..%2f..%2fmanage.py", "../../manage.py", "avatars", "%2e%2e/secret_key", "a%00b.webp"],
)
def test_only_stored_files_are_served(db: None, client: Client, name: str) -> None:
    assert client.get(f"/media/{name}").status_code in (400, 404)
