"""Follow requests to private accounts, and switching between private and public.

A request is approved, declined or cancelled once. A second decision finds no row and changes nothing.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from accounts.actions import change_status, lock_members
from accounts.models import Member
from core.events import emit
from social.actions.dismissals import exclude_from_suggestions
from social.actions.follows import end_request, start_follow
from social.events import FollowRequestApproved, PrivacyChanged, RequestsApproved
from social.models import FollowRequest

BATCH_SIZE = 100
"""How many requests one transaction approves; it locks the rows of all requesters."""
ALL_REQUESTS = 2**63 - 1


def cancel_request(*, member: Member, by: Member) -> bool:
    """Cancel the request to follow `member`. Return False if there is none. If it was approved, the follow stays."""
    with transaction.atomic():
        lock_members(member.pk, by.pk)
        return end_request(requester_id=by.pk, member_id=member.pk)


def approve_request(*, requester: Member, by: Member) -> bool:
    """Approve the request. Return False if there is none or `by` can't see `requester`."""
    with transaction.atomic():
        lock_members(requester.pk, by.pk)
        if not Member.objects.visible_to(by).filter(pk=requester.pk).exists():
            return False
        return _approve(by, [requester.pk], approved=True) > 0


def decline_request(*, requester: Member, by: Member) -> bool:
    """Decline the request without notifying the requester. Return False if there is none."""
    with transaction.atomic():
        lock_members(requester.pk, by.pk)
        if not end_request(requester_id=requester.pk, member_id=by.pk):
            return False
        exclude_from_suggestions(member_id=by.pk, to_id=requester.pk)
    return True


def approve_all_requests(*, by: Member) -> int:
    """Approve all pending requests. Return how many are approved at once; the rest follow in the background."""
    newest = FollowRequest.objects.filter(member=by).order_by("-id").values_list("id", flat=True).first()
    return approve_up_to(member=by, up_to_id=newest) if newest is not None else 0


def approve_up_to(*, member: Member, up_to_id: int) -> int:
    """Approve the next batch of requests up to that id, and emit an event for those that remain.

    Return how many were approved now.
    """
    with transaction.atomic():
        chosen = _first_requesters(_pending(member, up_to_id))
        locked = lock_members(member.pk, *chosen)
        present = locked.get(member.pk)
        # ALL_REQUESTS comes from turning public, which may have been undone since.
        if present is None or (up_to_id == ALL_REQUESTS and present.is_private):
            return 0
        approved = _approve(member, chosen, approved=up_to_id != ALL_REQUESTS)
        if _pending(member, up_to_id).exists():
            emit(RequestsApproved(member_id=member.pk, up_to_id=up_to_id))
    return approved


def set_private(*, by: Member, private: bool) -> bool:
    """Make the account private or public. Return False if it is so already.

    A private account keeps its followers; for everyone else its posts are hidden at once. Turning public approves all
    pending requests.
    """
    with transaction.atomic():
        chosen = [] if private else _first_requesters(_pending(by, ALL_REQUESTS))
        lock_members(by.pk, *chosen)
        other = Member.objects.exclude(is_private=private)
        if not change_status(member=by, among=other, is_private=private):
            by.is_private = private
            return False
        emit(PrivacyChanged(member_id=by.pk, is_private=private))
        if not private:
            _approve(by, chosen, approved=False)
            if _pending(by, ALL_REQUESTS).exists():
                emit(RequestsApproved(member_id=by.pk, up_to_id=ALL_REQUESTS))
    return True


def _pending(member: Member, up_to_id: int) -> "QuerySet[FollowRequest]":
    """Return the requests to approve. With ALL_REQUESTS that includes those of accounts that are currently closed."""
    requests = FollowRequest.objects.filter(member=member, id__lte=up_to_id)
    if up_to_id == ALL_REQUESTS:
        return requests
    return requests.filter(requester__in=Member.objects.visible_to(member))


def _first_requesters(requests: "QuerySet[FollowRequest]") -> list[int]:
    return list(requests.order_by("id").values_list("requester_id", flat=True)[:BATCH_SIZE])


def _approve(member: Member, requester_ids: Sequence[int], *, approved: bool) -> int:
    """Approve the pending requests of these requesters, whose rows are locked. Return how many."""
    requests = FollowRequest.objects.filter(member=member, requester__in=requester_ids).order_by("id")
    count = 0
    for request in requests:
        request.delete()
        count += 1
        if start_follow(follower_id=request.requester_id, followee_id=member.pk, approved=approved):
            emit(FollowRequestApproved(requester_id=request.requester_id, member_id=member.pk))
    return count
