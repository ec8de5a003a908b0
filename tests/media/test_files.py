import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from media import actions
from media.models import Attachment
from tests.factories import make_post
from tests.media.clips import clip, process, processed
from tests.media.conftest import picture

pytestmark = pytest.mark.django_db
PATH = "/settings/files"


def test_a_member_sees_uploads_that_no_post_has(client, alice, bob):
    attached = actions.upload_attachment(by=alice, file=picture(), alt="In a post")
    make_post(alice, media=(attached.pk,))
    actions.upload_attachment(by=alice, file=clip(), alt="Waves")
    actions.upload_attachment(by=bob, file=picture(), alt="Not hers")
    client.force_login(alice)
    page = client.get(PATH).content.decode()
    assert "Waves" in page
    assert "Processing: 0%" in page
    assert "every 3s" in page, "it is asked again while one is processed"
    assert "In a post" not in page
    assert "Not hers" not in page
    process(Attachment.objects.get(alt="Waves"))
    assert "every 3s" not in client.get(PATH, headers={"HX-Request": "true"}).content.decode()


def test_files_are_uploaded_described_and_deleted_by_plain_forms(client, alice):
    client.force_login(alice)
    assert client.post(PATH, {"file": picture(), "alt": "A wall"}).status_code == 302
    made = Attachment.objects.get()
    assert (made.owner, made.alt, made.state) == (alice, "A wall", "ready")
    assert client.post(f"{PATH}/{made.pk}/delete").status_code == 302
    assert not Attachment.objects.exists()
    refused = client.post(PATH, {"file": SimpleUploadedFile("a.png", b"no picture")})
    assert refused.status_code == 422
    assert "Use a JPEG" in refused.content.decode()
    assert client.post(PATH, {}).status_code == 422


def test_a_failed_one_says_why_and_is_tried_again(client, alice):
    failed = processed(alice, io.BytesIO(clip().getvalue()[:900]))
    client.force_login(alice)
    page = client.get(PATH).content.decode()
    assert "This file is damaged" in page
    assert "Try again" in page
    assert client.post(f"{PATH}/{failed.pk}/retry").status_code == 302
    failed.refresh_from_db()
    assert failed.state == "processing"
    assert client.post(f"{PATH}/{failed.pk}/retry").status_code == 409


def test_captions_are_given_by_a_plain_form(client, alice, bob):
    video = processed(alice, clip())
    client.force_login(alice)
    place = f"{PATH}/{video.pk}/captions"
    good = SimpleUploadedFile("a.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello")
    assert client.post(place, {"file": good}).status_code == 302
    assert "Change captions" in client.get(PATH).content.decode()
    bad = client.post(place, {"file": SimpleUploadedFile("a.vtt", b"Hello")})
    assert (bad.status_code, "captions" in bad.content.decode()) == (422, True)
    client.force_login(bob)
    assert client.post(place, {"file": good}).status_code == 404
