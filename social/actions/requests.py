"""Private accounts: who asks to follow one, and who is let in.

A request is answered or taken back once: whoever comes second finds the row gone, and changes nothing.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from accounts.actions import change_status, lock_members
from accounts.models import Member
from core.events import emit
from social.actions.dismissals import suggest_no_more
from social.actions.follows import end_request, start_follow
from social.events import FollowRequestApproved, PrivacyChanged, RequestsApproved
from social.models import FollowRequest

CHUNK = 100
"""How many are let in by one transaction; it holds the rows of all of them."""
EVERYBODY = 2**63 - 1


def cancel_request(*, member: Member, by: Member) -> bool:
    """`by` asks no more to follow `member`; False when nothing waits (any more). A follow that it led to stays."""
    with transaction.atomic():
        lock_members(member.pk, by.pk)
        return end_request(requester_id=by.pk, member_id=member.pk)


def approve_request(*, requester: Member, by: Member) -> bool:
    """`by` lets `requester` in; False when the request is gone, or nobody is there who could be let in."""
    with transaction.atomic():
        lock_members(requester.pk, by.pk)
        if not Member.objects.visible_to(by).filter(pk=requester.pk).exists():
            return False
        return _let_in(by, [requester.pk], approved=True) > 0


def refuse_request(*, requester: Member, by: Member) -> bool:
    """`by` does not let `requester` in; False when the request is gone. The requester is not told."""
    with transaction.atomic():
        lock_members(requester.pk, by.pk)
        if not end_request(requester_id=requester.pk, member_id=by.pk):
            return False
        suggest_no_more(member_id=by.pk, to_id=requester.pk)
    return True


def approve_all_requests(*, by: Member) -> int:
    """`by` lets in everybody who waits at this moment. Returns how many are in already; a crowd follows in the
    background.
    """
    newest = FollowRequest.objects.filter(member=by).order_by("-id").values_list("id", flat=True).first()
    return approve_up_to(member=by, up_to_id=newest) if newest is not None else 0


def approve_up_to(*, member: Member, up_to_id: int) -> int:
    """Let in the next of those who asked no later than that request, and see to it that the others follow.

    Returns how many were let in now.
    """
    with transaction.atomic():
        chosen = _first_requesters(_waiting(member, up_to_id))
        held = lock_members(member.pk, *chosen)
        present = held.get(member.pk)
        # "Everybody" is what turning public means, which may have been taken back since.
        if present is None or (up_to_id == EVERYBODY and present.is_private):
            return 0
        let_in = _let_in(member, chosen, approved=up_to_id != EVERYBODY)
        if _waiting(member, up_to_id).exists():
            emit(RequestsApproved(member_id=member.pk, up_to_id=up_to_id))
    return let_in


def set_private(*, by: Member, private: bool) -> bool:
    """Make the account private or public; False when it is so already.

    Turned private, it keeps its followers, and what it posts is gone at once for everybody else. Turned public, it
    lets in whoever waits.
    """
    with transaction.atomic():
        chosen = [] if private else _first_requesters(_waiting(by, EVERYBODY))
        lock_members(by.pk, *chosen)
        other = Member.objects.exclude(is_private=private)
        if not change_status(member=by, among=other, is_private=private):
            by.is_private = private
            return False
        emit(PrivacyChanged(member_id=by.pk, is_private=private))
        if not private:
            _let_in(by, chosen, approved=False)
            if _waiting(by, EVERYBODY).exists():
                emit(RequestsApproved(member_id=by.pk, up_to_id=EVERYBODY))
    return True


def _waiting(member: Member, up_to_id: int) -> "QuerySet[FollowRequest]":
    """Who is to be let in. Of a public account everybody is, also whose own account is closed for now."""
    waiting = FollowRequest.objects.filter(member=member, id__lte=up_to_id)
    if up_to_id == EVERYBODY:
        return waiting
    return waiting.filter(requester__in=Member.objects.visible_to(member))


def _first_requesters(waiting: "QuerySet[FollowRequest]") -> list[int]:
    return list(waiting.order_by("id").values_list("requester_id", flat=True)[:CHUNK])


def _let_in(member: Member, requester_ids: Sequence[int], *, approved: bool) -> int:
    """Of these requesters, whose rows are held, those who still wait follow now. Returns how many."""
    waiting = FollowRequest.objects.filter(member=member, requester__in=requester_ids).order_by("id")
    let_in = 0
    for request in waiting:
        request.delete()
        let_in += 1
        if start_follow(follower_id=request.requester_id, followee_id=member.pk, approved=approved):
            emit(FollowRequestApproved(requester_id=request.requester_id, member_id=member.pk))
    return let_in
