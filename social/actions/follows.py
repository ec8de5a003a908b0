from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.counters import mend_all
from core.db import insert_once
from core.events import emit
from core.ids import id_at
from core.refusals import Forbidden, Invalid, NotFound
from social.actions.dismissals import suggest_no_more
from social.counters import COUNTERS
from social.events import FollowRequested, FollowRequestWithdrawn, MemberFollowed, MemberUnfollowed
from social.models import Follow, FollowRequest


def follow_member(*, member: Member, by: Member) -> bool:
    """`by` follows `member` or, where the account is private, asks to; False when they do or did already.

    Raises Invalid for oneself, NotFound for a member whom `by` cannot see, Forbidden when `by` is closed meanwhile.
    """
    if member.pk == by.pk:
        raise Invalid(_("You can’t follow yourself."), code="follow_self")
    with transaction.atomic():
        held = lock_members(member.pk, by.pk)
        if by.pk not in held or not held[by.pk].is_active:
            raise Forbidden(_("This account is suspended."))
        # Asked while both rows are held: a block, or an account that becomes private, comes before or after as a whole.
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        if held[member.pk].is_private:
            return _ask(member, by)
        FollowRequest.objects.filter(requester=by, member=member).delete()
        return start_follow(follower_id=by.pk, followee_id=member.pk) is not None


def unfollow_member(*, member: Member, by: Member) -> bool:
    """`by` follows `member` no more, nor asks to; False when they did neither. Works on whoever is hidden, too."""
    with transaction.atomic():
        lock_members(member.pk, by.pk)
        ended = end_follow(follower_id=by.pk, followee_id=member.pk)
        taken_back = end_request(requester_id=by.pk, member_id=member.pk)
    return ended or taken_back


def remove_follower(*, follower: Member, by: Member) -> bool:
    """`follower` follows `by` no more; False when they did not. They are not told, and may ask or follow again."""
    with transaction.atomic():
        lock_members(follower.pk, by.pk)
        if not end_follow(follower_id=follower.pk, followee_id=by.pk):
            return False
        suggest_no_more(member_id=by.pk, to_id=follower.pk)
    return True


def start_follow(*, follower_id: int, followee_id: int, approved: bool = False) -> Follow | None:
    """For actions that hold both rows: follow and counters; None when it was there already."""
    follow = Follow(follower_id=follower_id, followee_id=followee_id)
    if not insert_once(follow):
        return None
    _count(follower_id=follower_id, followee_id=followee_id, change=1)
    emit(
        MemberFollowed(
            follow_id=follow.id, follower_id=follower_id, followee_id=followee_id, approved=approved
        )
    )
    return follow


def end_follow(*, follower_id: int, followee_id: int) -> bool:
    """For actions that hold both rows: no follow, and the counters say so; False when there was none."""
    deleted, _ = Follow.objects.filter(follower=follower_id, followee=followee_id).delete()
    if not deleted:
        return False
    _count(follower_id=follower_id, followee_id=followee_id, change=-1)
    emit(MemberUnfollowed(follower_id=follower_id, followee_id=followee_id))
    return True


def end_request(*, requester_id: int, member_id: int) -> bool:
    """For actions that hold both rows: nothing waits any more; False when nothing did."""
    deleted, _ = FollowRequest.objects.filter(requester=requester_id, member=member_id).delete()
    if not deleted:
        return False
    emit(FollowRequestWithdrawn(requester_id=requester_id, member_id=member_id))
    return True


def _ask(member: Member, by: Member) -> bool:
    if Follow.objects.by(by).of(member).exists():
        return False
    request = FollowRequest(requester=by, member=member)
    if not insert_once(request):
        return False
    emit(FollowRequested(request_id=request.id, requester_id=by.pk, member_id=member.pk))
    return True


def import_follows(follows: Iterable[tuple[int, int, datetime]]) -> None:
    """(follower, followee, when), many at once, telling nobody; what is there already stays. Then `recount_follows`."""
    with transaction.atomic():
        Follow.objects.bulk_create(
            [
                Follow(id=id_at(at), follower_id=follower, followee_id=followee, created_at=at)
                for follower, followee, at in follows
            ],
            1000,
            ignore_conflicts=True,
        )


def _count(*, follower_id: int, followee_id: int, change: int) -> None:
    """Each counts the other while the other's account is open."""
    for member_id, counter, other_id in (
        (follower_id, "following_count", followee_id),
        (followee_id, "followers_count", follower_id),
    ):
        other_is_open = Exists(Member.objects.filter(pk=other_id, is_active=True))
        Member.objects.filter(other_is_open, pk=member_id).update(**{counter: F(counter) + change})


def recount_follows() -> int:
    """Set every member's counters to what the follows say. Returns how many values were wrong."""
    return mend_all(COUNTERS)
