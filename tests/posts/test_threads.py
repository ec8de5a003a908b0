"""Threads: several posts written at once, all or none."""

import pytest

from core.idempotency import KeyReused
from core.models import OutboxEvent
from core.refusals import Invalid, NotFound
from notifications.models import Notification
from posts.actions import create_draft, delete_post, publish_post, write_thread
from posts.actions.threads import THREAD_MAX
from posts.models import Draft, Post
from posts.options import PostContent, PostOptions
from social.actions import block_member
from tests.factories import make_post

pytestmark = pytest.mark.django_db


def contents(*texts, **options):
    return [PostContent(text=text, options=PostOptions(**options)) for text in texts]


def api(client, member, path, body, **headers):
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(path, body, content_type="application/json", headers=headers)


def test_each_post_replies_to_the_one_before(alice, bob):
    start = make_post(bob, "What do you think?")
    posts = write_thread(by=alice, posts=contents("One", "Two", "Three"), in_reply_to=start)
    assert [post.text for post in posts] == ["One", "Two", "Three"]
    assert [post.in_reply_to_id for post in posts] == [start.pk, posts[0].pk, posts[1].pk]
    assert {post.root_id for post in posts} == {start.pk}
    assert [post.pk for post in posts] == sorted(post.pk for post in posts)
    first = write_thread(by=alice, posts=contents("Alone", "With more"))
    assert [post.root_id for post in first] == [None, first[0].pk]


def test_all_are_written_or_none(alice, bob):
    before = OutboxEvent.objects.count()
    with pytest.raises(Invalid) as refused:
        write_thread(by=alice, posts=contents("One", "Two", " "))
    assert refused.value.fields == {"posts[2].text": ["Write something first."]}
    with pytest.raises(Invalid) as refused:
        write_thread(by=alice, posts=[*contents("One"), *contents("Two", visibility="nobody")])
    assert "posts[1].visibility" in refused.value.fields
    for count in (0, THREAD_MAX + 1):
        with pytest.raises(Invalid):
            write_thread(by=alice, posts=contents(*["More"] * count))
    gone = make_post(bob)
    block_member(member=alice, by=bob)
    with pytest.raises(NotFound):
        write_thread(by=alice, posts=contents("One", "Two"), in_reply_to=gone)
    assert not Post.objects.filter(author=alice).exists()
    assert not OutboxEvent.objects.filter(pk__gt=before, name="PostWritten").exists()
    assert len(write_thread(by=alice, posts=contents(*["One"] * THREAD_MAX))) == THREAD_MAX


def test_a_thread_is_as_narrow_as_its_first_post(alice):
    posts = write_thread(by=alice, posts=[*contents("One", visibility="followers"), *contents("Two")])
    assert [post.visibility for post in posts] == ["followers", "followers"]


def test_nobody_is_notified_of_their_own_thread_but_others_are(alice, bob, deliver):
    start = make_post(bob)
    for post in write_thread(by=alice, posts=contents("One", "Two"), in_reply_to=start):
        publish_post(post=post)
    deliver()
    assert [(n.member, n.kind) for n in Notification.objects.all()] == [(bob, "reply")]


def test_the_same_key_writes_once(alice):
    first = write_thread(by=alice, posts=contents("One", "Two"), idempotency_key="a")
    again = write_thread(by=alice, posts=contents("One", "Two"), idempotency_key="a")
    assert [post.pk for post in again] == [post.pk for post in first]
    with pytest.raises(KeyReused):
        write_thread(by=alice, posts=contents("One", "Other"), idempotency_key="a")
    assert Post.objects.count() == 2


def test_the_api_writes_a_thread(client, alice, bob):
    body = {"posts": [{"text": "One", "visibility": "unlisted"}, {"text": "Two"}]}
    assert client.post("/api/threads", body, content_type="application/json").status_code == 401
    response = api(client, alice, "/api/threads", body, **{"Idempotency-Key": "once"})
    assert response.status_code == 201
    one, two = response.json()
    assert (one["text"], one["visibility"], one["in_reply_to"]) == ("One", "unlisted", None)
    assert (two["in_reply_to"], two["thread"]) == (one["id"], one["id"])
    assert (
        api(client, alice, "/api/threads", body, **{"Idempotency-Key": "once"}).json()[0]["id"] == one["id"]
    )
    wrong = api(client, alice, "/api/threads", {"posts": [{"text": "One"}, {"text": ""}]})
    assert wrong.status_code == 422
    wrongs: list[dict[str, object]] = [{"posts": []}, {"posts": [{"text": "One", "in_reply_to": "1"}]}, {}]
    for each in wrongs:
        assert api(client, alice, "/api/threads", each).status_code in (400, 422)
    answered = make_post(bob)
    reply = {"posts": [{"text": "Three"}], "in_reply_to": str(answered.pk)}
    assert api(client, alice, "/api/threads", reply).json()[0]["in_reply_to"] == str(answered.pk)
    delete_post(post=answered, by=bob)
    assert api(client, alice, "/api/threads", reply).status_code == 404
    assert Post.objects.filter(author=alice).count() == 3


def test_a_draft_may_be_a_thread(alice):
    draft = create_draft(by=alice, posts=contents("One", "", "Three", sensitive=True))
    assert Draft.objects.get().posts == [
        {"text": "One", "sensitive": True},
        {"text": "", "sensitive": True},
        {"text": "Three", "sensitive": True},
    ]
    assert draft.first_text == "One"
