"""Reposts: who sees them, what they count, who is notified, and what takes them away."""

import pytest

from core.counters import fix_all
from notifications.models import Notification, NotificationKind
from posts.actions import delete_post, repost_post, undo_repost
from posts.counters import COUNTERS
from posts.models import Repost
from posts.queries import reposts_of
from social.actions import block_member, follow_member, set_private
from tests.factories import close, make_member, make_post, reopen

pytestmark = pytest.mark.django_db


def people(post, viewer):
    return [row.member.username for row in reposts_of(post, viewer=viewer)]


def test_reposts_by_private_accounts_show_to_their_followers_and_never_count(alice, bob, carol):
    shy = make_member("shy")
    follow_member(member=shy, by=bob)
    set_private(by=shy, private=True)
    post = make_post(alice)
    repost_post(post=post, by=shy)
    repost_post(post=post, by=carol)
    post.refresh_from_db()
    assert post.reposts_count == 1
    assert people(post, None) == people(post, alice) == ["carol"]
    assert people(post, bob) == people(post, shy) == ["carol", "shy"]
    block_member(member=carol, by=bob)
    assert people(post, bob) == ["shy"]


def test_the_count_follows_accounts_that_close_open_and_turn_private_or_public(alice, bob):
    post = make_post(alice)
    repost_post(post=post, by=bob)

    def count():
        post.refresh_from_db()
        assert fix_all(COUNTERS) == 0
        return post.reposts_count

    close(bob)
    assert count() == 0
    reopen(bob)
    assert count() == 1
    bob.refresh_from_db()
    set_private(by=bob, private=True)
    assert count() == 0
    undo_repost(post=post, by=bob)
    repost_post(post=post, by=bob)
    assert count() == 0
    set_private(by=bob, private=False)
    assert count() == 1
    delete_post(post=post, by=alice)
    assert count() == 0
    assert not Repost.objects.exists()


def told(member):
    rows = Notification.objects.visible_to(member).filter(kind=NotificationKind.REPOST)
    return list(rows.values_list("actor__username", flat=True))


def test_the_author_is_notified_until_it_is_undone(client, alice, bob, deliver):
    post = make_post(alice, "A fine day")
    repost_post(post=post, by=bob)
    repost_post(post=post, by=alice)
    deliver()
    assert told(alice) == ["bob"]
    client.force_login(alice)
    assert "reposted your post" in client.get("/notifications").content.decode()
    undo_repost(post=post, by=bob)
    deliver()
    assert told(alice) == []


def test_the_author_is_not_told_of_a_repost_that_only_followers_may_see(alice, bob, deliver):
    set_private(by=bob, private=True)
    repost_post(post=make_post(alice), by=bob)
    deliver()
    assert told(alice) == []


def test_the_button_shows_the_state_and_opens_a_menu(client, alice, bob):
    post = make_post(alice)
    client.force_login(bob)
    menu = client.get(f"/posts/{post.id}/repost", headers={"HX-Request": "true"}).content.decode()
    assert f'hx-post="/posts/{post.id}/repost"' in menu
    button = client.post(f"/posts/{post.id}/repost", headers={"HX-Request": "true"}).content.decode()
    assert "data-on" in button
    assert "Repost, 1 repost" in button
    assert "Undo repost" in client.get(f"/posts/{post.id}/repost").content.decode()
    assert "bob" in client.get(f"/posts/{post.id}/reposts").content.decode()
    limited = make_post(alice, "x", visibility="followers")
    client.force_login(alice)
    assert "action-repost" not in client.get(f"/posts/{limited.id}/card").content.decode()
    assert client.get(f"/posts/{limited.id}/repost").status_code == 403
