import time
import urllib.error
import urllib.request

import pytest
from django.core.files.storage import storages
from django.test import Client

from media import actions, addresses
from media.models import Attachment
from tests.media.conftest import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(alice):
    return actions.upload_attachment(by=alice, file=picture())


def test_a_signed_address_serves_the_file_to_whoever_has_it(made):
    answer = Client().get(addresses.address_of(made, "large.jpg"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer.content.startswith(b"\xff\xd8")
    assert answer["Cache-Control"].startswith("private, max-age=")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_it_ends_within_ten_minutes(made, monkeypatch):
    address = addresses.address_of(made, "large.webp")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 2 * addresses.WINDOW + 1)
    assert Client().get(address).status_code == 404


def test_it_is_the_same_for_minutes_so_that_browsers_keep_the_file(made, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 3_000_000_000.0)
    first = addresses.address_of(made, "large.webp")
    monkeypatch.setattr(time, "time", lambda: 3_000_000_000.0 + addresses.WINDOW - 1)
    assert addresses.address_of(made, "large.webp") == first


def test_nothing_of_it_can_be_changed(made, alice):
    other = actions.upload_attachment(by=alice, file=picture())
    address = addresses.address_of(made, "small.webp")
    value, _, signature = address.rpartition("/")[2].partition(":")
    until = value.split("-")[1]
    for key in [
        value,
        f"{value}:",
        f"{value}:{signature[:-1]}~",
        f"{value}:{signature.swapcase()}",
        f"{value.replace(until, str(int(until) + 300))}:{signature}",
        f"{value.replace('small', 'large')}:{signature}",
        f"{value.replace(str(made.pk), str(other.pk))}:{signature}",
        f"x-y:{signature}",
    ]:
        assert Client().get(f"/attachments/{key}").status_code == 404, key
    assert Client().get(address).status_code == 200


def test_the_folder_of_public_pictures_does_not_have_the_file(made):
    for name in made.files.values():
        assert Client().get(f"/media/{name}").status_code == 404
        assert Client().get(f"/media/../private/{name}").status_code == 404


def test_what_is_not_ready_has_no_address(alice):
    waiting = Attachment(owner=alice, kind="image", state="processing", files={"large.webp": "x"})
    assert addresses.address_of(waiting, "large.webp") == ""


@pytest.mark.s3
def test_on_s3_it_is_the_same(alice, private_on_s3, django_capture_on_commit_callbacks):
    made = actions.upload_attachment(by=alice, file=picture())
    address = addresses.address_of(made, "small.jpg")
    assert address.startswith("/attachments/")
    assert Client().get(address).content.startswith(b"\xff\xd8")
    bucket = f"{private_on_s3['S3_ENDPOINT_URL']}/{private_on_s3['S3_BUCKET']}"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{bucket}/private/{made.files['small.jpg']}")
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard(attachment=made, by=alice)
    assert not storages["private"].exists(made.files["small.jpg"])
    assert Client().get(address).status_code == 404
