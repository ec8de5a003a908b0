"""Erase a member's follows (config/erasures.py). Rows without counters are deleted with the member."""

from django.db import transaction
from django.db.models import F, Q

from accounts.actions import lock_members
from accounts.models import Member
from social.models import Follow

CHUNK = 200


def end_follows(member_id: int) -> int:
    """Delete some follows and lower the member's own counters. Others stopped counting them when the account closed."""
    with transaction.atomic():
        theirs = Follow.objects.filter(Q(follower_id=member_id) | Q(followee_id=member_id)).order_by("pk")
        pairs = list(theirs.values_list("follower_id", "followee_id")[:CHUNK])
        locked = lock_members(*{i for pair in pairs for i in pair})
        # Read again while the rows are locked: the other member may have unfollowed meanwhile.
        follows = list(
            theirs.filter(Q(follower__in=[a for a, _ in pairs]) & Q(followee__in=[b for _, b in pairs]))
        )
        Follow.objects.filter(pk__in=[follow.pk for follow in follows]).delete()
        followers = [locked[follow.follower_id] for follow in follows if follow.followee_id == member_id]
        followed = [locked[follow.followee_id] for follow in follows if follow.follower_id == member_id]
        Member.objects.filter(pk=member_id).update(
            followers_count=F("followers_count") - sum(follower.is_active for follower in followers),
            following_count=F("following_count") - sum(followee.is_active for followee in followed),
        )
    return len(pairs)
