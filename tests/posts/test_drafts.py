"""Drafts and scheduled posts: saved, edited, sent once, kept with a reason, and nobody else's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.db import is_postgres
from core.models import OutboxEvent
from core.refusals import Conflict, Forbidden, Invalid, NotFound
from media.models import Attachment
from posts import tasks
from posts.actions import (
    create_draft,
    delete_draft,
    delete_post,
    edit_draft,
    publish_draft,
    publish_post,
    send_scheduled,
)
from posts.actions import drafts as draft_actions
from posts.models import Draft, Post
from posts.options import PostContent, PostOptions
from posts.queries import visible_post
from social.actions import block_member
from tests.factories import close, make_member, make_post, reopen

pytestmark = pytest.mark.django_db


def contents(*texts, **options):
    return [PostContent(text=text, options=PostOptions(**options)) for text in texts]


def in_(**when):
    return timezone.now() + timedelta(**when)


def come_due(*drafts):
    Draft.objects.filter(pk__in=[draft.pk for draft in drafts]).update(due_at=in_(seconds=-1))


def scheduled(by, *texts, **more):
    draft = create_draft(by=by, posts=contents(*texts or ["Later"]), scheduled_at=in_(hours=1), **more)
    come_due(draft)
    return draft


def not_sent():
    return Draft.objects.exclude(failure="")


# --- Drafts -------------------------------------------------------------------------------------------------


def test_a_draft_is_saved_edited_and_sent(alice):
    draft = create_draft(by=alice, posts=contents("Not yet", visibility="unlisted"))
    assert not Post.objects.exists()
    draft = edit_draft(draft=draft, by=alice, posts=contents("Now", content_warning="Soup"))
    assert draft.posts == [{"text": "Now", "content_warning": "Soup"}]
    post = publish_draft(draft_id=draft.pk, by=alice)
    assert (post.text, post.content_warning, post.visibility) == ("Now", "Soup", "public")
    assert not Draft.objects.exists()


def test_sending_twice_sends_once(alice):
    draft = create_draft(by=alice, posts=contents("One", "Two"))
    first = publish_draft(draft_id=draft.pk, by=alice)
    assert publish_draft(draft_id=draft.pk, by=alice).pk == first.pk
    assert Post.objects.count() == 2
    delete_post(post=first, by=alice)
    with pytest.raises(NotFound):
        publish_draft(draft_id=draft.pk, by=alice)


def test_a_draft_is_nobody_elses(alice, bob):
    draft = create_draft(by=alice, posts=contents("Mine"))
    assert delete_draft(draft=draft, by=bob) is False
    for act in (
        lambda: edit_draft(draft=draft, by=bob, posts=contents("Yours")),
        lambda: publish_draft(draft_id=draft.pk, by=bob),
    ):
        with pytest.raises(NotFound):
            act()
    assert delete_draft(draft=draft, by=alice) is True
    assert delete_draft(draft=draft, by=alice) is False
    with pytest.raises(NotFound):
        edit_draft(draft=draft, by=alice, posts=contents("Again"))
    with pytest.raises(NotFound):
        publish_draft(draft_id=draft.pk, by=alice)


def test_what_cannot_be_sent_may_still_be_a_draft(alice, settings):
    long = "a" * (settings.POST_MAX_LENGTH + 1)
    draft = create_draft(by=alice, posts=contents(long))
    with pytest.raises(Invalid):
        publish_draft(draft_id=draft.pk, by=alice)
    with pytest.raises(Invalid):
        edit_draft(draft=draft, by=alice, scheduled_at=in_(hours=1))
    assert Draft.objects.get().scheduled_at is None
    for texts in ((), ("",), (" ", "\n")):
        with pytest.raises(Invalid):
            create_draft(by=alice, posts=contents(*texts))
    with pytest.raises(Invalid):
        create_draft(by=alice, posts=contents("Text", visibility="nobody"))
    assert Draft.objects.count() == 1


def test_drafts_are_limited(alice, monkeypatch):
    monkeypatch.setattr(draft_actions, "DRAFTS_MAX", 2)
    first = create_draft(by=alice, posts=contents("One"))
    scheduled(alice)
    with pytest.raises(Conflict):
        create_draft(by=alice, posts=contents("Three"))
    delete_draft(draft=first, by=alice)
    create_draft(by=alice, posts=contents("Three"))


def test_the_same_key_saves_one_draft(alice):
    first = create_draft(by=alice, posts=contents("One"), idempotency_key="k")
    assert create_draft(by=alice, posts=contents("One"), idempotency_key="k").pk == first.pk
    with pytest.raises(Conflict):
        create_draft(by=alice, posts=contents("Two"), idempotency_key="k")
    assert Draft.objects.count() == 1


def test_a_closed_account_keeps_its_drafts_and_sends_none(alice):
    draft, later = create_draft(by=alice, posts=contents("One")), scheduled(alice)
    close(alice)
    alice.refresh_from_db()
    with pytest.raises(Forbidden):
        create_draft(by=alice, posts=contents("Two"))
    with pytest.raises(Forbidden):
        publish_draft(draft_id=draft.pk, by=alice)
    assert send_scheduled(draft_id=later.pk) is True
    reopen(alice)
    later.refresh_from_db()
    assert (later.scheduled_at, later.failure) == (None, "This account is suspended.")
    assert not Post.objects.exists()


# --- Scheduled posts ----------------------------------------------------------------------------------------


def test_a_scheduled_post_goes_out_once_and_then(alice, settings):
    draft = create_draft(by=alice, posts=contents("One", "Two"), scheduled_at=in_(hours=1))
    tasks.send_due_drafts()
    assert send_scheduled(draft_id=draft.pk) is False
    assert not Post.objects.exists()
    come_due(draft)
    before = timezone.now()
    assert send_scheduled(draft_id=draft.pk) is True
    assert send_scheduled(draft_id=draft.pk) is False
    one, two = Post.objects.order_by("pk")
    assert (one.text, two.in_reply_to_id) == ("One", one.pk)
    # Its time and its place in lists are those of going out, not of writing.
    assert one.created_at >= before
    assert not Draft.objects.exists()


def test_the_sweep_sends_what_is_due(alice, django_capture_on_commit_callbacks):
    scheduled(alice)
    create_draft(by=alice, posts=contents("Tomorrow"), scheduled_at=in_(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.send_due_drafts()
    assert [post.text for post in Post.objects.all()] == ["Later"]


def test_a_slow_review_delays_nothing_for_its_author(alice, bob):
    draft = scheduled(alice)
    send_scheduled(draft_id=draft.pk)
    post = Post.objects.get()
    assert post.state == "pending"
    assert visible_post(post.pk, alice).text == "Later"
    with pytest.raises(NotFound):
        visible_post(post.pk, bob)
    publish_post(post=post)
    assert visible_post(post.pk, bob).text == "Later"


@pytest.mark.parametrize("when", [{"seconds": 30}, {"days": -1}, {"days": 366}])
def test_a_time_is_at_least_a_minute_and_at_most_a_year_away(alice, when):
    with pytest.raises(Invalid) as refused:
        create_draft(by=alice, posts=contents("Later"), scheduled_at=in_(**when))
    assert list(refused.value.fields) == ["scheduled_at"]
    draft = create_draft(by=alice, posts=contents("Later"))
    with pytest.raises(Invalid):
        edit_draft(draft=draft, by=alice, scheduled_at=in_(**when))


def test_a_scheduled_post_is_moved_cancelled_and_scheduled_again(alice):
    draft = scheduled(alice)
    draft = edit_draft(draft=draft, by=alice, scheduled_at=in_(hours=2))
    assert send_scheduled(draft_id=draft.pk) is False
    draft = edit_draft(draft=draft, by=alice, unschedule=True)
    come_due(draft)
    assert send_scheduled(draft_id=draft.pk) is False
    edit_draft(draft=draft, by=alice, scheduled_at=in_(hours=1))
    come_due(draft)
    assert send_scheduled(draft_id=draft.pk) is True


def test_a_scheduled_post_can_be_sent_at_once(alice):
    draft = scheduled(alice)
    publish_draft(draft_id=draft.pk, by=alice)
    assert send_scheduled(draft_id=draft.pk) is False
    assert Post.objects.count() == 1


def test_checking_a_scheduled_post_leaves_nothing_behind(alice, bob):
    create_draft(by=alice, posts=contents("#later @bob"), scheduled_at=in_(hours=1))
    assert not Post.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize(
    ("happen", "reason"),
    [
        (lambda parent, alice: delete_post(post=parent, by=parent.author), "isn’t available any more"),
        (lambda parent, alice: Post.objects.filter(pk=parent.pk).delete(), "isn’t available any more"),
        (lambda parent, alice: block_member(member=alice, by=parent.author), "isn’t available any more"),
        (lambda parent, alice: close(parent.author), "isn’t available any more"),
    ],
)
def test_what_can_no_longer_be_sent_stays_with_the_reason(alice, bob, happen, reason):
    parent = make_post(bob)
    draft = scheduled(alice, "One", "Two", in_reply_to=parent)
    happen(parent, alice)
    assert send_scheduled(draft_id=draft.pk) is True
    assert send_scheduled(draft_id=draft.pk) is False
    draft.refresh_from_db()
    assert draft.scheduled_at is None
    assert reason in draft.failure
    assert [post["text"] for post in draft.posts] == ["One", "Two"]
    assert not Post.objects.filter(author=alice).exists()
    assert not_sent().count() == 1
    with pytest.raises(NotFound):
        publish_draft(draft_id=draft.pk, by=alice)
    edit_draft(draft=draft, by=alice, posts=contents("Other words"))
    draft.refresh_from_db()
    assert draft.failure == ""


def test_an_error_of_ours_is_tried_again_and_given_up_in_the_end(alice, monkeypatch):
    def broken(**_: object) -> None:
        raise ZeroDivisionError

    draft = scheduled(alice)
    monkeypatch.setattr(draft_actions, "write_thread", broken)
    for attempt in range(1, draft_actions.ATTEMPTS + 1):
        come_due(draft)
        with pytest.raises(ZeroDivisionError):
            send_scheduled(draft_id=draft.pk)
        draft.refresh_from_db()
        if attempt < draft_actions.ATTEMPTS:
            assert (draft.attempts, draft.failure) == (attempt, "")
            assert draft.due_at > timezone.now()
    assert draft.scheduled_at is None
    assert draft.failure
    assert not_sent().count() == 1


def test_an_outage_is_told_in_the_language_of_the_author(bob):
    german = make_member("gero", language="de")
    parent = make_post(bob)
    draft = scheduled(german, in_reply_to=parent)
    delete_post(post=parent, by=bob)
    send_scheduled(draft_id=draft.pk)
    draft.refresh_from_db()
    assert "nicht" in draft.failure


# --- With files ---------------------------------------------------------------------------------------------


@pytest.fixture
def picture(alice):
    return Attachment.objects.create(owner=alice, kind="image", state="ready")


def test_the_files_of_a_draft_are_kept_until_it_is_deleted(alice, picture):
    draft = create_draft(by=alice, posts=contents("", media=(picture.pk,)))
    assert draft.posts == [{"text": "", "media": [str(picture.pk)]}]
    picture.refresh_from_db()
    assert picture.unattached_since > in_(days=365)
    delete_draft(draft=draft, by=alice)
    picture.refresh_from_db()
    assert picture.unattached_since <= timezone.now()


def test_a_file_of_two_drafts_is_kept_until_both_are_deleted(alice, picture):
    first, second = (create_draft(by=alice, posts=contents("", media=(picture.pk,))) for _draft in range(2))
    delete_draft(draft=first, by=alice)
    picture.refresh_from_db()
    assert picture.unattached_since > in_(days=365)
    delete_draft(draft=second, by=alice)
    picture.refresh_from_db()
    assert picture.unattached_since <= timezone.now()


def test_a_text_that_the_database_cannot_keep_is_kept_without_it(alice):
    draft = create_draft(by=alice, posts=contents("One", "T\0wo"))
    draft.refresh_from_db()
    assert [post["text"] for post in draft.posts] == ["One", "Two"]


def test_the_files_of_a_draft_are_sent_with_it(alice, bob, picture):
    draft = create_draft(by=alice, posts=contents("One", media=(picture.pk,)), scheduled_at=in_(hours=1))
    picture.refresh_from_db()
    assert picture.post_id is None
    draft = edit_draft(draft=draft, by=alice, posts=contents("Two", media=(picture.pk,)))
    post = publish_draft(draft_id=draft.pk, by=alice)
    sent = Attachment.objects.get()
    assert (sent.post_id, sent.unattached_since, post.media_count) == (post.pk, None, 1)
    with pytest.raises(Invalid):
        create_draft(by=bob, posts=contents("Mine", media=(picture.pk,)), scheduled_at=in_(hours=1))


def test_a_quote_waits_and_is_refused_when_it_is_no_longer_allowed(alice, bob):
    quoted = make_post(bob)
    draft = create_draft(by=alice, posts=contents("One", quote_of=quoted.pk), scheduled_at=in_(hours=1))
    assert draft.posts == [{"text": "One", "quote_of": str(quoted.pk)}]
    come_due(draft)
    delete_post(post=quoted, by=bob)
    assert send_scheduled(draft_id=draft.pk) is True
    assert Draft.objects.get().failure
    other = create_draft(by=alice, posts=contents("Two", quote_of=make_post(bob).pk))
    assert publish_draft(draft_id=other.pk, by=alice).text == "Two"


# --- By the API ---------------------------------------------------------------------------------------------


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def sent(client, verb, path, body=None, **headers):
    return getattr(client, verb)(path, body, content_type="application/json", headers=headers)


def test_the_api_keeps_and_sends_drafts(as_alice, bob):
    parent = make_post(bob)
    body = {"posts": [{"text": "One", "sensitive": True}, {}], "in_reply_to": str(parent.pk)}
    made = sent(as_alice, "post", "/api/drafts", body, **{"Idempotency-Key": "k"})
    assert made.status_code == 201
    found = made.json()
    assert found["posts"] == [{"text": "One", "sensitive": True}, {"text": ""}]
    assert (found["in_reply_to"], found["scheduled_at"], found["failure"]) == (str(parent.pk), None, "")
    assert sent(as_alice, "post", "/api/drafts", body, **{"Idempotency-Key": "k"}).json() == found
    one = f"/api/drafts/{found['id']}"
    assert as_alice.get(one).json() == found
    assert as_alice.get("/api/drafts").json()["items"] == [found]
    assert as_alice.get("/api/scheduled").json()["items"] == []
    # The second post is still empty.
    assert sent(as_alice, "post", f"{one}/publish").status_code == 422
    at = in_(hours=3)
    changes = {"posts": [{"text": "One"}], "scheduled_at": at.isoformat()}
    changed = sent(as_alice, "patch", one, changes)
    assert changed.status_code == 200
    assert changed.json()["posts"] == [{"text": "One"}]
    assert as_alice.get("/api/scheduled").json()["items"] == [changed.json()]
    assert as_alice.get("/api/drafts").json()["items"] == []
    assert sent(as_alice, "patch", one, {"scheduled_at": None}).json()["scheduled_at"] is None
    post = sent(as_alice, "post", f"{one}/publish")
    assert (post.status_code, post.json()["in_reply_to"]) == (201, str(parent.pk))
    assert sent(as_alice, "post", f"{one}/publish").json()["id"] == post.json()["id"]
    for verb in ("get", "delete"):
        assert getattr(as_alice, verb)(one).status_code == 404


def test_a_post_with_a_time_is_accepted_and_kept(as_alice):
    at = in_(hours=3).isoformat()
    made = sent(as_alice, "post", "/api/posts", {"text": "Later", "scheduled_at": at})
    assert made.status_code == 202
    assert made.json()["posts"] == [{"text": "Later"}]
    assert as_alice.get("/api/scheduled").json()["items"] == [made.json()]
    now = sent(as_alice, "post", "/api/posts", {"text": "Now", "scheduled_at": None})
    assert now.status_code == 201
    for wrong in (in_(seconds=1).isoformat(), "soon"):
        assert sent(as_alice, "post", "/api/posts", {"text": "L", "scheduled_at": wrong}).status_code == 422
    assert as_alice.delete(f"/api/drafts/{made.json()['id']}").status_code == 204
    assert Draft.objects.count() == 0


def test_due_drafts_are_found_by_an_index(alice):
    from django.db import connection

    if not is_postgres():
        with connection.cursor() as cursor:
            cursor.execute(
                "EXPLAIN QUERY PLAN SELECT id FROM posts_draft"
                " WHERE scheduled_at IS NOT NULL AND due_at <= '2026-01-01' ORDER BY due_at LIMIT 5"
            )
            assert "draft_due" in str(cursor.fetchall())
