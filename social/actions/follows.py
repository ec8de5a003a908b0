from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import Member
from core.db import insert_once
from core.events import emit
from core.ids import id_at
from core.refusals import Invalid, NotFound
from social.events import MemberFollowed, MemberUnfollowed
from social.models import Follow


def follow_member(*, member: Member, by: Member) -> bool:
    """`by` follows `member`; False when they did already.

    Raises Invalid for oneself, NotFound for a member whom `by` cannot see.
    """
    if member.pk == by.pk:
        raise Invalid("You cannot follow yourself.", code="follow_self")
    with transaction.atomic():
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound("There is no member of that name.")
        follow = Follow(follower=by, followee=member)
        if not insert_once(follow):
            return False
        _count(follower_id=by.pk, followee_id=member.pk, change=1)
        emit(MemberFollowed(follow_id=follow.id, follower_id=by.pk, followee_id=member.pk))
    return True


def unfollow_member(*, member: Member, by: Member) -> bool:
    """`by` follows `member` no more; False when they did not. Works on whoever is hidden by now, too."""
    with transaction.atomic():
        deleted, _ = Follow.objects.by(by).of(member).delete()
        if not deleted:
            return False
        _count(follower_id=by.pk, followee_id=member.pk, change=-1)
        emit(MemberUnfollowed(follower_id=by.pk, followee_id=member.pk))
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
    counters = [(follower_id, "following_count"), (followee_id, "followers_count")]
    # In the order of ids: two who follow each other at the same moment would otherwise wait for each other for ever.
    for member_id, counter in sorted(counters):
        Member.objects.filter(pk=member_id).update(**{counter: F(counter) + change})


def recount_follows() -> int:
    """Set every member's counters to what the follows say. Returns how many members were wrong."""
    from social.queries.follows import members_with_wrong_counts

    wrong = 0
    for member_id in members_with_wrong_counts():
        with transaction.atomic():
            # Locked, so that a follow committed meanwhile is either counted here or adds itself afterwards.
            member = Member.objects.select_for_update().get(pk=member_id)
            followers, following = member.followed_by.count(), member.follows.count()
            if (member.followers_count, member.following_count) != (followers, following):
                Member.objects.filter(pk=member_id).update(
                    followers_count=followers, following_count=following
                )
                wrong += 1
    return wrong
