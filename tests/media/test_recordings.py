import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone

from core.refusals import Conflict, Forbidden, Invalid
from media import actions, addresses, ffmpeg, recordings
from media.models import Attachment, DiscardedFile, Encoding
from tests.factories import make_post
from tests.media.clips import IN_PIECES, SOUND, SOURCE, clip, content, made, process, processed, sound

pytestmark = pytest.mark.django_db


def said_of(attachment, variant, tmp_path: Path) -> str:
    """Return what ffmpeg says of a variant."""
    path = tmp_path / variant
    path.write_bytes(content(attachment, variant))
    return ffmpeg._run(["-hide_banner", "-i", str(path)], seconds=10, within=10)[1]


def body_of(response: Any) -> bytes:
    """Return the whole body, also of a response in chunks."""
    return b"".join(response.streaming_content) if response.streaming else response.content


# --- Processing --------------------------------------------------------------------------------------------


def test_a_video_waits_and_becomes_two_sizes_with_a_poster(alice, tmp_path):
    attachment = actions.upload_attachment(by=alice, file=clip(), alt=" Colors ")
    assert (attachment.kind, attachment.state, attachment.alt) == ("video", "processing", "Colors")
    assert addresses.address_of(attachment, "source") == ""
    process(attachment)
    assert (attachment.state, attachment.progress, attachment.failure) == ("ready", 100, "")
    assert (attachment.width, attachment.height) == (160, 90)
    assert attachment.duration is not None
    assert 0.9 < attachment.duration < 1.2
    assert len(attachment.blurhash) > 10
    assert set(attachment.files) == {
        "large.mp4", "small.mp4", "large.webp", "large.jpg", "small.webp", "small.jpg",
    }  # fmt: skip
    assert attachment.size == sum(len(content(attachment, name)) for name in attachment.files)
    video = content(attachment, "large.mp4")
    assert video.index(b"moov") < video.index(b"mdat"), "it plays before it is loaded"
    said = said_of(attachment, "large.mp4", tmp_path)
    assert "Video: h264" in said
    assert "Audio: aac" in said
    assert not Encoding.objects.exists()


def test_what_was_uploaded_is_deleted_afterwards(alice):
    attachment = actions.upload_attachment(by=alice, file=clip())
    uploaded = attachment.files["source"]
    assert storages["private"].exists(uploaded)
    process(attachment)
    while actions.delete_discarded_files():
        pass
    assert not storages["private"].exists(uploaded)
    assert all(storages["private"].exists(name) for name in attachment.files.values())


def test_the_place_and_title_of_a_video_are_removed(alice, tmp_path):
    file = io.BytesIO(
        made(
            *SOURCE, *SOUND, "-c:v", "libx264", "-preset", "ultrafast", "-metadata", "location=+48.2082+016.3738/",
            "-metadata", "title=Secret", *IN_PIECES, "-f", "mov",
        )
    )  # fmt: skip
    assert b"+48.2082+016.3738" in file.getvalue()
    attachment = processed(alice, file)
    for name in attachment.files:
        assert b"48.2082" not in content(attachment, name)
        assert b"Secret" not in content(attachment, name)
    assert "location" not in said_of(attachment, "large.mp4", tmp_path)


def test_a_video_that_was_held_upright_is_upright(alice):
    rotated = made(
        "-f", "lavfi", "-i", "testsrc=s=160x90:r=10:d=1", "-c:v", "libx264", "-preset", "ultrafast",
        "-pix_fmt", "yuv420p", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4",
    )  # fmt: skip
    # The matrix in the track’s header: 90 degrees.
    at = rotated.index(b"tkhd") + 4 + 4 + 20 + 16
    one = (1 << 16).to_bytes(4, "big")
    minus = (-(1 << 16)).to_bytes(4, "big", signed=True)
    zero, unit = bytes(4), (1 << 30).to_bytes(4, "big")
    matrix = zero + one + zero + minus + zero + zero + zero + zero + unit
    assert rotated[at : at + 36] == one + zero * 3 + one + zero * 3 + unit
    upright = processed(alice, io.BytesIO(rotated[:at] + matrix + rotated[at + 36 :]))
    assert (upright.width, upright.height) == (90, 160)


@pytest.mark.parametrize(
    "file",
    [
        lambda: sound("wav"),
        lambda: sound("mp3"),
        lambda: sound("ogg", "-c:a", "libopus"),
        lambda: sound("flac"),
        lambda: sound("adts"),
        lambda: sound("webm", "-c:a", "libopus"),
    ],
)
def test_audio_becomes_aac_with_a_waveform(alice, tmp_path, file):
    attachment = processed(alice, file())
    assert (attachment.kind, attachment.state) == ("audio", "ready"), attachment.encoding.error
    assert set(attachment.files) == {"audio.m4a"}
    assert 90 <= len(attachment.waveform) <= 100
    assert max(attachment.waveform) == 100
    assert min(attachment.waveform) >= 0
    assert "Audio: aac" in said_of(attachment, "audio.m4a", tmp_path)


def test_videos_of_browsers_are_understood(alice):
    webm = made(
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=161x91:r=10:d=1",
        "-c:v",
        "libvpx",
        "-deadline",
        "realtime",
        "-f",
        "webm",
    )
    attachment = processed(alice, io.BytesIO(webm))
    assert (attachment.kind, attachment.state) == ("video", "ready")
    assert (attachment.width, attachment.height) == (160, 90)


def test_longer_videos_are_there_in_segments(alice, monkeypatch):
    monkeypatch.setattr(recordings, "HLS_FROM", 0.5)
    attachment = processed(alice, clip())
    client = Client()
    master = client.get(addresses.address_of(attachment, "hls.m3u8"))
    assert master["Content-Type"] == "application/vnd.apple.mpegurl"
    playlists = [line for line in master.content.decode().splitlines() if not line.startswith("#")]
    assert len(playlists) == 2
    for playlist in playlists:
        lines = client.get(playlist).content.decode().splitlines()
        files = {line for line in lines if not line.startswith("#")}
        assert len(files) == 1
        (first,) = [line for line in lines if line.startswith("#EXT-X-MAP")]
        assert files.pop() in first
        length, start = map(int, first.partition('BYTERANGE="')[2].rstrip('"').split("@"))
        address = first.partition('URI="')[2].partition('"')[0]
        part = client.get(address, headers={"Range": f"bytes={start}-{start + length - 1}"})
        assert part.status_code == 206
        assert b"ftyp" in body_of(part)
    until = master["Cache-Control"]
    assert "max-age" in until


def test_the_addresses_in_a_playlist_end_with_its_own(alice, monkeypatch):
    monkeypatch.setattr(recordings, "HLS_FROM", 0.5)
    attachment = processed(alice, clip())
    address = addresses.address_of(attachment, "hls.m3u8")
    until = address.rpartition("/")[2].split("-")[1]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + addresses.WINDOW)
    lines = Client().get(address).content.decode().splitlines()
    assert {line.rpartition("/")[2].split("-")[1] for line in lines if not line.startswith("#")} == {until}


# --- Refused -----------------------------------------------------------------------------------------------


def test_one_that_is_too_long_says_so(alice, settings):
    settings.RECORDING_MAX_SECONDS = 60
    attachment = processed(alice, io.BytesIO(made("-f", "lavfi", "-i", "sine=d=62:r=8000", "-f", "wav")))
    assert (attachment.state, attachment.failure) == ("failed", "long")
    assert "1 minute." in attachment.problem


def test_one_that_is_longer_than_it_says_is_still_too_long(alice, settings):
    settings.RECORDING_MAX_SECONDS = 60
    # Sent piece by piece, it doesn’t say how long it is.
    file = made("-f", "lavfi", "-i", "sine=d=62:r=8000", "-c:a", "libopus", "-f", "webm")
    attachment = processed(alice, io.BytesIO(file))
    assert (attachment.state, attachment.failure) == ("failed", "long")


def test_too_large_files_and_a_used_quota_are_refused(alice, settings):
    settings.RECORDING_MAX_BYTES = 1000
    with pytest.raises(Invalid, match="MB"):
        actions.upload_attachment(by=alice, file=clip())
    settings.RECORDING_MAX_BYTES, settings.MEDIA_QUOTA_MB = 10**9, 1
    Attachment.objects.create(owner=alice, kind="video", size=1024 * 1024 - 100)
    with pytest.raises(Invalid, match="storage"):
        actions.upload_attachment(by=alice, file=clip())
    assert not Encoding.objects.exists()


def test_without_ffmpeg_it_is_refused_at_once(alice, settings, monkeypatch):
    monkeypatch.setattr("media.limits.program", lambda: "")
    with pytest.raises(Invalid, match="can’t process videos"):
        actions.upload_attachment(by=alice, file=clip())


# --- Tried again -------------------------------------------------------------------------------------------


def broken() -> io.BytesIO:
    return io.BytesIO(clip().getvalue()[:700])


def test_one_that_failed_says_why_and_can_be_tried_again(alice, bob):
    attachment = processed(alice, broken())
    assert (attachment.state, attachment.failure) == ("failed", "damaged")
    assert "damaged" in attachment.problem
    with pytest.raises(Forbidden):
        actions.retry_encoding(attachment=attachment, by=bob)
    storage = storages["private"]
    with storage.open(attachment.files["source"], "wb") as file:
        file.write(clip().getvalue())
    actions.retry_encoding(attachment=attachment, by=alice)
    attachment.refresh_from_db()
    assert (attachment.state, attachment.failure) == ("processing", "")
    process(attachment)
    assert attachment.state == "ready"
    with pytest.raises(Conflict):
        actions.retry_encoding(attachment=attachment, by=alice)


def test_a_storage_that_is_away_is_waited_for_and_then_given_up(alice, monkeypatch):
    attachment = actions.upload_attachment(by=alice, file=clip())
    with monkeypatch.context() as patch:
        patch.setattr(storages["private"], "open", lambda *a: (_ for _ in ()).throw(OSError("away")))
        for _attempt in range(3):
            Encoding.objects.update(due_at=timezone.now())
            process(attachment)
            assert attachment.state == "processing"
    assert actions.waiting_encodings() == []
    Encoding.objects.update(due_at=timezone.now())
    process(attachment)
    assert (attachment.state, attachment.failure) == ("failed", "trouble")


def test_a_job_that_was_killed_is_done_again_and_leaves_no_files(alice, monkeypatch):
    attachment = actions.upload_attachment(by=alice, file=clip())
    storage = storages["private"]
    save = storage.save
    saved: list[str] = []

    def dies_after_two(name, file):
        if len(saved) == 2:
            raise KeyboardInterrupt
        saved.append(save(name, file))

    with monkeypatch.context() as patch:
        patch.setattr(storage, "save", dies_after_two)
        with pytest.raises(KeyboardInterrupt):
            process(attachment)
    Encoding.objects.update(due_at=timezone.now())
    process(attachment)
    assert attachment.state == "ready"
    while actions.delete_discarded_files():
        pass
    assert not any(storage.exists(name) for name in saved)
    assert all(storage.exists(name) for name in attachment.files.values())


def test_a_process_that_fails_after_another_has_finished_changes_nothing(alice, monkeypatch):
    attachment = actions.upload_attachment(by=alice, file=clip())

    def late(row):
        Encoding.objects.all().delete()
        Attachment.objects.update(state="ready")
        raise ffmpeg.Failed("expensive")

    monkeypatch.setattr(actions.recordings, "_encode", late)
    process(attachment)
    assert (attachment.state, attachment.failure) == ("ready", "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_program_ends_with_the_process_that_started_it():
    arguments = [sys.executable, "-I", str(ffmpeg.ENCODER), "9", shutil.which("sleep"), "30"]
    start = f"import subprocess; child = subprocess.Popen({arguments}); print(child.pid, flush=True); child.wait()"
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = Path("/proc") / parent.stdout.readline().strip()
        # It is empty for a moment while a process becomes another.
        until(lambda: (child / "cmdline").read_bytes().partition(b"\0")[0].endswith(b"sleep"))
        parent.kill()
    until(lambda: has_ended(child))


def has_ended(process: Path) -> bool:
    try:
        # Where nothing reaps orphans, it stays as a zombie.
        return "State:\tZ" in (process / "status").read_text()
    except OSError:
        return True


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_killed_processes_left_is_deleted_after_a_day(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    for age in (3600, 25 * 3600):
        folder, file = tmp_path / f"kith-encode-{age}", tmp_path / f"tmp{age}.upload.mp4"
        folder.mkdir()
        file.touch()
        for path in (folder, file):
            os.utime(path, (time.time() - age, time.time() - age))
    actions.delete_left_folders()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kith-encode-3600", "tmp3600.upload.mp4"]


def test_deleting_it_while_it_waits_or_has_failed_deletes_what_was_uploaded(alice):
    waiting, failed = actions.upload_attachment(by=alice, file=clip()), processed(alice, broken())
    for attachment in (waiting, failed):
        actions.discard(attachment=attachment, by=alice)
    assert not Encoding.objects.exists()
    names = set(DiscardedFile.objects.values_list("name", flat=True))
    assert names >= {waiting.files["source"], failed.files["source"]}


def test_a_machine_processes_one_after_another(alice):
    attachment = actions.upload_attachment(by=alice, file=clip())
    (encoding_id,) = actions.waiting_encodings()
    with actions.recordings._slots.acquire(within=0):
        assert not actions.encode_recording(encoding_id=encoding_id)
    assert actions.waiting_encodings() == [encoding_id]
    process(attachment)
    assert actions.waiting_encodings() == []


def test_its_owner_hears_how_far_it_is(alice, monkeypatch, django_capture_on_commit_callbacks):
    heard = []
    monkeypatch.setattr(
        "core.streams.broadcast", lambda stream, message, latest=False: heard.append((stream, message))
    )
    monkeypatch.setattr("media.actions.recordings.TELL_EVERY", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        attachment = actions.upload_attachment(by=alice, file=clip())
        process(attachment)
    mine = [message for stream, message in heard if stream == f"member.{alice.pk}"]
    assert [message["progress"] for message in mine] == sorted(message["progress"] for message in mine)
    assert mine[-1] == {"type": "media.changed", "id": str(attachment.pk), "state": "ready", "progress": 100}
    assert mine[0]["state"] == "processing"


# --- REST --------------------------------------------------------------------------------------------------


def test_the_api_uploads_a_video_and_says_when_it_is_ready(client, alice):
    client.force_login(alice)
    file = clip()
    file.name = "holidays.png"
    answer = client.post("/api/media", {"file": file, "alt": "Waves"})
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert (said["kind"], said["state"], said["url"], said["progress"]) == ("video", "processing", "", 0)
    process(Attachment.objects.get(pk=said["id"]))
    said = client.get(f"/api/media/{said['id']}").json()
    assert (said["state"], said["problem"], said["alt"]) == ("ready", "", "Waves")
    for field, kind in {"url": "video/mp4", "small_url": "video/mp4", "preview_url": "image/webp"}.items():
        assert Client().get(said[field])["Content-Type"] == kind
    assert (said["hls_url"], said["captions_url"], said["waveform"]) == ("", "", [])


def test_the_api_says_why_and_tries_again(client, alice, bob):
    failed = processed(alice, broken())
    client.force_login(alice)
    path = f"/api/media/{failed.pk}"
    assert client.get(path).json()["problem"].startswith("This file is damaged")
    client.force_login(bob)
    assert client.post(f"{path}/retry").status_code == 404
    client.force_login(alice)
    assert client.post(f"{path}/retry").json()["state"] == "processing"
    assert client.post(f"{path}/retry").status_code == 409


def test_a_post_takes_what_is_ready(alice):
    waiting = actions.upload_attachment(by=alice, file=clip())
    with pytest.raises(Invalid, match="processed"):
        actions.attach(post=make_post(alice), ids=[waiting.pk], by=alice)
    process(waiting)
    assert actions.attach(post=make_post(alice), ids=[waiting.pk], by=alice)


@pytest.mark.parametrize(
    ("header", "status", "length", "says"),
    [
        ("", 200, 1000, None),
        ("bytes=0-99", 206, 100, "bytes 0-99/1000"),
        ("bytes=900-", 206, 100, "bytes 900-999/1000"),
        ("bytes=-10", 206, 10, "bytes 990-999/1000"),
        ("bytes=990-5000", 206, 10, "bytes 990-999/1000"),
        ("bytes=1000-", 416, 0, "bytes */1000"),
        ("bytes=-0", 416, 0, "bytes */1000"),
        ("bytes=5-1", 200, 1000, None),
        ("bytes=0-1,5-6", 200, 1000, None),
        ("lines=0-1", 200, 1000, None),
    ],
)
def test_players_get_parts_of_a_file(alice, header, status, length, says):
    whole = bytes(range(250)) * 4
    name = storages["private"].save("attachments/x", io.BytesIO(whole))
    attachment = Attachment.objects.create(
        owner=alice, kind="video", state="ready", files={"large.mp4": name}
    )
    address = addresses.address_of(attachment, "large.mp4")
    answer = Client().get(address, headers={"Range": header} if header else {})
    body = body_of(answer)
    assert (answer.status_code, len(body), answer.get("Content-Range")) == (status, length, says)
    if says and length:
        start = int(says.split()[1].partition("-")[0])
        assert body == whole[start : start + length]
    assert Client().head(address)["Content-Length"] == "1000"


@pytest.mark.s3
def test_on_s3_it_is_the_same(alice, private_on_s3, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(recordings, "HLS_FROM", 0.5)
    attachment = processed(alice, clip())
    assert attachment.state == "ready"
    client = Client()
    answer = client.get(addresses.address_of(attachment, "large.mp4"), headers={"Range": "bytes=4-7"})
    assert (answer.status_code, body_of(answer)) == (206, b"ftyp")
    whole = client.get(addresses.address_of(attachment, "small.mp4"))
    assert body_of(whole) == content(attachment, "small.mp4")
    assert "/attachments/" in client.get(addresses.address_of(attachment, "hls-small.m3u8")).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard(attachment=attachment, by=alice)
    assert not storages["private"].exists(attachment.files["large.mp4"])
    assert client.get(addresses.address_of(attachment, "large.mp4")).status_code == 404
