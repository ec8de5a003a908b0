"""Data exports: complete, for their owner only, deleted after a week."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core import mail
from django.core.files.storage import storages
from django.db import models
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.actions import choose_language
from accounts.models import DataExport, Invite, Member
from accounts.queries import export_link_key
from accounts.tasks import make_waiting_exports
from config.exports import EXPORTED, EXPORTS, NOT_EXPORTED
from core.refusals import Conflict, Forbidden, NotFound, TooMany
from media.actions import change_avatar
from messaging.actions import send_message
from moderation.actions import report_post
from posts.actions import bookmark_post, edit_post, like_post, write_post
from posts.models import Post
from social.actions import block_member, follow_member, set_private
from social.models import List, ListEntry, MutedWord
from tests.accounts.conftest import PASSWORD, show_it_is_me, sign_in
from tests.accounts.test_deletion import picture
from tests.factories import make_member, make_post

Deliver = Callable[[], None]


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path / "media"
    yield
    for file in storages["private"].listdir("exports")[1] if storages["private"].exists("exports") else []:
        storages["private"].delete(f"exports/{file}")


def made(member: Member) -> DataExport:
    export = actions.request_export(member=member, by=member)
    assert actions.make_export(export_id=export.pk)
    export.refresh_from_db()
    return export


def opened(export: DataExport) -> zipfile.ZipFile:
    with storages["private"].open(export.file) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(f"{name}.json"))


# --- Contents ----------------------------------------------------------------------------------------------


@pytest.fixture
def full(alice: Member, bob: Member, carol: Member) -> Member:
    first = make_post(alice, "First wording")
    edit_post(post=first, by=alice, text="Second wording #Tag <b>bold</b>")
    write_post(by=alice, text="Waiting for review")
    theirs = make_post(bob, "Of bob, for @alice")
    like_post(post=theirs, by=alice)
    bookmark_post(post=theirs, by=alice)
    follow_member(member=bob, by=alice)
    follow_member(member=alice, by=carol)
    send_message(by=alice, to=bob, text="From me")
    send_message(by=bob, to=alice, text="To me")
    MutedWord.objects.create(member=alice, text="spoiler", folded="spoiler")
    ListEntry.objects.create(list=List.objects.create(owner=alice, title="Friends"), member=bob)
    report_post(post=theirs, by=alice, rule="other", comment="My reason")
    block_member(member=make_member("eve"), by=alice)
    Invite.objects.create(by=alice, code="zzcode", note="For friends")
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": "zzsecret"})
    change_avatar(member=alice, file=picture(), by=alice)
    return alice


def test_an_export_contains_posts_activity_and_settings(full: Member) -> None:
    archive = opened(made(full))
    assert archive.testzip() is None
    posts = read(archive, "posts")
    assert [(post["text"], post["state"]) for post in posts] == [
        ("Second wording #Tag <b>bold</b>", "published"),
        ("Waiting for review", "pending"),
    ]
    assert [old["text"] for old in posts[0]["earlier_wordings"]] == ["First wording"]
    assert read(archive, "account")["email"] == "alice@example.com"
    assert read(archive, "profile")["display_name"] == "Alice"
    assert read(archive, "likes")[0]["text"] == "Of bob, for @alice"
    assert read(archive, "bookmarks")[0]["by"] == "bob"
    assert read(archive, "mentions")[0]["by"] == "bob"
    assert [row["username"] for row in read(archive, "following")] == ["bob"]
    assert [row["username"] for row in read(archive, "followers")] == ["carol"]
    assert [row["username"] for row in read(archive, "blocks")] == ["eve"]
    assert [(row["by"], row["text"]) for row in read(archive, "messages")] == [
        ("alice", "From me"),
        ("bob", "To me"),
    ]
    assert read(archive, "conversations")[0]["with"] == "bob"
    assert read(archive, "lists")[0]["people"] == ["bob"]
    assert read(archive, "muted_words")[0]["word"] == "spoiler"
    assert read(archive, "reports")[0]["text"] == "My reason"
    assert read(archive, "invites")[0]["note"] == "For friends"
    assert archive.read("files/avatar.webp")[:4] == b"RIFF"


def test_an_export_is_in_its_owners_language(alice: Member) -> None:
    choose_language(by=alice, language="de")
    archive = opened(made(alice))
    page = archive.read("index.html").decode()
    assert '<html lang="de">' in page
    assert "@alice auf " in page
    assert " um " in page
    assert "Listen, die du importiert hast" in page
    assert read(archive, "settings")["language"] == "de"


def test_an_export_has_readable_pages_without_scripts(full: Member) -> None:
    archive = opened(made(full))
    index = archive.read("index.html").decode()
    assert "@alice on Kith" in index
    page = archive.read("pages/posts.html").decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>" not in page
    for name in archive.namelist():
        if name.endswith(".html"):
            text = archive.read(name).decode()
            assert "<script" not in text
            assert "src=" not in text
            assert text.rstrip().endswith("</html>")
    for target in {line.split('"')[0] for line in index.split('href="')[1:]}:
        assert target in archive.namelist()


def test_an_export_has_no_secrets_and_no_private_data_of_others(full: Member) -> None:
    archive = opened(made(full))
    everything = "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    for secret in (
        "zzsecret",
        "zzcode",
        full.password,
        "bob@example.com",
        "carol@example.com",
        "eve@example.com",
    ):
        assert secret not in everything
    for session in UserSession.objects.filter(user=full).values_list("session_key", flat=True):
        assert session not in everything


def test_an_export_includes_of_others_what_the_owner_could_see(alice: Member, bob: Member) -> None:
    post = make_post(bob, "zzhidden")
    like_post(post=post, by=alice)
    bookmark_post(post=post, by=alice)
    follow_member(member=bob, by=alice)
    set_private(by=bob, private=True)
    block_member(member=alice, by=bob)
    archive = opened(made(alice))
    assert not any(b"zzhidden" in archive.read(name) for name in archive.namelist())
    assert read(archive, "following") == []
    assert not any(b"bob" in archive.read(name) for name in archive.namelist())


def test_every_relation_to_a_member_is_exported_or_excluded_by_name(full: Member) -> None:
    relations = {
        f"{field.model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ForeignKey) and field.related_model is Member
    }
    said = set(EXPORTED) | {name for name in NOT_EXPORTED if name in relations}
    assert relations - said == set(), "say in config/exports.py where it is exported, or why it is not"
    assert set(EXPORTED) - relations == set()
    assert not set(EXPORTED) & set(NOT_EXPORTED)
    assert all(reason.endswith(".") for reason in NOT_EXPORTED.values())
    names = {name.removesuffix(".json") for name in opened(made(full)).namelist()}
    assert set(EXPORTED.values()) <= names
    assert len(set(EXPORTS)) == len(EXPORTS)


# --- Requesting and making ---------------------------------------------------------------------------------


def test_an_export_requires_the_password_and_an_email_says_it_is_ready(
    alice: Member, django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    sign_in(client)
    session = client.session
    session["account_authentication_methods"][-1].pop("reauthenticated", None)
    session.save()
    answer = client.post("/settings/data/exports")
    assert "/accounts/reauthenticate/" in answer.headers["Location"]
    assert not DataExport.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        show_it_is_me(client)
        if not DataExport.objects.exists():
            client.post("/settings/data/exports")
        assert b"being prepared" in client.get("/settings/data").content
    page = client.get("/settings/data").content.decode()
    assert "Your copy is ready" in page
    assert [m.to for m in mail.outbox][-1] == ["alice@example.com"]
    assert "/settings/data" in mail.outbox[-1].body
    link = page.split("/settings/data/exports/")[1].split('"')[0]
    answer = client.get(f"/settings/data/exports/{link}".replace("&amp;", "&"))
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="alice-')
    assert answer.headers["Cache-Control"] == "private, no-store"
    body = body_of(answer)
    assert len(body) == int(answer.headers["Content-Length"])
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None


def test_exports_are_limited_to_one_waiting_and_one_a_day(alice: Member) -> None:
    export = actions.request_export(member=alice, by=alice)
    with pytest.raises(Conflict):
        actions.request_export(member=alice, by=alice)
    actions.make_export(export_id=export.pk)
    with pytest.raises(TooMany) as refusal:
        actions.request_export(member=alice, by=alice)
    assert 0 < refusal.value.retry_after <= 86_401
    DataExport.objects.update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    actions.request_export(member=alice, by=alice)


def test_an_export_is_made_once(alice: Member) -> None:
    export = made(alice)
    assert not actions.make_export(export_id=export.pk)
    assert len(storages["private"].listdir("exports")[1]) == 1


def test_a_claimed_export_is_left_to_its_process(alice: Member) -> None:
    export = actions.request_export(member=alice, by=alice)
    DataExport.objects.update(due_at=timezone.now() + timedelta(seconds=60))
    assert not actions.make_export(export_id=export.pk)
    assert actions.waiting_exports() == []


def test_the_schedule_resumes_an_interrupted_export(
    alice: Member, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    export = actions.request_export(member=alice, by=alice)

    def broken(*args: Any, **options: Any) -> int:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("accounts.actions.exports.write_archive", broken)
        with pytest.raises(OSError, match="full"):
            actions.make_export(export_id=export.pk)
    # As if the process was killed after storing the file but before saving the row: the next attempt leaves one file.
    export.refresh_from_db()
    storages["private"].save(export.file, io.BytesIO(b"half"))
    DataExport.objects.update(due_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        make_waiting_exports()
    export.refresh_from_db()
    assert export.state == DataExport.State.READY
    assert opened(export).testzip() is None
    assert len(storages["private"].listdir("exports")[1]) == 1


def test_an_export_fails_after_three_attempts_and_can_be_requested_again(alice: Member) -> None:
    export = actions.request_export(member=alice, by=alice)
    DataExport.objects.update(attempts=3)
    assert not actions.make_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == DataExport.State.FAILED
    actions.request_export(member=alice, by=alice)


def test_a_file_is_deleted_after_a_week_and_its_row_after_a_month(alice: Member) -> None:
    export = made(alice)
    assert actions.expire_exports() == 0
    DataExport.objects.update(expires_at=timezone.now())
    assert actions.expire_exports() == 1
    export.refresh_from_db()
    assert (export.state, export.file) == (DataExport.State.EXPIRED, "")
    assert storages["private"].listdir("exports")[1] == []
    DataExport.objects.update(created_at=timezone.now() - timedelta(days=31))
    actions.expire_exports()
    assert not DataExport.objects.exists()


# --- Access ------------------------------------------------------------------------------------------------


def test_only_the_owner_gets_the_file_with_an_unexpired_link(
    alice: Member, bob: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = made(alice)
    key = export_link_key(export)
    addresses = [f"/settings/data/exports/{export.pk}?key={key}", f"/api/exports/{export.pk}/file?key={key}"]
    own, other = Client(), Client()
    sign_in(own)
    sign_in(other, "bob")
    for address in addresses:
        answer = own.get(address)
        assert answer.status_code == 200
        body_of(answer)
        for method in ("get", "head", "post", "put", "patch", "delete", "options"):
            assert getattr(other, method)(address).status_code in (
                404,
                405,
                200 if method == "options" else 404,
            )
        assert other.get(address).status_code == 404
        assert Client().get(address).status_code in (302, 401)
    assert other.get(f"/api/exports/{export.pk}").status_code == 404
    assert other.post(f"/settings/data/exports/{export.pk}/delete").status_code == 404
    assert other.delete(f"/api/exports/{export.pk}").status_code == 404
    assert own.get(addresses[1].replace(key, "wrong")).status_code == 403
    assert own.get(addresses[0].partition("?")[0]).status_code == 302
    later = timezone.now().timestamp() + 601
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert own.get(addresses[1]).status_code == 403
    monkeypatch.undo()
    assert Client().get(f"/media/{export.file}").status_code == 404


def test_the_key_of_one_export_opens_no_other(alice: Member, bob: Member) -> None:
    one, other = made(alice), made(bob)
    client = Client()
    sign_in(client)
    assert client.get(f"/api/exports/{one.pk}/file?key={export_link_key(other)}").status_code == 403


def test_a_deleted_file_cannot_be_downloaded(alice: Member) -> None:
    export = made(alice)
    client = Client()
    sign_in(client)
    address = f"/settings/data/exports/{export.pk}?key={export_link_key(export)}"
    assert client.post(f"/settings/data/exports/{export.pk}/delete").status_code == 302
    assert client.get(address).status_code == 404
    assert storages["private"].listdir("exports")[1] == []
    with pytest.raises(TooMany):
        actions.request_export(member=alice, by=alice)


def test_members_can_only_export_their_own_data(alice: Member, bob: Member) -> None:
    with pytest.raises(Forbidden):
        actions.request_export(member=alice, by=bob)
    with pytest.raises(NotFound):
        actions.drop_export_file(export=made(alice), by=bob)


def test_the_private_storage_has_no_url_and_is_outside_of_media(settings: Any) -> None:
    storage: Any = storages["private"]
    assert not str(storage.location).startswith(str(settings.DATA_DIR / "media"))
    with pytest.raises(ValueError, match="no address"):
        storage.url("exports/x.zip")


# --- The API -----------------------------------------------------------------------------------------------


def test_an_app_requests_an_export_with_the_password_and_downloads_it(
    alice: Member, django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    sign_in(client)

    def ask(password: str) -> Any:
        return client.post("/api/exports", {"password": password}, content_type="application/json")

    assert ask("wrong").status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(PASSWORD)
        assert answer.status_code == 201
        assert (answer.json()["state"], answer.json()["url"]) == ("waiting", "")
        assert ask(PASSWORD).status_code == 409
    export = client.get(f"/api/exports/{answer.json()['id']}").json()
    assert export["state"] == "ready"
    answer = client.get(export["url"])
    assert answer.status_code == 200
    body_of(answer)
    assert client.get("/api/exports").json()["items"][0]["id"] == export["id"]
    assert client.delete(f"/api/exports/{export['id']}").status_code == 204
    assert client.get(export["url"]).status_code == 404
    assert Client().get("/api/exports").status_code == 401
    assert Post.objects.count() == 0


def test_exports_on_s3_are_private(alice: Member, settings: Any, s3_bucket: dict[str, str]) -> None:
    """The storage as config/settings/storage.py configures it for a bucket."""
    settings.STORAGES = {**settings.STORAGES, "private": _as_configured(s3_bucket)}
    export = made(alice)
    storage: Any = storages["private"]
    assert storage.bucket_name == "kith-private"
    assert storage.location == "private"
    assert opened(export).testzip() is None
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{s3_bucket['S3_ENDPOINT_URL']}/kith-private/private/{export.file}")
    client = Client()
    sign_in(client)
    answer = client.get(f"/settings/data/exports/{export.pk}?key={export_link_key(export)}")
    assert len(body_of(answer)) == export.size
    actions.drop_export_file(export=export, by=alice)
    assert not storage.exists(export.file)


def _as_configured(environment: dict[str, str]) -> Any:
    """Return the private storage’s settings, loaded in a process with this environment."""
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import json, config.settings.base as b; print(json.dumps(b.STORAGES['private']))",
        ],
        env={**os.environ, **environment, "S3_PRIVATE_BUCKET": "kith-private", "SECRET_KEY": "x" * 50},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(told.stdout)
