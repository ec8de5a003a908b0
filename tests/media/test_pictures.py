import subprocess
import sys
from typing import Any

import pytest
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Member
from core import events
from core.refusals import Forbidden, Invalid
from media import actions
from media.actions import pictures
from tests.media.conftest import picture


def upload(client, place, file=None, **data):
    return client.post("/settings/profile", {place: file or picture()} | data)


@pytest.mark.parametrize(("place", "size"), [("avatar", (400, 400)), ("cover", (1500, 500))])
def test_a_changed_picture_is_public(client, alice, place, size):
    client.force_login(alice)
    assert upload(client, place).url == "/settings/profile"
    stored = getattr(Member.objects.get(), place)
    assert stored.name.endswith(".webp")
    assert "picture" not in stored.name, "the name of the file tells nothing"
    with default_storage.open(stored.name) as file:
        assert Image.open(file).size == size
    response: Any = Client().get(stored.url)
    assert response.status_code == 200
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.getvalue().startswith(b"RIFF")
    assert stored.url in client.get("/settings/profile").content.decode()


def test_the_old_file_is_deleted_after_the_new_one_is_saved(alice, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        actions.change_avatar(member=alice, file=picture(), by=alice)
    first = str(alice.avatar)
    with django_capture_on_commit_callbacks(execute=True):
        actions.change_avatar(member=alice, file=picture(colour=(0, 0, 9)), by=alice)
    second = str(alice.avatar)
    assert first != second
    assert default_storage.exists(second)
    assert not default_storage.exists(first)


def test_a_change_that_fails_leaves_the_old_picture_and_no_orphan(alice, monkeypatch):
    actions.change_avatar(member=alice, file=picture(), by=alice)
    kept = str(alice.avatar)
    files = sorted(default_storage.listdir("avatars")[1])

    def broken(event):
        raise RuntimeError("the database is away")

    monkeypatch.setattr("media.actions.pictures.emit", broken)
    with pytest.raises(RuntimeError):
        actions.change_avatar(member=alice, file=picture(), by=alice)
    assert str(Member.objects.get().avatar) == kept
    assert sorted(default_storage.listdir("avatars")[1]) == files
    monkeypatch.setattr("media.actions.pictures.emit", events.emit)


def test_no_file_is_left_if_the_second_picture_cannot_be_stored(alice, monkeypatch):
    actions.change_avatar(member=alice, file=picture(), by=alice)
    files, store = sorted(default_storage.listdir("avatars")[1]), pictures._store

    def only_avatars(place, data):
        if place == "cover":
            raise OSError("the storage is away")
        return store(place, data)

    monkeypatch.setattr("media.actions.pictures._store", only_avatars)
    with pytest.raises(OSError, match="away"):
        actions.save_profile(member=alice, by=alice, fields={}, avatar=picture(), cover=picture())
    assert sorted(default_storage.listdir("avatars")[1]) == files


def test_removing_a_picture_is_idempotent(client, alice, django_capture_on_commit_callbacks):
    client.force_login(alice)
    upload(client, "avatar")
    name = str(Member.objects.get().avatar)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/settings/profile", {"remove_avatar": "on"})
    assert not Member.objects.get().avatar
    assert not default_storage.exists(name)
    assert client.post("/settings/profile", {"remove_avatar": "on"}).status_code == 302
    assert not actions.remove_avatar(member=Member.objects.get(), by=alice)


def test_an_invalid_picture_is_refused_with_a_message(client, alice):
    client.force_login(alice)
    bad = SimpleUploadedFile("me.png", b"<svg/>", content_type="image/png")
    page = client.post("/settings/profile", {"avatar": bad}, follow=True).content.decode()
    assert "Use a JPEG, PNG, WebP or GIF picture." in page
    assert not Member.objects.get().avatar


def test_messages_about_pictures_are_translated(client, alice):
    client.force_login(alice)
    german = {"accept-language": "de"}
    data = {"cover": picture()}
    changed = client.post("/settings/profile", data, headers=german, follow=True).content.decode()
    assert "Profil gespeichert." in changed
    assert "Titelbild auswählen" in changed
    bad = SimpleUploadedFile("me.png", b"<svg/>", content_type="image/png")
    refused = client.post("/settings/profile", {"avatar": bad}, headers=german, follow=True).content.decode()
    assert "Verwende ein Bild als JPEG, PNG, WebP oder GIF." in refused


def test_text_and_pictures_are_saved_by_one_form(client, alice):
    client.force_login(alice)
    data = {"display_name": "Alice", "bio": "Bread.", "avatar": picture(), "cover": picture()}
    assert client.post("/settings/profile", data).url == "/settings/profile"
    saved = Member.objects.get()
    assert (saved.display_name, saved.bio, bool(saved.avatar), bool(saved.cover)) == (
        "Alice",
        "Bread.",
        True,
        True,
    )
    # A new picture wins over removing it, and missing fields are unchanged.
    client.post("/settings/profile", {"avatar": picture(), "remove_avatar": "on", "remove_cover": "on"})
    again = Member.objects.get()
    assert (again.bio, bool(again.avatar), again.avatar != saved.avatar, bool(again.cover)) == (
        "Bread.",
        True,
        True,
        False,
    )
    client.post("/settings/profile", {"display_name": "Alice", "bio": ""})
    assert Member.objects.get().avatar == again.avatar


def covers():
    return sorted(default_storage.listdir("covers")[1]) if default_storage.exists("covers") else []


def test_a_bad_picture_changes_nothing_and_keeps_the_form(client, alice):
    client.force_login(alice)
    before = covers()
    for fields, sentence in (
        (
            {"avatar": SimpleUploadedFile("me.png", b"<svg/>"), "cover": picture()},
            "Use a JPEG, PNG, WebP or GIF",
        ),
        ({"cover": picture(), "website": "nonsense"}, "Please choose your picture again."),
    ):
        refused = client.post("/settings/profile", {"display_name": "Alice", "bio": "Typed."} | fields)
        assert refused.status_code == 422
        page = refused.content.decode()
        assert sentence in page
        assert "Typed.</textarea>" in page
        member = Member.objects.get()
        assert (member.bio, str(member.avatar), str(member.cover)) == ("", "", "")
    assert covers() == before, "no orphan is left"


def test_the_dialog_has_the_same_form(client, alice):
    client.force_login(alice)
    htmx = {"HX-Request": "true"}
    dialog = client.get("/settings/profile", headers=htmx).content.decode()
    assert dialog.count("<form") == 1
    assert "<dialog" in dialog
    assert client.post("/settings/profile", {"avatar": picture()}, headers=htmx)["HX-Redirect"] == "/@alice"
    bad = SimpleUploadedFile("me.png", b"<svg/>")
    page = client.post("/settings/profile?page", {"avatar": bad}, headers=htmx)
    assert page.status_code == 422
    assert "<dialog" not in page.content.decode()


def test_a_huge_upload_is_stopped_early(client, alice, settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    client.force_login(alice)
    huge = SimpleUploadedFile("me.jpg", bytes(5_000_000), content_type="image/jpeg")
    page = client.post("/settings/profile", {"avatar": huge}, follow=True).content.decode()
    assert "at most" in page
    assert not Member.objects.get().avatar


def test_a_visitor_cannot_change_a_picture(client, db):
    response = upload(client, "avatar")
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_pictures_of_other_members_cannot_be_changed(alice, bob):
    with pytest.raises(Forbidden):
        actions.change_avatar(member=alice, file=picture(), by=bob)
    with pytest.raises(Forbidden):
        actions.remove_cover(member=alice, by=bob)


def test_pictures_are_stored_on_s3(client, alice, settings, s3_bucket, django_capture_on_commit_callbacks):
    """Use a real S3 server with the storage from the settings."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": s3_bucket["S3_BUCKET"],
                "endpoint_url": s3_bucket["S3_ENDPOINT_URL"],
                "access_key": s3_bucket["S3_ACCESS_KEY_ID"],
                "secret_key": s3_bucket["S3_SECRET_ACCESS_KEY"],
                "region_name": s3_bucket["S3_REGION"],
                "addressing_style": "path",
                "querystring_auth": True,
                "file_overwrite": False,
            },
        }
    }
    client.force_login(alice)
    upload(client, "cover")
    cover = Member.objects.get().cover
    assert cover.url.startswith(s3_bucket["S3_ENDPOINT_URL"])
    assert "Signature=" in cover.url
    import urllib.request

    with urllib.request.urlopen(cover.url) as answer:
        assert Image.open(answer).size == (1500, 500)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/settings/profile", {"remove_cover": "on"})
    assert not storages["default"].exists(str(cover.name))


def test_a_picture_with_too_many_bytes_is_refused_by_the_action(alice, settings):
    settings.UPLOAD_MAX_BYTES = 10
    with pytest.raises(Invalid):
        actions.change_cover(member=alice, file=picture(), by=alice)


@pytest.mark.parametrize(
    ("environment", "origin"),
    [
        ({}, ""),
        (
            {"S3_BUCKET": "b", "S3_ENDPOINT_URL": "https://s3.example.org:9000/x"},
            "https://s3.example.org:9000",
        ),
        (
            {"S3_BUCKET": "b", "S3_PUBLIC_URL": "https://pictures.example.org/b"},
            "https://pictures.example.org",
        ),
        (
            {
                "S3_BUCKET": "b",
                "S3_PUBLIC_URL": "http://127.0.0.1:9000/b",
                "S3_ENDPOINT_URL": "http://s3:9000",
            },
            "http://127.0.0.1:9000",
        ),
        ({"S3_BUCKET": "b", "S3_REGION": "eu-west-1"}, "https://b.s3.eu-west-1.amazonaws.com"),
        ({"S3_BUCKET": "b"}, "https://b.s3.amazonaws.com"),
    ],
)
def test_the_policy_allows_the_origin_of_pictures(environment, origin):
    code = (
        "from config.settings import base; "
        "print(base.MEDIA_ORIGIN, *base.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "/usr/bin", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    also = [origin] if origin else []
    assert done.stdout.split() == [*also, "'self'", "data:", "blob:", *also]


def test_the_response_header_allows_the_origin_of_pictures(client, db, settings):
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    pictures = [*directives["img-src"], "https://pictures.example.org"]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives | {"img-src": pictures}}
    policy = client.get("/accounts/login/")["Content-Security-Policy"].split("; ")
    assert "img-src 'self' data: blob: https://pictures.example.org" in policy
