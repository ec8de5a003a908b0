"""Blocks hide two members from each other (decision 11)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Block, Member
from core.db import insert_once
from core.events import emit
from core.refusals import Invalid, NotFound
from social.actions.follows import end_follow, end_request
from social.events import MemberBlocked, MemberUnblocked
from social.models import ListEntry


def block_member(*, member: Member, by: Member) -> bool:
    """Block `member`, which ends follows, requests and list entries both ways. Return False if they were blocked.

    Raises Invalid for blocking yourself, NotFound if `by` can't see `member`, also because `member` blocked first.
    """
    if member.pk == by.pk:
        raise Invalid(_("You can’t block yourself."), code="block_self")
    with transaction.atomic():
        lock_members(member.pk, by.pk)
        if Block.objects.filter(blocker=by, blocked=member).exists():
            return False
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        if not insert_once(Block(blocker=by, blocked=member)):
            return False
        for one, other in ((by.pk, member.pk), (member.pk, by.pk)):
            end_follow(follower_id=one, followee_id=other)
            end_request(requester_id=one, member_id=other)
            ListEntry.objects.filter(list__owner=one, member=other).delete()
        emit(MemberBlocked(blocker_id=by.pk, blocked_id=member.pk))
    return True


def unblock_member(*, member: Member, by: Member) -> bool:
    """End the block, but restore nothing that it ended. Return False if there was none."""
    with transaction.atomic():
        lock_members(member.pk, by.pk)
        deleted, _ = Block.objects.filter(blocker=by, blocked=member).delete()
        if not deleted:
            return False
        emit(MemberUnblocked(blocker_id=by.pk, blocked_id=member.pk))
    return True
