from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.counters import fix_all
from core.db import insert_once
from core.events import emit
from core.ids import id_at
from core.refusals import Conflict, Forbidden, Invalid, NotFound
from social.actions.dismissals import exclude_from_suggestions
from social.counters import COUNTERS
from social.events import FollowRequested, FollowRequestWithdrawn, MemberFollowed, MemberUnfollowed
from social.models import Follow, FollowRequest


def follow_member(*, member: Member, by: Member) -> bool:
    """Follow `member`, or send a follow request if the account is private. Return False if that was done before.

    Raises Invalid for following yourself, NotFound if `by` can't see `member`, Forbidden if `by` was closed meanwhile.
    """
    if member.pk == by.pk:
        raise Invalid(_("You can’t follow yourself."), code="follow_self")
    with transaction.atomic():
        locked = lock_members(member.pk, by.pk)
        if by.pk not in locked or not locked[by.pk].is_active:
            raise Forbidden(_("This account is suspended."))
        # Checked while both rows are locked, so that no block or change of privacy comes in between.
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        if locked[member.pk].is_private:
            return _request_follow(member, by)
        FollowRequest.objects.filter(requester=by, member=member).delete()
        return start_follow(follower_id=by.pk, followee_id=member.pk) is not None


def show_reposts(*, member: Member, by: Member, shown: bool) -> bool:
    """Show or hide the reposts of `member` in the home feed of `by`. Return False if nothing changed.

    Raises Conflict if `by` doesn't follow them.
    """
    with transaction.atomic():
        follow = Follow.objects.by(by).of(member).select_for_update(of=("self",), no_key=True).first()
        if follow is None:
            raise Conflict(_("You don’t follow this account."))
        if follow.shows_reposts == shown:
            return False
        follow.shows_reposts = shown
        follow.save(update_fields=["shows_reposts"])
    return True


def unfollow_member(*, member: Member, by: Member) -> bool:
    """Unfollow `member`, or cancel the request. Return False if there was neither. Works for hidden members too."""
    with transaction.atomic():
        lock_members(member.pk, by.pk)
        ended = end_follow(follower_id=by.pk, followee_id=member.pk)
        cancelled = end_request(requester_id=by.pk, member_id=member.pk)
    return ended or cancelled


def remove_follower(*, follower: Member, by: Member) -> bool:
    """Remove a follower without notifying them. Return False if they didn't follow. They may follow again."""
    with transaction.atomic():
        lock_members(follower.pk, by.pk)
        if not end_follow(follower_id=follower.pk, followee_id=by.pk):
            return False
        exclude_from_suggestions(member_id=by.pk, to_id=follower.pk)
    return True


def start_follow(*, follower_id: int, followee_id: int, approved: bool = False) -> Follow | None:
    """Create the follow and update the counters; None if it existed. For actions that have locked both rows."""
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
    """Delete the follow and update the counters; False if there was none. For actions that have locked both rows."""
    deleted, _ = Follow.objects.filter(follower=follower_id, followee=followee_id).delete()
    if not deleted:
        return False
    _count(follower_id=follower_id, followee_id=followee_id, change=-1)
    emit(MemberUnfollowed(follower_id=follower_id, followee_id=followee_id))
    return True


def end_request(*, requester_id: int, member_id: int) -> bool:
    """Delete the follow request; False if there was none. For actions that have locked both rows."""
    deleted, _ = FollowRequest.objects.filter(requester=requester_id, member=member_id).delete()
    if not deleted:
        return False
    emit(FollowRequestWithdrawn(requester_id=requester_id, member_id=member_id))
    return True


def _request_follow(member: Member, by: Member) -> bool:
    if Follow.objects.by(by).of(member).exists():
        return False
    request = FollowRequest(requester=by, member=member)
    if not insert_once(request):
        return False
    emit(FollowRequested(request_id=request.id, requester_id=by.pk, member_id=member.pk))
    return True


def import_follows(follows: Iterable[tuple[int, int, datetime]]) -> None:
    """Create many follows (follower, followee, when) without events. Call `recount_follows` afterwards."""
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
    """Add `change` to both counters. A closed account isn't counted."""
    for member_id, counter, other_id in (
        (follower_id, "following_count", followee_id),
        (followee_id, "followers_count", follower_id),
    ):
        other_is_open = Exists(Member.objects.filter(pk=other_id, is_active=True))
        Member.objects.filter(other_is_open, pk=member_id).update(**{counter: F(counter) + change})


def recount_follows() -> int:
    """Correct every member's follow counters. Return how many values were wrong."""
    return fix_all(COUNTERS)
