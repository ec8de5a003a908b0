import io

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.refusals import Conflict, Forbidden, Invalid, Unavailable
from media import actions
from media.erasing import discard_attachments
from media.models import Attachment, DiscardedFile
from media.queries import attachments_of
from tests.factories import make_post
from tests.media.conftest import picture

pytestmark = pytest.mark.django_db


def ready(owner, **fields):
    defaults = {"kind": "image", "state": "ready", "files": {}}
    return Attachment.objects.create(owner=owner, **(defaults | fields))


def names(attachment):
    return list(attachment.files.values())


def exist(names):
    return [storages["private"].exists(name) for name in names]


# --- Uploading ---------------------------------------------------------------------------------------------


def test_an_upload_has_two_sizes_in_two_formats(alice):
    made = actions.upload_attachment(
        by=alice, file=picture(size=(3000, 1500)), alt="  A red wall ", focus=(0.5, -1)
    )
    made.refresh_from_db()
    assert (made.kind, made.state, made.alt, made.focus) == ("image", "ready", "A red wall", "0.50,-1.00")
    assert (made.width, made.height) == (2048, 1024)
    assert len(made.blurhash) == 28
    found = {}
    for variant, name in made.files.items():
        assert "picture" not in name
        with storages["private"].open(name) as file:
            image = Image.open(io.BytesIO(file.read()))
            found[variant] = (image.format, image.size)
    assert found == {
        "large.webp": ("WEBP", (2048, 1024)),
        "large.jpg": ("JPEG", (2048, 1024)),
        "small.webp": ("WEBP", (680, 340)),
        "small.jpg": ("JPEG", (680, 340)),
    }
    assert made.size == sum(storages["private"].size(name) for name in names(made))


def test_what_is_no_picture_leaves_nothing(alice):
    with pytest.raises(Invalid, match="Use a"):
        actions.upload_attachment(by=alice, file=io.BytesIO(b"<svg/>"))
    assert not Attachment.objects.exists()


def test_a_storage_that_fails_leaves_no_attachment_and_its_files_are_deleted_later(
    alice, monkeypatch, django_capture_on_commit_callbacks
):
    storage = storages["private"]
    save = storage.save
    saved: list[str] = []

    def fails_at_the_third(name, content):
        if len(saved) == 2:
            raise OSError("the storage is away")
        saved.append(save(name, content))

    monkeypatch.setattr(storage, "save", fails_at_the_third)
    with pytest.raises(Unavailable), django_capture_on_commit_callbacks():
        actions.upload_attachment(by=alice, file=picture())
    assert not Attachment.objects.exists()
    assert DiscardedFile.objects.count() == 4
    assert actions.delete_discarded_files() == 4
    assert exist(saved) == [False, False]


def test_the_quota_counts_all_files_of_a_member(alice, bob, settings):
    settings.MEDIA_QUOTA_MB = 1
    ready(alice, size=1024 * 1024 - 10)
    with pytest.raises(Invalid, match="storage"):
        actions.upload_attachment(by=alice, file=picture())
    actions.upload_attachment(by=bob, file=picture())
    assert Attachment.objects.filter(owner=alice).count() == 1


# --- Attaching ---------------------------------------------------------------------------------------------


def test_attachments_stand_in_the_order_of_their_ids_and_can_be_reordered(alice):
    post, first, second = make_post(alice), ready(alice), ready(alice)
    actions.attach(post=post, ids=[second.pk, first.pk], by=alice)
    assert list(post.attachments.in_order()) == [second, first]
    actions.attach(post=post, ids=[first.pk, second.pk], by=alice)
    assert list(post.attachments.in_order()) == [first, second]
    assert Attachment.objects.filter(unattached_since=None).count() == 2


def test_what_a_post_no_longer_names_is_detached(alice):
    post, first = make_post(alice), ready(alice)
    actions.attach(post=post, ids=[first.pk], by=alice)
    actions.attach(post=post, ids=[], by=alice)
    first.refresh_from_db()
    assert first.post is None
    assert first.unattached_since


def test_only_own_ready_unattached_files_can_be_attached(alice, bob):
    post, other = make_post(alice), make_post(alice)
    taken = ready(alice)
    actions.attach(post=other, ids=[taken.pk], by=alice)
    sentences = set()
    for attachment_id in (ready(bob).pk, taken.pk, 12345):
        with pytest.raises(Invalid) as refusal:
            actions.attach(post=post, ids=[attachment_id], by=alice)
        sentences.add(refusal.value.message)
    assert len(sentences) == 1, "what is someone else’s looks like what never existed"
    with pytest.raises(Invalid, match="processed"):
        actions.attach(post=post, ids=[ready(alice, state="processing").pk], by=alice)
    with pytest.raises(Forbidden):
        actions.attach(post=make_post(bob), ids=[ready(alice).pk], by=alice)
    assert not post.attachments.exists()


def test_a_post_has_up_to_four_pictures_or_one_video(alice):
    post = make_post(alice)
    with pytest.raises(Invalid, match="up to 4"):
        actions.attach(post=post, ids=[ready(alice).pk for _ in range(5)], by=alice)
    with pytest.raises(Invalid, match="one video"):
        actions.attach(post=post, ids=[ready(alice).pk, ready(alice, kind="video").pk], by=alice)
    same = ready(alice).pk
    with pytest.raises(Invalid, match="twice"):
        actions.attach(post=post, ids=[same, same], by=alice)
    actions.attach(post=post, ids=[ready(alice, kind="video").pk], by=alice)


# --- Changing and discarding -------------------------------------------------------------------------------


def test_what_belongs_to_a_post_is_changed_with_the_post(alice, bob):
    mine = ready(alice)
    with pytest.raises(Forbidden):
        actions.edit_attachment(attachment=mine, by=bob, alt="Not mine")
    actions.edit_attachment(attachment=mine, by=alice, alt="A cat", focus=(0, 1))
    actions.attach(post=make_post(alice), ids=[mine.pk], by=alice)
    with pytest.raises(Conflict):
        actions.edit_attachment(attachment=mine, by=alice, alt="A dog")
    with pytest.raises(Conflict):
        actions.discard(attachment=mine, by=alice)
    mine.refresh_from_db()
    assert (mine.alt, mine.focus) == ("A cat", "0.00,1.00")


def test_a_discarded_file_is_deleted_even_if_the_storage_was_away(alice, monkeypatch):
    made = actions.upload_attachment(by=alice, file=picture())
    actions.discard(attachment=made, by=alice)
    storage = storages["private"]
    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete", lambda name: (_ for _ in ()).throw(OSError("away")))
        assert actions.delete_discarded_files() == 0
    assert all(exist(names(made)))
    DiscardedFile.objects.update(due_at=made.created_at)
    assert actions.delete_discarded_files() == 4
    assert not any(exist(names(made)))
    assert not DiscardedFile.objects.exists()


def test_uploads_without_a_post_are_discarded_after_a_day(alice):
    new, attached = ready(alice), ready(alice)
    actions.attach(post=make_post(alice), ids=[attached.pk], by=alice)
    old = ready(alice, unattached_since=new.created_at - actions.attachments.UNATTACHED_FOR)
    gone = make_post(alice)
    of_gone = ready(alice)
    actions.attach(post=gone, ids=[of_gone.pk], by=alice)
    gone.delete()
    assert actions.discard_unattached() == 2
    assert set(Attachment.objects.all()) == {new, attached}
    assert not Attachment.objects.filter(pk__in=[old.pk, of_gone.pk]).exists()


def test_the_files_of_a_deleted_post_are_discarded_with_it(alice):
    post, other = make_post(alice), ready(alice)
    actions.attach(post=post, ids=[actions.upload_attachment(by=alice, file=picture()).pk], by=alice)
    assert actions.discard_of_posts(post_ids=[post.pk]) == 1
    assert list(Attachment.objects.all()) == [other]
    assert DiscardedFile.objects.count() == 4


def test_a_deleted_members_files_are_discarded(alice, bob):
    made, others = actions.upload_attachment(by=alice, file=picture()), ready(bob)
    actions.attach(post=make_post(alice), ids=[made.pk], by=alice)
    assert discard_attachments(alice.pk) == 1
    assert discard_attachments(alice.pk) == 0
    assert list(Attachment.objects.all()) == [others]
    assert DiscardedFile.objects.count() == 4


# --- REST --------------------------------------------------------------------------------------------------


def test_the_api_uploads_reads_edits_and_deletes(client, alice):
    client.force_login(alice)
    made = client.post("/api/media", {"file": picture(), "alt": "A wall", "focus": "0.5,-0.25"})
    assert made.status_code == 201, made.content
    said = made.json()
    assert (said["kind"], said["state"], said["alt"], said["focus"]) == (
        "image",
        "ready",
        "A wall",
        "0.50,-0.25",
    )
    assert (said["width"], said["height"], said["duration"]) == (640, 480, None)
    path = f"/api/media/{said['id']}"
    assert client.get(path).json()["blurhash"] == said["blurhash"]
    assert client.get(said["preview_url"])["Content-Type"] == "image/webp"
    edited = client.patch(path, {"alt": "A red wall"}, content_type="application/json")
    assert edited.json()["alt"] == "A red wall"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(said["url"]).status_code == 404, "gone at once"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 422),
        ({"file": SimpleUploadedFile("a.png", b"no picture")}, 422),
        ({"file": SimpleUploadedFile("a.png", b"")}, 422),
        ({"focus": "2,0"}, 422),
        ({"focus": "left"}, 422),
        ({"alt": "x" * 1501}, 422),
        ({"name": "x"}, 400),
    ],
)
def test_the_api_refuses_what_it_cannot_use(client, alice, fields, status):
    client.force_login(alice)
    if fields and "file" not in fields:
        fields = {"file": picture()} | fields
    assert client.post("/api/media", fields).status_code in (status, 400)
    assert not Attachment.objects.exists()


def test_an_upload_that_is_too_big_is_refused(client, alice, settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    client.force_login(alice)
    large = SimpleUploadedFile("a.jpg", bytes(150_000))
    answer = client.post("/api/media", {"file": large})
    assert answer.status_code in (413, 422)
    assert "MB" in answer.content.decode()


# --- Reading -----------------------------------------------------------------------------------------------


def test_the_attachments_of_a_page_of_posts_are_one_query(alice, django_assert_num_queries):
    posts = [make_post(alice) for _ in range(3)]
    rows = [[ready(alice), ready(alice)] for _ in posts[:2]]
    for post, attachments in zip(posts, rows, strict=False):
        actions.attach(post=post, ids=[row.pk for row in attachments], by=alice)
    with django_assert_num_queries(1):
        assert attachments_of(post.pk for post in posts) == {posts[0].pk: rows[0], posts[1].pk: rows[1]}
