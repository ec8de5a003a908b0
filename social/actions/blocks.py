"""Blocks: two people are not there for each other (decision 0011)."""

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
    """`by` blocks `member`: follows, requests and list entries end both ways. False when it is so already.

    Raises Invalid for oneself, NotFound for a member whom `by` cannot see, also because `member` was first to block.
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
    """They are there for each other again, unless `member` blocks, too; what the block ended stays ended.

    False when there was no block.
    """
    with transaction.atomic():
        lock_members(member.pk, by.pk)
        deleted, _ = Block.objects.filter(blocker=by, blocked=member).delete()
        if not deleted:
            return False
        emit(MemberUnblocked(blocker_id=by.pk, blocked_id=member.pk))
    return True
