import pytest
from django.contrib.admin.models import LogEntry

from core.translatable import dump_translatable, translatable
from moderation.models import Decision
from posts.actions import hold_post
from posts.models import Post
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_admin(client):
    client.force_login(make_member("admin", is_staff=True, is_superuser=True, is_moderator=True))
    return client


def choose(client, action, post, reason=""):
    sent = {"action": action, "_selected_action": [post.id], "reason": reason}
    return client.post("/admin/posts/post/", sent, follow=True).content.decode()


def test_admin_actions_match_the_moderation_pages(as_admin, alice):
    post = make_post(alice)
    choose(as_admin, "remove", post, "Spam.")
    post.refresh_from_db()
    alice.refresh_from_db()
    assert (post.state, post.state_reason, alice.posts_count) == (Post.State.REMOVED, "Spam.", 0)
    choose(as_admin, "restore", post)
    post.refresh_from_db()
    alice.refresh_from_db()
    assert (post.state, alice.posts_count) == (Post.State.PUBLISHED, 1)
    assert list(Decision.objects.order_by("id").values_list("act", "by__username")) == [
        ("remove", "admin"),
        ("restore", "admin"),
    ]


def test_removing_in_the_admin_needs_a_reason(as_admin, alice):
    post = make_post(alice)
    assert "The author will see it" in choose(as_admin, "remove", post)
    post.refresh_from_db()
    assert post.is_published
    assert not LogEntry.objects.exists()


def test_staff_who_are_not_moderators_cannot_decide(client, alice):
    client.force_login(make_member("clerk", is_staff=True, is_superuser=True))
    post = make_post(alice)
    choose(client, "remove", post, "Spam.")
    post.refresh_from_db()
    assert post.is_published
    assert not Decision.objects.exists()


def test_a_removed_post_is_not_removed_again(as_admin, alice):
    post = make_post(alice)
    for _ in range(2):
        choose(as_admin, "remove", post, "Spam.")
    assert LogEntry.objects.get().change_message == "removed: Spam."
    assert Decision.objects.count() == 1


def test_the_reason_for_holding_is_shown_as_text(as_admin, alice):
    why = "A word rule of this community held this as spam."
    post = make_post(alice)
    hold_post(post=post, reason=dump_translatable(translatable(why), most=500))
    decision = Decision.objects.create(act="hold", decided_by="rules:v1", post=post, reason=post.state_reason)
    for page in (
        f"posts/post/{post.id}/change/",
        "moderation/decision/",
        f"moderation/decision/{decision.id}/change/",
    ):
        html = as_admin.get(f"/admin/{page}").content.decode()
        assert why in html
        assert "\x1e" not in html
