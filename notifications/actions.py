from datetime import UTC, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Member
from core import streams
from core.db import insert_once
from moderation.models import Decision, Report
from notifications.models import FromWhom, Notification, NotificationGroup, NotificationKind, Preference
from notifications.queries import unseen_count, wants_notification
from posts.models import Draft, Post
from posts.muting import has_muted_thread, mute_filter_for
from social.queries import MuteAction, muted_ids

KEEP_WITHDRAWN_FOR = timedelta(days=30)
MUTED_READ_MAX = 1000


def notify(
    *, member: Member, kind: NotificationKind, by: Member, post: Post | None = None
) -> Notification | None:
    """Notify `member` once of what `by` did. Return None if there is nothing new.

    Nobody is notified of their own acts, of posts that they may not see, of what they have muted (the actor, the
    thread, a word of the post), or of what they have turned off (Preference). If something undone is done again, its
    withdrawn notification returns to its old place, and nobody is notified again.
    """
    if member.pk == by.pk or not member.is_active:
        return None
    with transaction.atomic():
        if post is not None and not Post.objects.visible_to(member).filter(pk=post.pk).exists():
            return None
        if not wants_notification(member, kind, by=by) or _is_muted(member, by, post):
            return None
        notification = Notification(member=member, kind=kind, actor=by, post=post)
        if not _create(notification):
            _restore(notification)
            return None
    return notification


def notify_of_decision(*, decision: Decision) -> Notification | None:
    """Notify the author of a decision on their post, in place of earlier ones. It names neither who decided nor who
    reported. Return None if nobody is notified.
    """
    author, post = decision.author, decision.post
    if author is None or post is None or not author.is_active:
        return None
    if not Decision.objects.on_posts_of(author).of_posts().filter(pk=decision.pk).exists():
        return None
    with transaction.atomic():
        earlier = Notification.objects.filter(
            member=author, kind=NotificationKind.DECISION, post=post, withdrawn_at=None
        )
        for told in earlier.exclude(decision=decision).select_related("member"):
            withdraw(notification=told)
        if not wants_notification(author, NotificationKind.DECISION, by=None):
            return None
        notification = Notification(
            member=author, kind=NotificationKind.DECISION, post=post, decision=decision
        )
        return notification if _create(notification) else None


def notify_of_outcome(*, report: Report) -> Notification | None:
    """Notify the reporter of a post of the outcome, not of the post. Return None if nothing is new."""
    if report.decided_at is None or not report.reporter.is_active:
        return None
    with transaction.atomic():
        told = Notification.objects.filter(report=report, withdrawn_at=None).select_related("member").first()
        if told is not None and told.created_at >= report.decided_at:
            return None
        if told is not None:
            # There was a new decision.
            withdraw(notification=told)
        if not wants_notification(report.reporter, NotificationKind.REPORT, by=None):
            return None
        notification = Notification(member=report.reporter, kind=NotificationKind.REPORT, report=report)
        return notification if _create(notification) else None


def notify_of_ended_poll(*, member: Member, post: Post) -> Notification | None:
    """Notify a member once that their own poll, or one in which they voted, has ended."""
    if member.pk != post.author_id:
        return notify(member=member, kind=NotificationKind.POLL, by=post.author, post=post)
    if not member.is_active or not Post.objects.visible_to(member).filter(pk=post.pk).exists():
        return None
    with transaction.atomic():
        if not wants_notification(member, NotificationKind.POLL, by=None):
            return None
        notification = Notification(member=member, kind=NotificationKind.POLL, post=post)
        return notification if _create(notification) else None


def notify_of_changed_poll(*, member: Member, post: Post) -> Notification | None:
    """Notify a member that their vote no longer counts, because the options changed. Replaces an earlier one."""
    with transaction.atomic():
        Notification.objects.filter(member=member, kind=NotificationKind.REVOTE, post=post).delete()
        return notify(member=member, kind=NotificationKind.REVOTE, by=post.author, post=post)


def notify_of_unsent(*, draft: Draft) -> Notification | None:
    """Notify a member that their scheduled post couldn’t be sent, in place of an earlier time. Return None if nobody is
    notified.
    """
    if not draft.author.is_active or not draft.failure:
        return None
    with transaction.atomic():
        for told in Notification.objects.filter(draft=draft, withdrawn_at=None).select_related("member"):
            withdraw(notification=told)
        if not wants_notification(draft.author, NotificationKind.UNSENT, by=None):
            return None
        notification = Notification(member=draft.author, kind=NotificationKind.UNSENT, draft=draft)
        return notification if _create(notification) else None


def _create(notification: Notification) -> bool:
    """Save the notification and publish it. Return False if it existed already."""
    notification.group = _group_for(notification)
    if not insert_once(notification):
        return False
    transaction.on_commit(lambda: _publish_created(notification), robust=True)
    return True


def _publish_created(notification: Notification) -> None:
    """Publish the notification after the commit, when notifications written meanwhile count too. A page that misses
    the message catches up.
    """
    member = notification.member
    if Notification.objects.visible_to(member).filter(pk=notification.pk).exists():
        message = created_message(notification, unseen_count(member))
        streams.publish(streams.member_stream(member.pk), message)


def created_message(notification: Notification, unread: int) -> streams.LiveMessage:
    return {
        "type": "notification.created",
        "id": str(notification.id),
        "kind": notification.kind,
        "unread": unread,
    }


def set_preference(
    *, by: Member, kind: NotificationKind, in_page: bool | None = None, from_whom: FromWhom | None = None
) -> None:
    """Change what `by` wants to be notified of for this kind. Only the given values change."""
    given = {"in_page": in_page, "from_whom": from_whom}
    changes = {name: value for name, value in given.items() if value is not None}
    with transaction.atomic():
        if changes and not insert_once(Preference(member=by, kind=kind, **changes)):
            Preference.objects.filter(member=by, kind=kind).update(**changes)


def withdraw(*, notification: Notification) -> bool:
    """Withdraw a notification whose reason was undone. Return False if it was withdrawn already."""
    with transaction.atomic():
        withdrawn = Notification.objects.filter(pk=notification.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now()
        )
        if withdrawn and notification.seen_at is None:
            publish_unread_count(member=notification.member)
    return bool(withdrawn)


def mark_all_seen(*, by: Member) -> int:
    """Clear the badge: `by` has opened the page. What is unread stays unread. Return how many were new."""
    marked = Notification.objects.filter(member=by, seen_at=None).update(seen_at=timezone.now())
    if marked:
        publish_unread_count(member=by)
    return marked


def mark_read(*, notification: Notification, by: Member) -> int:
    """Mark a notification and everything in its group as read. Return how many were unread."""
    return _mark_read(by, group=notification.group_id)


def mark_all_read(*, by: Member) -> int:
    """Mark all notifications as read. Return how many were unread."""
    return _mark_read(by)


def publish_unread_count(*, member: Member) -> None:
    """Publish the badge’s number to the member’s open pages after the commit."""
    message = {"type": "notification.counted", "unread": unseen_count(member)}
    streams.publish(streams.member_stream(member.pk), message)


def delete_withdrawn() -> int:
    """Delete what was withdrawn a month ago, and groups that become empty."""
    with transaction.atomic():
        old = Notification.objects.filter(withdrawn_at__lt=timezone.now() - KEEP_WITHDRAWN_FOR)
        groups = list(old.values_list("group_id", flat=True).distinct()[:1000])
        forgotten, _ = old.filter(group__in=groups).delete()
        NotificationGroup.objects.filter(pk__in=groups, notifications=None).delete()
    return forgotten


def _mark_read(by: Member, **which: Any) -> int:
    with transaction.atomic():
        now = timezone.now()
        marked = Notification.objects.filter(member=by, read_at=None, **which).update(
            read_at=now, seen_at=Coalesce("seen_at", now)
        )
        if marked:
            publish_unread_count(member=by)
    return marked


def mark_muted_as_read(*, member: Member) -> int:
    """Mark unread notifications as read if their post has a word that the member has muted. Return how many."""
    mute_filter = mute_filter_for(member)
    unread = Notification.objects.visible_to(member).unread().exclude(post=None).select_related("post")
    muted = [
        notification.pk
        for notification in unread.order_by("-id")[:MUTED_READ_MAX]
        if notification.post is not None
        and mute_filter.verdict(notification.post.words, notification.post.author_id, "notifications").action
        is MuteAction.HIDE
    ]
    return _mark_read(member, pk__in=muted)


def _is_muted(member: Member, by: Member, post: Post | None) -> bool:
    if muted_ids(member, notifications=True).filter(muted=by).exists():
        return True
    if post is None:
        return False
    verdict = mute_filter_for(member).verdict(post.words, post.author_id, "notifications")
    return verdict.action is MuteAction.HIDE or has_muted_thread(member, post)


def _group_for(notification: Notification) -> NotificationGroup:
    identity = {
        "member": notification.member,
        "kind": notification.kind,
        "post": notification.post,
        "day": notification.created_at.astimezone(UTC).date(),
    }
    found = NotificationGroup.objects.filter(**identity).first()
    if found is None:
        found = NotificationGroup(**identity)
        if not insert_once(found):
            found = NotificationGroup.objects.get(**identity)
    return found


def _restore(notification: Notification) -> None:
    """Restore the existing notification, if it was withdrawn. It is locked, so that a withdrawal in
    progress ends first.
    """
    twin = (
        Notification.objects.select_for_update()
        .filter(
            member=notification.member,
            kind=notification.kind,
            actor=notification.actor,
            post=notification.post,
        )
        .first()
    )
    if twin is not None and twin.withdrawn_at is not None:
        Notification.objects.filter(pk=twin.pk).update(withdrawn_at=None)
        if twin.seen_at is None:
            publish_unread_count(member=notification.member)
