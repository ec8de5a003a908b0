import base64
import io
import tracemalloc
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.http import UnreadablePostError
from django.utils import timezone

from core.refusals import Conflict, Invalid
from media import actions
from media.erasing import discard_attachments
from media.models import Attachment, DiscardedFile, Encoding, Upload
from tests.media.clips import clip, process

pytestmark = pytest.mark.django_db
TUS = {"Tus-Resumable": "1.0.0"}
PART = "application/offset+octet-stream"


def begin(client, length, **headers):
    return client.generic(
        "POST", "/api/media/uploads", headers={**TUS, "Upload-Length": str(length), **headers}
    )


def send(client, place, offset, content, kind=PART):
    return client.generic(
        "PATCH", place, content, content_type=kind, headers={**TUS, "Upload-Offset": str(offset)}
    )


def upload(owner, length=1000) -> Upload:
    return actions.begin_upload(by=owner, length=length)


# --- tus ---------------------------------------------------------------------------------------------------


def test_a_video_arrives_in_parts_and_goes_on_where_it_stopped(client, alice):
    client.force_login(alice)
    video = clip().getvalue()
    alt = base64.b64encode("Waves – at night".encode()).decode()
    answer = begin(client, len(video), **{"Upload-Metadata": f"filename eA==,alt {alt},empty"})
    assert answer.status_code == 201, answer.content
    place = answer["Location"]
    assert place == f"/api/media/uploads/{answer.json()['id']}"
    half = len(video) // 2
    first = send(client, place, 0, video[:half])
    assert (first.status_code, first["Upload-Offset"], first["Tus-Resumable"]) == (204, str(half), "1.0.0")
    assert send(client, place, 0, video[:half]).status_code == 409, "this part has arrived"
    state = client.head(place, headers=TUS)
    assert (state.status_code, state["Upload-Offset"], state["Upload-Length"]) == (
        200,
        str(half),
        str(len(video)),
    )
    assert state["Cache-Control"] == "no-store"
    assert "Upload-Expires" in state
    assert send(client, place, half, video[half:]).status_code == 204
    assert client.head(place, headers=TUS)["Upload-Offset"] == str(len(video)), (
        "also when the response is lost"
    )
    media = f"/api/media/{answer.json()['id']}"
    assert client.get(media).json()["state"] == "processing"
    process(Attachment.objects.get())
    said = client.get(media).json()
    assert (said["state"], said["kind"], said["alt"]) == ("ready", "video", "Waves – at night")
    while actions.delete_discarded_files():
        pass
    assert all(storages["private"].exists(name) for name in Attachment.objects.get().files.values())


def test_the_server_says_what_it_can(client, alice):
    client.force_login(alice)
    answer = client.options("/api/media/uploads")
    assert answer.status_code == 204
    assert (answer["Tus-Version"], answer["Tus-Extension"]) == ("1.0.0", "creation,expiration,termination")
    assert answer["Tus-Max-Size"] == str(200 * 1024 * 1024)
    other = begin(client, 5, **{"Tus-Resumable": "0.2.2"})
    assert (other.status_code, other["Tus-Version"]) == (412, "1.0.0")


def test_it_can_be_cancelled_also_by_a_client_that_only_posts(client, alice):
    client.force_login(alice)
    video = clip().getvalue()
    for cancel in ("delete", "post"):
        place = begin(client, len(video))["Location"]
        by_post = {**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
        assert (
            client.generic("POST", place, video[:500], content_type=PART, headers=by_post).status_code == 204
        )
        override = {"X-HTTP-Method-Override": "DELETE"} if cancel == "post" else {}
        assert client.generic(cancel.upper(), place, headers={**TUS, **override}).status_code == 204
        assert client.head(place, headers=TUS).status_code == 404
        assert send(client, place, 500, video[500:]).status_code == 404
    assert not Upload.objects.exists()
    names = list(DiscardedFile.objects.values_list("name", flat=True))
    assert len(names) == 2
    while actions.delete_discarded_files():
        pass
    assert not any(storages["private"].exists(name) for name in names)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": "0"}, 422),
        ({"Upload-Length": str(201 * 1024 * 1024)}, 422),
        ({"Upload-Length": "10", "Upload-Metadata": "alt ***"}, 422),
        ({"Upload-Length": "10", "Upload-Metadata": "alt gA=="}, 422),
        ({"Upload-Length": "10", "Upload-Metadata": "alt é"}, 422),
    ],
)
def test_what_is_no_upload_is_refused_before_anything_is_sent(client, alice, headers, status):
    client.force_login(alice)
    answer = client.generic("POST", "/api/media/uploads", headers={**TUS, **headers})
    assert answer.status_code == status, answer.content
    assert not Upload.objects.exists()


def test_parts_that_are_none_are_refused(client, alice, bob):
    client.force_login(alice)
    video = clip().getvalue()
    place = begin(client, len(video))["Location"]
    assert send(client, place, 0, video, kind="video/mp4").status_code == 415
    assert send(client, place, "x", video).status_code == 400
    assert send(client, place, 5, video).status_code == 409
    assert send(client, place, 0, video + b"x").status_code == 422, "more than it was to have"
    assert send(client, place, 0, video[:10])["Upload-Offset"] == "0", "too little to see what it is"
    client.force_login(bob)
    for verb in ("head", "get", "delete", "post"):
        assert client.generic(verb.upper(), place, headers=TUS).status_code == 404
    assert send(client, place, 0, video).status_code == 404
    assert Upload.objects.get().offset == 0


def test_what_is_no_video_is_refused_with_its_first_part(client, alice):
    client.force_login(alice)
    place = begin(client, 150_000_000)["Location"]
    answer = send(client, place, 0, b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n" + bytes(1000))
    assert answer.status_code == 422
    assert client.head(place, headers=TUS).status_code == 404
    assert not DiscardedFile.objects.exists()


# --- Limits ------------------------------------------------------------------------------------------------


def test_while_the_storage_is_away_it_says_so_and_goes_on_later(client, alice, monkeypatch):
    client.force_login(alice)
    video = clip().getvalue()
    place = begin(client, len(video))["Location"]
    with monkeypatch.context() as patch:
        patch.setattr(storages["private"], "save", lambda *a: (_ for _ in ()).throw(OSError("away")))
        assert send(client, place, 0, video).status_code == 503
        assert client.post("/api/media", {"file": clip()}).status_code == 503
    assert not Attachment.objects.exists()
    assert client.head(place, headers=TUS)["Upload-Offset"] == "0"
    assert send(client, place, 0, video).status_code == 204


def test_what_is_on_its_way_counts_for_the_quota(alice, settings):
    settings.MEDIA_QUOTA_MB = 1
    begun = upload(alice, 1_000_000)
    with pytest.raises(Invalid, match="storage"):
        upload(alice, 100_000)
    actions.cancel_upload(upload=begun, by=alice)
    upload(alice, 1_000_000)


def test_what_arrived_before_the_connection_ended_is_kept(alice):
    class Ends(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell() >= 500:
                raise UnreadablePostError
            return super().read(500)

    begun = actions.add_part(upload=upload(alice), by=alice, offset=0, content=Ends(clip().getvalue()[:1000]))
    assert begun.offset == 500


def test_of_two_parts_for_the_same_place_one_is_kept(alice, monkeypatch):
    begun, video = upload(alice), clip().getvalue()[:1000]
    seen_before = Upload.objects.get(pk=begun.pk)
    actions.add_part(upload=begun, by=alice, offset=0, content=io.BytesIO(video[:600]))
    with pytest.raises(Conflict):
        actions.add_part(upload=seen_before, by=alice, offset=0, content=io.BytesIO(video[:700]))
    assert Upload.objects.get().offset == 600
    assert DiscardedFile.objects.due().count() == 1, "the file of the other is deleted at once"
    assert actions.delete_discarded_files() == 1
    assert storages["private"].exists(Upload.objects.get().parts[0])


def test_a_part_is_never_in_memory(alice):
    head = clip().getvalue()[:1000]

    class Long:
        left = 20_000_000

        def read(self, size, /):
            size = min(size, self.left)
            first = head if self.left == 20_000_000 else b""
            self.left -= size
            return first + bytes(size - len(first))

    begun = upload(alice, 30_000_000)
    tracemalloc.start()
    try:
        actions.add_part(upload=begun, by=alice, offset=0, content=Long())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
    assert Upload.objects.get().offset == 20_000_000


def test_unfinished_uploads_end_after_a_day_and_with_their_owner(alice, bob):
    for owner in (alice, bob):
        begun = upload(owner)
        actions.add_part(upload=begun, by=owner, offset=0, content=io.BytesIO(clip().getvalue()[:500]))
    assert actions.delete_expired_uploads() == 0
    Upload.objects.filter(owner=bob).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert actions.delete_expired_uploads() == 1
    assert discard_attachments(alice.pk) == 1
    assert not Upload.objects.exists()
    assert actions.delete_discarded_files() == 2


@pytest.mark.s3
def test_on_s3_it_is_the_same(alice, private_on_s3):
    video = clip().getvalue()
    begun = upload(alice, len(video))
    for start in range(0, len(video), 5000):
        begun = actions.add_part(
            upload=begun, by=alice, offset=start, content=io.BytesIO(video[start : start + 5000])
        )
    assert Encoding.objects.exists()
    attachment = Attachment.objects.get(pk=begun.pk)
    process(attachment)
    assert attachment.state == "ready"
