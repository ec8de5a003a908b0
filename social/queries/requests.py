from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Block, Member
from social.models import FollowRequest

REQUEST_COUNT_MAX = 100


def received_requests(member: Member) -> "QuerySet[FollowRequest]":
    """Return the pending requests to follow `member` by visible requesters, to be paged by id (newest first)."""
    visible = Member.objects.visible_to(member).filter(pk=OuterRef("requester_id"))
    requests = FollowRequest.objects.filter(Exists(visible), member=member)
    return requests.select_related("requester").order_by("-id")


def sent_requests(member: Member) -> "QuerySet[FollowRequest]":
    """Return the pending requests that `member` has sent, to be paged by id (newest first)."""
    visible = Member.objects.visible_to(member).filter(pk=OuterRef("member_id"))
    requests = FollowRequest.objects.filter(Exists(visible), requester=member)
    return requests.select_related("member").order_by("-id")


def pending_request_count(member: Member) -> int:
    """Return how many follow requests `member` has, counted up to 100."""
    return received_requests(member).order_by()[:REQUEST_COUNT_MAX].count()


def blocks_by(member: Member) -> "QuerySet[Block]":
    """Return the blocks by `member` of open accounts, to be paged by id (newest first)."""
    blocks = Block.objects.filter(blocker=member, blocked__is_active=True)
    return blocks.select_related("blocked").order_by("-id")


def blocked_member(viewer: Member | None, username: str) -> Member | None:
    """Return the member of that name if the viewer has blocked them, so that they can be unblocked.

    None if they have blocked the viewer too.
    """
    if viewer is None:
        return None
    member = Member.objects.named(username).filter(is_active=True, blocked_by__blocker=viewer).first()
    if member is None or Block.objects.filter(blocker=member, blocked=viewer).exists():
        return None
    return member
