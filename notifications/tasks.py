"""Notifies members of what happens in other apps.

Each subscriber checks the present state: events may come late, twice, or out of order. The reason for a notification
(the like, the follow) is locked while it is saved, so that undoing it waits and withdraws it afterwards.
"""

from collections.abc import Callable, Sequence

from celery import shared_task

from accounts.events import AccountClosed, AccountOpened
from accounts.models import Member
from moderation.events import PostDecided, ReportDecided, ReportReopened
from moderation.models import Decision, Report
from notifications import actions
from notifications.models import Notification, NotificationKind
from posts.events import (
    DraftNotSent,
    PollChanged,
    PollEnded,
    PostEdited,
    PostHidden,
    PostLiked,
    PostPublished,
    PostReposted,
    PostRestored,
    PostUnliked,
    RepostUndone,
)
from posts.models import Draft, Like, Mention, Post, Repost
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


def notify_author_of_repost(event: PostReposted) -> None:
    """Notify the author, unless the reposter is private and they don't follow them: they would learn what only
    followers may.
    """
    repost = (
        Repost.objects.select_for_update(of=("self",), no_key=True)
        .select_related("post__author", "member")
        .filter(post=event.post_id, member=event.member_id)
        .first()
    )
    if repost is None:
        return
    author = repost.post.author
    if Repost.objects.visible_to(author).filter(pk=repost.pk).exists():
        actions.notify(member=author, kind=NotificationKind.REPOST, by=repost.member, post=repost.post)


def withdraw_repost(event: RepostUndone) -> None:
    told = _active_notifications(
        kind=NotificationKind.REPOST, actor_id=event.member_id, post_id=event.post_id
    )
    if not Repost.objects.filter(post=event.post_id, member=event.member_id).exists():
        for notification in told:
            actions.withdraw(notification=notification)


def notify_author_of_reply(event: PostPublished | PostRestored) -> None:
    post = _published(event.post_id)
    if post is None or post.in_reply_to is None:
        return
    answered = post.in_reply_to
    if Post.objects.visible_to(answered.author).filter(pk=answered.pk).exists():
        actions.notify(member=answered.author, kind=NotificationKind.REPLY, by=post.author, post=post)


def notify_author_of_quote(event: PostPublished | PostRestored) -> None:
    """Notify the author of a quoted post, unless they have revoked the quote or were replied to at the same time."""
    post = _published(event.post_id)
    if post is None or post.quote_of is None or post.quote_revoked:
        return
    author = post.quote_of.author
    if post.in_reply_to is None or post.in_reply_to.author_id != author.pk:
        actions.notify(member=author, kind=NotificationKind.QUOTE, by=post.author, post=post)


def notify_mentioned_members(event: PostPublished | PostRestored | PostEdited) -> None:
    """Notify mentioned members, except the authors of the posts replied to and quoted, who are notified of that.
    Withdraw mentions that an edit removed.
    """
    post = _published(event.post_id)
    if post is None:
        return
    mentions = Mention.objects.filter(post=post).select_related("member")
    mentioned = {mention.member_id: mention.member for mention in mentions}
    if post.in_reply_to is not None:
        mentioned.pop(post.in_reply_to.author_id, None)
    if post.quote_of is not None and not post.quote_revoked:
        mentioned.pop(post.quote_of.author_id, None)
    for member in mentioned.values():
        actions.notify(member=member, kind=NotificationKind.MENTION, by=post.author, post=post)
    for notification in _active_notifications(kind=NotificationKind.MENTION, post_id=post.pk):
        if notification.member_id not in mentioned:
            actions.withdraw(notification=notification)


def notify_of_ended_poll(event: PollEnded) -> None:
    """Notify the author and those who voted, whoever of them may still see the post."""
    _notify_of_poll(event, actions.notify_of_ended_poll, [*event.voter_ids, event.author_id])


def notify_of_changed_poll(event: PollChanged) -> None:
    """Notify those who had voted that their votes no longer count."""
    _notify_of_poll(event, actions.notify_of_changed_poll, event.voter_ids)


def _notify_of_poll(
    event: PollEnded | PollChanged, notify: Callable[..., object], member_ids: Sequence[int | None]
) -> None:
    post = Post.objects.select_related("author").filter(pk=event.post_id).first()
    if post is not None:
        for member in Member.objects.filter(pk__in=[i for i in member_ids if i is not None]).order_by("pk"):
            notify(member=member, post=post)


def notify_followed_member(event: MemberFollowed) -> None:
    """Notify a member of a new follower, unless they approved the request themselves."""
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
    """Notify the author, unless there is a newer decision, which has its own event."""
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


def notify_author_of_unsent(event: DraftNotSent) -> None:
    """Notify a member whose scheduled post couldn't be sent, unless they have sent, changed or deleted it by now."""
    draft = (
        Draft.objects.select_for_update(of=("self",), no_key=True)
        .select_related("author")
        .filter(pk=event.draft_id)
        .first()
    )
    if draft is not None:
        actions.notify_of_unsent(draft=draft)


def recount_unread_of_both(event: MemberBlocked | MemberUnblocked) -> None:
    """Publish the numbers of both: what each did is hidden from the other, or visible again."""
    for member in Member.objects.filter(pk__in=[event.blocker_id, event.blocked_id]):
        actions.publish_unread_count(member=member)


def recount_unread_about(event: PrivacyChanged) -> None:
    """Publish the numbers of members notified about a private member’s posts, which only followers see."""
    concerned = Notification.objects.unseen().filter(post__author=event.member_id).values("member")
    for member in Member.objects.filter(pk__in=concerned)[:1000]:
        actions.publish_unread_count(member=member)


def recount_unread_by(event: AccountClosed | AccountOpened) -> None:
    """Publish the numbers of members notified by a closed account: what it did is hidden, or visible again."""
    concerned = Notification.objects.unseen().filter(actor=event.member_id).values("member")
    for member in Member.objects.filter(pk__in=concerned)[:1000]:
        actions.publish_unread_count(member=member)


def recount_unread(event: PostHidden | PostRestored) -> None:
    """Publish the numbers of members notified about a hidden post, which they don’t see any more."""
    concerned = Notification.objects.unseen().filter(post=event.post_id).values("member")
    for member in Member.objects.filter(pk__in=concerned)[:1000]:
        actions.publish_unread_count(member=member)


def recount_unread_of_muter(event: MemberMuted | MemberUnmuted) -> None:
    """Publish the number without notifications by the muted member."""
    member = Member.objects.filter(pk=event.muter_id).first()
    if member is not None:
        actions.publish_unread_count(member=member)


def mark_muted_as_read(event: WordMuted) -> None:
    """Mark notifications with the muted word as read."""
    member = Member.objects.filter(pk=event.member_id).first()
    if member is not None:
        actions.mark_muted_as_read(member=member)


@shared_task
def delete_withdrawn() -> None:
    actions.delete_withdrawn()


def _published(post_id: int) -> Post | None:
    """Lock and return the post if it is published, so that hiding it waits until its notifications are saved."""
    return (
        Post.objects.select_for_update(of=("self",), no_key=True)
        .select_related("author", "in_reply_to__author", "quote_of__author")
        .filter(pk=post_id, state=Post.State.PUBLISHED)
        .first()
    )


def _follow(follower_id: int, followee_id: int) -> Follow | None:
    """Lock and return the follow, so that unfollowing waits until the notification is saved."""
    return (
        Follow.objects.select_for_update(of=("self",), no_key=True)
        .select_related("follower", "followee")
        .filter(follower=follower_id, followee=followee_id)
        .first()
    )


def _report(report_id: int) -> Report | None:
    """Lock and return the report, so that reopening it waits until the notification is saved."""
    return (
        Report.objects.select_for_update(of=("self",), no_key=True)
        .select_related("reporter")
        .filter(pk=report_id)
        .first()
    )


def _active_notifications(**which: object) -> list[Notification]:
    """Lock and return notifications that aren’t withdrawn, before their reason is checked."""
    standing = Notification.objects.select_for_update(of=("self",), no_key=True).select_related("member")
    return list(standing.filter(withdrawn_at=None, **which).order_by("id"))
