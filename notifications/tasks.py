"""What happens elsewhere and concerns a member.

Each subscriber checks what is true now: events may come late, twice, or out of order. What makes a notification true
(the like, the follow) is locked while it is written, so that undoing it waits and withdraws it afterwards.
"""

from celery import shared_task

from accounts.events import AccountClosed, AccountOpened
from accounts.models import Member
from moderation.events import PostDecided, ReportDecided, ReportReopened
from moderation.models import Decision, Report
from notifications import actions
from notifications.models import Notification, NotificationKind
from posts.events import PostEdited, PostHidden, PostLiked, PostPublished, PostRestored, PostUnliked
from posts.models import Like, Mention, Post
from social.events import (
    FollowRequestApproved,
    FollowRequested,
    FollowRequestWithdrawn,
    MemberBlocked,
    MemberFollowed,
    MemberMuted,
    MemberUnblocked,
    MemberUnfollowed,
    MemberUnmuted,
    PrivacyChanged,
    WordMuted,
)
from social.models import Follow, FollowRequest


def notify_author_of_like(event: PostLiked) -> None:
    like = (
        Like.objects.select_for_update(of=("self",), no_key=True)
        .select_related("post__author", "member")
        .filter(post=event.post_id, member=event.member_id)
        .first()
    )
    if like is not None:
        actions.notify(member=like.post.author, kind=NotificationKind.LIKE, by=like.member, post=like.post)


def withdraw_like(event: PostUnliked) -> None:
    told = _active_notifications(kind=NotificationKind.LIKE, actor_id=event.member_id, post_id=event.post_id)
    if not Like.objects.filter(post=event.post_id, member=event.member_id).exists():
        for notification in told:
            actions.withdraw(notification=notification)


def notify_author_of_reply(event: PostPublished | PostRestored) -> None:
    post = _published(event.post_id)
    if post is None or post.in_reply_to is None:
        return
    answered = post.in_reply_to
    if Post.objects.visible_to(answered.author).filter(pk=answered.pk).exists():
        actions.notify(member=answered.author, kind=NotificationKind.REPLY, by=post.author, post=post)


def notify_mentioned_members(event: PostPublished | PostRestored | PostEdited) -> None:
    """Whoever is answered hears of the reply and not of the mention as well; whom an edit left out hears no
    more.
    """
    post = _published(event.post_id)
    if post is None:
        return
    mentions = Mention.objects.filter(post=post).select_related("member")
    mentioned = {mention.member_id: mention.member for mention in mentions}
    if post.in_reply_to is not None:
        mentioned.pop(post.in_reply_to.author_id, None)
    for member in mentioned.values():
        actions.notify(member=member, kind=NotificationKind.MENTION, by=post.author, post=post)
    for notification in _active_notifications(kind=NotificationKind.MENTION, post_id=post.pk):
        if notification.member_id not in mentioned:
            actions.withdraw(notification=notification)


def notify_followed_member(event: MemberFollowed) -> None:
    """Whoever let the follower in by hand knows."""
    follow = _follow(event.follower_id, event.followee_id)
    if follow is not None and not event.approved:
        actions.notify(member=follow.followee, kind=NotificationKind.FOLLOW, by=follow.follower)


def withdraw_follow(event: MemberUnfollowed) -> None:
    told = _active_notifications(
        kind=NotificationKind.FOLLOW, actor_id=event.follower_id, member_id=event.followee_id
    )
    told += _active_notifications(
        kind=NotificationKind.FOLLOW_ACCEPTED, actor_id=event.followee_id, member_id=event.follower_id
    )
    if not Follow.objects.filter(follower=event.follower_id, followee=event.followee_id).exists():
        for notification in told:
            actions.withdraw(notification=notification)


def notify_of_follow_request(event: FollowRequested) -> None:
    request = (
        FollowRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("requester", "member")
        .filter(requester=event.requester_id, member=event.member_id)
        .first()
    )
    if request is not None:
        actions.notify(member=request.member, kind=NotificationKind.FOLLOW_REQUEST, by=request.requester)


def withdraw_request(event: FollowRequestWithdrawn | FollowRequestApproved) -> None:
    told = _active_notifications(
        kind=NotificationKind.FOLLOW_REQUEST, actor_id=event.requester_id, member_id=event.member_id
    )
    if not FollowRequest.objects.filter(requester=event.requester_id, member=event.member_id).exists():
        for notification in told:
            actions.withdraw(notification=notification)


def notify_of_approval(event: FollowRequestApproved) -> None:
    follow = _follow(event.requester_id, event.member_id)
    if follow is not None:
        actions.notify(member=follow.follower, kind=NotificationKind.FOLLOW_ACCEPTED, by=follow.followee)


def notify_author_of_decision(event: PostDecided) -> None:
    """What was decided since is told by its own event."""
    decision = Decision.objects.select_related("author", "post__author").filter(pk=event.decision_id).first()
    if decision is None or decision.post_id is None:
        return
    newer = Decision.objects.of_posts().filter(post=decision.post_id, pk__gt=decision.pk)
    if not newer.exists():
        actions.notify_of_decision(decision=decision)


def notify_reporter(event: ReportDecided) -> None:
    report = _report(event.report_id)
    if report is not None:
        actions.notify_of_outcome(report=report)


def withdraw_outcome(event: ReportReopened) -> None:
    told = _active_notifications(report_id=event.report_id)
    report = _report(event.report_id)
    if report is None or report.decided_at is None:
        for notification in told:
            actions.withdraw(notification=notification)


def recount_unread_of_both(event: MemberBlocked | MemberUnblocked) -> None:
    """What each did is seen by the other no more, or again, so the numbers on open pages change."""
    for member in Member.objects.filter(pk__in=[event.blocker_id, event.blocked_id]):
        actions.publish_unread_count(member=member)


def recount_unread_about(event: PrivacyChanged) -> None:
    """What is about a private member's posts is seen by followers only."""
    concerned = Notification.objects.unseen().filter(post__author=event.member_id).values("member")
    for member in Member.objects.filter(pk__in=concerned)[:1000]:
        actions.publish_unread_count(member=member)


def recount_unread_by(event: AccountClosed | AccountOpened) -> None:
    """What a closed account did is seen no more, or again, so the numbers on open pages change."""
    concerned = Notification.objects.unseen().filter(actor=event.member_id).values("member")
    for member in Member.objects.filter(pk__in=concerned)[:1000]:
        actions.publish_unread_count(member=member)


def recount_unread(event: PostHidden | PostRestored) -> None:
    """What is about a hidden post is seen no more (visible_to), so the numbers on open pages change."""
    concerned = Notification.objects.unseen().filter(post=event.post_id).values("member")
    for member in Member.objects.filter(pk__in=concerned)[:1000]:
        actions.publish_unread_count(member=member)


def recount_unread_of_muter(event: MemberMuted | MemberUnmuted) -> None:
    """Notifications by somebody muted are not shown, so the number on open pages changes."""
    member = Member.objects.filter(pk=event.muter_id).first()
    if member is not None:
        actions.publish_unread_count(member=member)


def mark_muted_as_read(event: WordMuted) -> None:
    """What waits and has a muted word is not shown, so it waits no more."""
    member = Member.objects.filter(pk=event.member_id).first()
    if member is not None:
        actions.mark_muted_as_read(member=member)


@shared_task
def delete_withdrawn() -> None:
    actions.delete_withdrawn()


def _published(post_id: int) -> Post | None:
    """Locked, so that hiding it waits until its notifications are written."""
    return (
        Post.objects.select_for_update(of=("self",), no_key=True)
        .select_related("author", "in_reply_to__author")
        .filter(pk=post_id, state=Post.State.PUBLISHED)
        .first()
    )


def _follow(follower_id: int, followee_id: int) -> Follow | None:
    """Locked, so that unfollowing waits until it has been told."""
    return (
        Follow.objects.select_for_update(of=("self",), no_key=True)
        .select_related("follower", "followee")
        .filter(follower=follower_id, followee=followee_id)
        .first()
    )


def _report(report_id: int) -> Report | None:
    """Locked, so that reopening it waits until its outcome has been told."""
    return (
        Report.objects.select_for_update(of=("self",), no_key=True)
        .select_related("reporter")
        .filter(pk=report_id)
        .first()
    )


def _active_notifications(**which: object) -> list[Notification]:
    """Notifications that stand, locked before what they tell is looked at."""
    standing = Notification.objects.select_for_update(of=("self",), no_key=True).select_related("member")
    return list(standing.filter(withdrawn_at=None, **which).order_by("id"))
