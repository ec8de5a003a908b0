"""How a member stood to others (config/erasures.py). What counts nothing goes with the row."""

from django.db import transaction
from django.db.models import F, Q

from accounts.actions import lock_members
from accounts.models import Member
from social.models import Follow

CHUNK = 200


def end_follows(member_id: int) -> int:
    with transaction.atomic():
        theirs = Follow.objects.filter(Q(follower_id=member_id) | Q(followee_id=member_id)).order_by("pk")
        pairs = list(theirs.values_list("follower_id", "followee_id")[:CHUNK])
        lock_members(*{i for pair in pairs for i in pair})
        # Read again while the rows are held: the other one may have unfollowed meanwhile.
        follows = list(
            theirs.filter(Q(follower__in=[a for a, _ in pairs]) & Q(followee__in=[b for _, b in pairs]))
        )
        followed = {follow.followee_id for follow in follows}
        followers = {follow.follower_id for follow in follows}
        Follow.objects.filter(pk__in=[follow.pk for follow in follows]).delete()
        Member.objects.filter(pk__in=followed - {member_id}).update(followers_count=F("followers_count") - 1)
        Member.objects.filter(pk__in=followers - {member_id}).update(following_count=F("following_count") - 1)
    return len(pairs)
