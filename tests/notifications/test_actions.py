from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import OutboxEvent
from notifications.actions import delete_withdrawn, mark_all_read, mark_read, notify, withdraw
from notifications.models import Notification, NotificationGroup, NotificationKind
from notifications.queries import missed_since, unseen_count
from tests.factories import make_member, make_post

pytestmark = pytest.mark.django_db


def tell(**who_what: Any) -> Notification:
    """Create a notification and return it."""
    found = notify(**who_what)
    assert found is not None
    return found


def test_notifying_twice_creates_one_notification(
    alice, bob, monkeypatch, django_capture_on_commit_callbacks
):
    facts = []
    monkeypatch.setattr("core.streams.publish", lambda stream, fact: facts.append((stream, fact)))
    with django_capture_on_commit_callbacks(execute=True):
        notification = notify(member=alice, kind=NotificationKind.FOLLOW, by=bob)
        assert notification
        assert notify(member=alice, kind=NotificationKind.FOLLOW, by=bob) is None
        assert facts == [], "not before the commit"
    assert unseen_count(alice) == 1
    fact = {"type": "notification.created", "id": str(notification.pk), "kind": "follow", "unread": 1}
    assert facts == [(f"member.{alice.pk}", fact)]
    assert not OutboxEvent.objects.exists(), "a hint that may be lost needs no outbox"


def test_a_notification_withdrawn_before_the_commit_is_not_published(
    alice, bob, monkeypatch, django_capture_on_commit_callbacks
):
    facts = []
    monkeypatch.setattr("core.streams.publish", lambda stream, fact: facts.append(fact["type"]))
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(notification=tell(member=alice, kind=NotificationKind.FOLLOW, by=bob))
    assert facts == ["notification.counted"]


def test_a_notification_is_saved_although_publishing_fails(
    alice, bob, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    def broken(*args: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("notifications.actions.unseen_count", broken)
    with django_capture_on_commit_callbacks(execute=True):
        tell(member=alice, kind=NotificationKind.FOLLOW, by=bob)
    assert unseen_count(alice) == 1
    assert "_publish_created" in caplog.text


def test_members_are_not_notified_of_their_own_actions(alice):
    assert notify(member=alice, kind=NotificationKind.LIKE, by=alice, post=make_post(alice)) is None


def test_members_are_not_notified_of_posts_they_cannot_see(alice, bob):
    waiting = make_post(bob, "@alice", published=False)
    assert notify(member=alice, kind=NotificationKind.MENTION, by=bob, post=waiting) is None


def test_a_suspended_member_is_not_notified(alice, bob):
    alice.is_active = False
    assert notify(member=alice, kind=NotificationKind.FOLLOW, by=bob) is None


def test_reading_a_notification_marks_its_group_only(alice, bob, carol):
    post = make_post(alice)
    first = tell(member=alice, kind=NotificationKind.LIKE, by=bob, post=post)
    tell(member=alice, kind=NotificationKind.LIKE, by=carol, post=post)
    tell(member=alice, kind=NotificationKind.FOLLOW, by=carol)
    assert unseen_count(alice) == 3
    assert mark_read(notification=first, by=alice) == 2
    assert unseen_count(alice) == 1
    assert mark_read(notification=first, by=alice) == 0


def test_reading_all_marks_only_the_members_own(alice, bob, carol):
    tell(member=alice, kind=NotificationKind.FOLLOW, by=bob)
    tell(member=carol, kind=NotificationKind.FOLLOW, by=bob)
    assert mark_all_read(by=alice) == 1
    assert mark_all_read(by=alice) == 0
    assert unseen_count(carol) == 1


def test_notifications_of_others_cannot_be_marked_as_read(alice, bob, carol):
    notification = tell(member=alice, kind=NotificationKind.FOLLOW, by=bob)
    mark_read(notification=notification, by=carol)
    assert unseen_count(alice) == 1


def test_withdrawing_is_idempotent(alice, bob):
    notification = tell(member=alice, kind=NotificationKind.FOLLOW, by=bob)
    assert withdraw(notification=notification)
    assert not withdraw(notification=notification)


def test_unread_is_counted_up_to_a_hundred(alice):
    group = NotificationGroup.objects.create(member=alice, kind="follow", day="2026-01-01")
    for _ in range(105):
        Notification.objects.create(member=alice, kind="follow", actor=make_member(), group=group)
    assert unseen_count(alice) == 100


def test_missed_notifications_are_unread_and_newer(alice, bob, carol):
    old = tell(member=alice, kind=NotificationKind.FOLLOW, by=bob)
    Notification.objects.filter(pk=old.pk).update(id=old.pk - (60_000 << 22))
    new = tell(member=alice, kind=NotificationKind.FOLLOW, by=carol)
    assert [n.pk for n in missed_since(alice, new.pk - 1)] == [new.pk]
    mark_all_read(by=alice)
    assert missed_since(alice, new.pk - 1) == []


def test_old_withdrawn_notifications_are_deleted_with_their_empty_group(alice, bob, carol):
    post = make_post(alice)
    gone = tell(member=alice, kind=NotificationKind.FOLLOW, by=bob)
    stays = tell(member=alice, kind=NotificationKind.LIKE, by=carol, post=post)
    also_gone = tell(member=alice, kind=NotificationKind.LIKE, by=bob, post=post)
    for notification in (gone, also_gone):
        withdraw(notification=notification)
    Notification.objects.exclude(withdrawn_at=None).update(withdrawn_at=timezone.now() - timedelta(days=31))
    assert delete_withdrawn() == 2
    assert list(Notification.objects.all()) == [stays]
    assert list(NotificationGroup.objects.all()) == [stays.group]
    assert delete_withdrawn() == 0
