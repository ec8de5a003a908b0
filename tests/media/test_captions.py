import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from core.refusals import Conflict, Forbidden, Invalid
from media import actions, addresses
from media.captions import CUES_MAX, rewrite
from media.models import Attachment, DiscardedFile
from tests.factories import make_post
from tests.media.clips import clip, content, process, processed, sound

pytestmark = pytest.mark.django_db
VTT = """WEBVTT - made with care

STYLE
::cue { background: url(https://elsewhere.example/x) }

REGION
id:bill

NOTE a secret

1
00:01.000 --> 00:02.500 line:0 position:20%
<v Ana>It’s <b>raining</b> <script>alert(1)</script>

00:00:03,000 --> 00:00:04,000
Tom & Ana &amp; <unfinished
-->
"""


def file(text=VTT):
    return io.BytesIO(text.encode())


def test_only_times_and_text_are_kept():
    assert rewrite(VTT) == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:02.500\nIt’s raining alert(1)\n\n"
        "00:00:03.000 --> 00:00:04.000\nTom &amp; Ana &amp; &lt;unfinished\n--&gt;\n"
    )
    assert rewrite(rewrite(VTT)) == rewrite(VTT)


def test_a_time_may_pass_the_hour():
    assert rewrite("59:59.000 --> 01:00:01.000\nGong").endswith("00:59:59.000 --> 01:00:01.000\nGong\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WEBVTT",
        "It’s raining",
        "WEBVTT\n\n00:02.000 --> 00:01.000\nBackwards",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<b></b>",
        "WEBVTT\n\n" + "00:01.000 --> 00:02.000\nx\n\n" * (CUES_MAX + 1),
        "x" * 300_000,
    ],
)
def test_what_is_no_captions_is_refused(text):
    with pytest.raises(Invalid):
        rewrite(text)


def test_captions_stay_while_the_video_is_processed_and_can_be_replaced(alice, bob):
    video = actions.upload_attachment(by=alice, file=clip())
    with pytest.raises(Forbidden):
        actions.set_captions(attachment=video, by=bob, file=file())
    actions.set_captions(attachment=video, by=alice, file=file())
    process(video)
    assert video.state == "ready"
    assert content(video, "captions.vtt").startswith(b"WEBVTT\n\n00:00:01.000")
    first = video.files["captions.vtt"]
    actions.set_captions(attachment=video, by=alice, file=file("1\n00:00:05,000 --> 00:00:06,000\nSRT too"))
    assert b"SRT too" in content(video, "captions.vtt")
    assert DiscardedFile.objects.filter(name=first).exists()
    second = video.files["captions.vtt"]
    actions.remove_captions(attachment=video, by=alice)
    assert "captions.vtt" not in Attachment.objects.get(pk=video.pk).files
    assert DiscardedFile.objects.filter(name=second).exists()


def test_pictures_and_attached_videos_take_none(alice):
    picture = Attachment.objects.create(owner=alice, kind="image", state="ready")
    with pytest.raises(Invalid):
        actions.set_captions(attachment=picture, by=alice, file=file())
    attached = Attachment.objects.create(owner=alice, kind="video", state="ready", post=make_post(alice))
    with pytest.raises(Conflict):
        actions.set_captions(attachment=attached, by=alice, file=file())


def test_the_api_takes_captions(client, alice):
    video = processed(alice, clip())
    client.force_login(alice)
    path = f"/api/media/{video.pk}/captions"

    def put(content):
        body = {"file": SimpleUploadedFile("a.vtt", content)}
        return client.put(path, encode_multipart(BOUNDARY, body), content_type=MULTIPART_CONTENT)

    answer = put(VTT.encode())
    assert answer.status_code == 200, answer.content
    captions = Client().get(answer.json()["captions_url"])
    assert captions["Content-Type"] == "text/vtt; charset=utf-8"
    assert b"raining" in captions.content
    assert b"script" not in captions.content
    assert put(b"\xff\xfe").status_code == 422
    assert client.delete(path).status_code == 204
    assert client.get(f"/api/media/{video.pk}").json()["captions_url"] == ""


# --- On a card ---------------------------------------------------------------------------------------------


def posted(author, attachment, **options):
    return make_post(author, "Look", media=(attachment.pk,), **options)


def test_a_video_plays_in_the_card_with_its_captions(client, alice):
    video = actions.upload_attachment(by=alice, file=clip(), alt="Waves at night")
    actions.set_captions(attachment=video, by=alice, file=file())
    process(video)
    post = posted(alice, video)
    page = client.get(post.path).content.decode()
    assert 'preload="none"' in page
    assert 'aria-label="Waves at night"' in page
    assert '<track kind="captions"' in page
    for variant in ("large.jpg", "small.mp4", "large.mp4", "captions.vtt"):
        assert addresses.address_of(video, variant) in page
    again = client.get(f"/posts/{post.pk}/media", headers={"HX-Request": "true"}).content.decode()
    assert addresses.address_of(video, "large.mp4") in again
    assert client.get(f"/api/posts/{post.pk}").json()["media"][0]["kind"] == "video"


def test_audio_plays_in_the_card_with_its_waveform(client, alice):
    audio = processed(alice, sound())
    page = client.get(posted(alice, audio).path).content.decode()
    assert addresses.address_of(audio, "audio.m4a") in page
    assert 'd="M0.5 ' in page
    assert page.count("<video") == 0


def test_whoever_may_not_see_the_post_gets_no_address_of_its_video(client, alice, bob):
    post = posted(alice, processed(alice, clip()), visibility="mentioned")
    client.force_login(bob)
    assert client.get(f"/posts/{post.pk}/media", headers={"HX-Request": "true"}).status_code == 404
    assert client.get(f"/api/posts/{post.pk}").status_code == 404
