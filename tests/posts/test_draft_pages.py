"""The pages of drafts and scheduled posts, and the composer's threads, times and drafts, without scripts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification
from notifications.tasks import notify_author_of_unsent
from posts.actions import create_draft, delete_draft, delete_post, edit_draft, send_scheduled
from posts.events import DraftNotSent
from posts.models import Draft, Post
from posts.options import PostContent, PostOptions
from tests.factories import make_post

pytestmark = pytest.mark.django_db


def contents(*texts, **options):
    return [PostContent(text=text, options=PostOptions(**options)) for text in texts]


def in_(**when):
    return timezone.now() + timedelta(**when)


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def local(at):
    return at.strftime("%Y-%m-%dT%H:%M")


def fields(page):
    """Count the further posts of the form, without the empty one in the template of the script."""
    return page.text.count('name="thread_text"') - 1


# --- The composer -------------------------------------------------------------------------------------------


def test_a_post_is_saved_as_a_draft(as_alice, bob):
    parent = make_post(bob)
    response = as_alice.post(
        "/posts", {"text": "Not yet", "save_draft": "1", "in_reply_to": parent.pk, "visibility": "followers"}
    )
    assert (response.status_code, response.url) == (302, "/drafts")
    draft = Draft.objects.get()
    assert draft.posts == [{"text": "Not yet", "visibility": "followers"}]
    assert (draft.parent_id, draft.scheduled_at) == (parent.pk, None)
    page = as_alice.get("/drafts").text
    assert "Draft saved." in page
    assert "Not yet" in page
    assert "reply to @bob" in page


def test_a_post_is_scheduled_in_utc_or_in_the_time_zone_that_a_script_says(as_alice):
    at = in_(days=2).replace(second=0, microsecond=0)
    as_alice.post("/posts", {"text": "Later", "scheduled_at": local(at), "schedule": "1"})
    as_alice.post(
        "/posts", {"text": "Berlin", "scheduled_at": local(at + timedelta(hours=2)), "utc_offset": "120"}
    )
    as_alice.post("/posts", {"text": "Zone", "scheduled_at": at.isoformat(), "utc_offset": "120"})
    assert set(Draft.objects.values_list("scheduled_at", flat=True)) == {at}
    assert Draft.objects.count() == 3
    page = as_alice.get("/drafts?tab=scheduled").text
    assert page.count('<article class="draft"') == 3
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("time", "sentence"),
    [
        ("", "Enter a date and time."),
        ("soon", "Enter a date and time."),
        ("2999-02-31T10:00", "Enter a date and time."),
        ("9999-12-31T23:59", "Choose a time within a year."),
        ("0001-01-01T00:00", "Choose a time at least a minute from now."),
    ],
)
def test_a_bad_time_is_refused_with_the_form(as_alice, time, sentence):
    response = as_alice.post("/posts", {"text": "Later", "scheduled_at": time, "schedule": "1"})
    assert response.status_code == 422
    assert sentence in response.text
    assert ">Later</textarea>" in response.text
    assert not Post.objects.exists()
    assert not Draft.objects.exists()


def test_a_thread_is_written_post_by_post_without_scripts(as_alice, alice):
    assert 'name="add_post"' in as_alice.get("/compose").text
    form: dict[str, object] = {"text": "One", "add_post": "1"}
    page = as_alice.post("/posts", form)
    assert page.status_code == 200
    assert fields(page) == 1
    form["thread_text"] = ["Two"]
    page = as_alice.post("/posts", form)
    assert fields(page) == 2
    assert ">Two</textarea>" in page.text
    assert not Post.objects.exists()
    response = as_alice.post(
        "/posts?list=none", {"text": "One", "thread_text": ["Two", ""], "visibility": "unlisted"}
    )
    one, two = Post.objects.order_by("pk")
    assert (one.text, two.text, two.in_reply_to_id) == ("One", "Two", one.pk)
    assert {one.visibility, two.visibility} == {"unlisted"}
    assert response.url == one.path


def test_a_thread_that_is_refused_comes_back_whole(as_alice, settings):
    long = "a" * (settings.POST_MAX_LENGTH + 1)
    response = as_alice.post("/posts", {"text": "One", "thread_text": ["Two", long]})
    assert response.status_code == 422
    assert "1 character too long" in response.text
    assert f">{long}</textarea>" in response.text
    assert not Post.objects.exists()


def test_a_thread_is_sent_once(as_alice):
    form = {"text": "One", "thread_text": ["Two"], "idempotency_key": "key"}
    first, again = as_alice.post("/posts", form), as_alice.post("/posts", form)
    assert first.url == again.url
    assert Post.objects.count() == 2


# --- The pages ----------------------------------------------------------------------------------------------


def test_visitors_sign_in_first(client):
    for path in ("/drafts", "/drafts/1"):
        assert "/login/" in client.get(path).url


def test_a_draft_is_edited_on_its_page(as_alice, alice):
    draft = create_draft(
        by=alice, posts=[*contents("One", content_warning="Soup"), *contents("Two", sensitive=True)]
    )
    path = f"/drafts/{draft.pk}"
    page = as_alice.get(path).text
    assert ">One</textarea>" in page
    assert ">Two</textarea>" in page
    assert fields(as_alice.post(path, {"text": "1", "add_post": "1"})) == 1
    response = as_alice.post(path, {"text": "Uno", "thread_text": ["Due", "Tre"]})
    assert response.url == "/drafts"
    draft.refresh_from_db()
    # The form has no field for what was chosen before, so it stays.
    assert draft.posts == [
        {"text": "Uno", "content_warning": "Soup"},
        {"text": "Due", "sensitive": True},
        {"text": "Tre"},
    ]


def test_a_draft_is_scheduled_moved_and_sent_on_its_page(as_alice, alice):
    draft = create_draft(by=alice, posts=contents("One"))
    path, at = f"/drafts/{draft.pk}", in_(days=1).replace(second=0, microsecond=0)
    assert as_alice.post(path, {"text": "One", "scheduled_at": local(at)}).url == "/drafts?tab=scheduled"
    assert Draft.objects.get().scheduled_at == at
    assert local(at) in as_alice.get(path).text
    as_alice.post(path, {"text": "One", "scheduled_at": ""})
    assert Draft.objects.get().scheduled_at is None
    response = as_alice.post(path, {"text": "Uno", "publish": "1"})
    post = Post.objects.get()
    assert (post.text, response.url) == ("Uno", post.path)
    assert as_alice.post(path, {"text": "Uno", "publish": "1"}).url == post.path, "sent twice"
    assert Post.objects.count() == 1
    assert as_alice.get(path).status_code == 404


def test_a_draft_is_sent_cancelled_and_deleted_from_the_list(as_alice, alice):
    draft = create_draft(by=alice, posts=contents("One"), scheduled_at=in_(days=1))
    path = f"/drafts/{draft.pk}"
    assert as_alice.post(f"{path}/unschedule").url == "/drafts"
    draft.refresh_from_db()
    assert draft.scheduled_at is None
    sent = as_alice.post(f"{path}/publish")
    assert sent.url == Post.objects.get().path == as_alice.post(f"{path}/publish").url
    other = create_draft(by=alice, posts=contents("Two"))
    assert "Delete this draft?" in as_alice.get(f"/drafts/{other.pk}/delete").text
    assert as_alice.post(f"/drafts/{other.pk}/delete").url == "/drafts"
    assert as_alice.post(f"/drafts/{other.pk}/delete").status_code == 404


def test_what_cannot_be_sent_says_why(as_alice, alice, bob):
    parent = make_post(bob)
    draft = create_draft(by=alice, posts=contents("One"), in_reply_to=parent, scheduled_at=in_(days=1))
    delete_post(post=parent, by=bob)
    Draft.objects.update(due_at=in_(days=-1))
    send_scheduled(draft_id=draft.pk)
    for path in ("/drafts", f"/drafts/{draft.pk}"):
        page = as_alice.get(path).text
        assert "The post you replied to isn’t available any more." in page
        assert "@bob" not in page
    again = as_alice.post(f"/drafts/{draft.pk}/publish")
    assert again.status_code == 404
    assert "isn’t available any more" in again.text
    assert as_alice.post(f"/drafts/{draft.pk}/publish", headers={"HX-Request": "true"}).status_code == 404


def test_the_list_takes_few_queries(as_alice, alice, bob, django_assert_max_num_queries):
    for _ in range(5):
        create_draft(by=alice, posts=contents("One"), in_reply_to=make_post(bob))
    as_alice.get("/drafts")
    with django_assert_max_num_queries(14):
        as_alice.get("/drafts")


# --- The notification ---------------------------------------------------------------------------------------


@pytest.fixture
def unsent(alice):
    def make():
        draft = create_draft(by=alice, posts=contents("One"))
        Draft.objects.filter(pk=draft.pk).update(failure="It was too late.")
        return draft

    return make


def tell(draft):
    notify_author_of_unsent(DraftNotSent(draft_id=draft.pk, author_id=draft.author_id))


def test_a_member_is_notified_of_what_could_not_be_sent(as_alice, alice, unsent):
    draft = unsent()
    tell(draft)
    told = Notification.objects.get()
    assert "Your scheduled post couldn’t be sent" in as_alice.get("/notifications").text
    found = as_alice.get("/api/notifications").json()["items"][0]
    assert (found["kind"], found["draft"], found["actors"]) == ("unsent", str(draft.pk), [])
    assert as_alice.get(f"/notifications/{told.pk}/open").url == f"/drafts/{draft.pk}"
    tell(unsent())
    page = as_alice.get("/notifications").text
    assert "2 of your scheduled posts couldn’t be sent" in page
    latest = Notification.objects.latest("pk")
    assert as_alice.get(f"/notifications/{latest.pk}/open").url == "/drafts"
    delete_draft(draft=draft, by=alice)
    assert Notification.objects.count() == 1


def test_a_draft_that_was_changed_meanwhile_notifies_nobody(alice, unsent):
    draft = unsent()
    edit_draft(draft=draft, by=alice, posts=contents("Two"))
    tell(draft)
    delete_draft(draft=draft, by=alice)
    tell(draft)
    assert not Notification.objects.exists()
