"""Subscribers and jobs for relations between members."""

from celery import shared_task

from accounts.models import Member
from core import streams
from social import actions
from social.events import MemberBlocked, MemberUnfollowed, PrivacyChanged, RequestsApproved


def approve_next_requests(event: RequestsApproved) -> None:
    """Approve the next batch of pending requests."""
    member = Member.objects.filter(pk=event.member_id).first()
    if member is not None:
        actions.approve_up_to(member=member, up_to_id=event.up_to_id)


def recheck_sockets_of_both(event: MemberBlocked) -> None:
    """Unsubscribe the open pages of both members from each other's streams."""
    for member_id in (event.blocker_id, event.blocked_id):
        streams.recheck_sockets_of(member_id)


def recheck_sockets_of_strangers(event: PrivacyChanged) -> None:
    """Unsubscribe everyone who doesn't follow a now private account from its streams."""
    if event.is_private:
        streams.recheck_sockets_on(event.member_id)


def recheck_sockets_of_former_follower(event: MemberUnfollowed) -> None:
    """Unsubscribe someone who no longer follows a private account from its streams."""
    if Member.objects.filter(pk=event.followee_id, is_private=True).exists():
        streams.recheck_sockets_of(event.follower_id)


@shared_task
def delete_expired_mutes() -> None:
    """Run daily (config/schedule.py)."""
    actions.delete_expired_mutes()
