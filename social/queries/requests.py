from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Block, Member
from social.models import FollowRequest

COUNTED_AT_MOST = 100


def requests_to(member: Member) -> "QuerySet[FollowRequest]":
    """Who asks to follow `member`, with their `requester`, to be paged by id (newest first). Whoever is not there for
    now is left out.
    """
    there = Member.objects.visible_to(member).filter(pk=OuterRef("requester_id"))
    waiting = FollowRequest.objects.filter(Exists(there), member=member)
    return waiting.select_related("requester").order_by("-id")


def requests_by(member: Member) -> "QuerySet[FollowRequest]":
    """Whom `member` asks to follow, to be paged by id (newest first)."""
    there = Member.objects.visible_to(member).filter(pk=OuterRef("member_id"))
    asked = FollowRequest.objects.filter(Exists(there), requester=member)
    return asked.select_related("member").order_by("-id")


def waiting_count(member: Member) -> int:
    """How many ask to follow `member`, counted up to 100."""
    return requests_to(member).order_by()[:COUNTED_AT_MOST].count()


def blocks_by(member: Member) -> "QuerySet[Block]":
    """Whom `member` blocks, to be paged by id (newest first). Accounts that are closed for now are left out."""
    blocks = Block.objects.filter(blocker=member, blocked__is_active=True)
    return blocks.select_related("blocked").order_by("-id")


def blocked_by(viewer: Member | None, username: str) -> Member | None:
    """The member of that name, if it is the viewer who blocks them: what lets a blocker find the way back.

    None also when both block each other: for whom they have blocked, nobody is there.
    """
    if viewer is None:
        return None
    member = Member.objects.named(username).filter(is_active=True, blocked_by__blocker=viewer).first()
    if member is None or Block.objects.filter(blocker=member, blocked=viewer).exists():
        return None
    return member
