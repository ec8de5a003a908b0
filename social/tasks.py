"""What follows when members change how they stand to each other."""

from celery import shared_task

from accounts.models import Member
from core import streams
from social.actions import approve_up_to
from social.actions import forget_expired_mutes as forget
from social.events import MemberBlocked, MemberUnfollowed, PrivacyChanged, RequestsApproved


def let_in_the_next(event: RequestsApproved) -> None:
    """Then we let in the next of those who were still waiting."""
    member = Member.objects.filter(pk=event.member_id).first()
    if member is not None:
        approve_up_to(member=member, up_to_id=event.up_to_id)


def recheck_sockets_of_both(event: MemberBlocked) -> None:
    """Then the open pages of both follow nothing of each other any more."""
    for member_id in (event.blocker_id, event.blocked_id):
        streams.recheck_sockets_of(member_id)


def recheck_sockets_of_strangers(event: PrivacyChanged) -> None:
    """Then the open pages of all who do not follow a private account follow nothing of it any more."""
    if event.is_private:
        streams.recheck_sockets_on(event.member_id)


def recheck_sockets_of_former_follower(event: MemberUnfollowed) -> None:
    """Then the open pages of whoever was let in by a private account, and is no more, follow nothing of it."""
    if Member.objects.filter(pk=event.followee_id, is_private=True).exists():
        streams.recheck_sockets_of(event.follower_id)


@shared_task
def forget_expired_mutes() -> None:
    """Every day."""
    forget()
