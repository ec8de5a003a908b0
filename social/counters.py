"""The counters of follows, and how they change when an account closes or opens."""

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from accounts.models import Member
from core.counters import Counter
from core.refusals import Conflict
from social.models import Follow

LOCK_ATTEMPTS = 20


def _by_open_accounts() -> "QuerySet[Follow]":
    return Follow.objects.filter(follower__is_active=True)


def _of_open_accounts() -> "QuerySet[Follow]":
    return Follow.objects.filter(followee__is_active=True)


COUNTERS = [
    Counter(Member, "followers_count", _by_open_accounts, by="followee"),
    Counter(Member, "following_count", _of_open_accounts, by="follower"),
]


def lock_follow_neighbors(member_id: int) -> None:
    """Lock the rows of the member and of everyone they follow or are followed by, in the order of ids (lock_members).

    If a new follow appears while the rows are being locked, all are released and locked again, as locking one more
    out of order could deadlock. Raises Conflict after LOCK_ATTEMPTS.
    """
    if not connection.features.has_select_for_update:
        return  # SQLite: the transaction holds the whole database.
    neighbors = _neighbors_of(member_id)
    rows = (
        Member.objects.get_queryset().filter(pk__in=neighbors).order_by("pk").select_for_update(no_key=True)
    )
    for _attempt in range(LOCK_ATTEMPTS):
        try:
            with transaction.atomic():
                locked = set(rows.values_list("pk", flat=True))
                if not locked.issuperset(neighbors.all()):
                    raise _NewFollow
                return
        except _NewFollow:
            continue
    raise Conflict


def count_follows_of(before: Member, after: Member) -> None:
    """Add or subtract one for those whom the member follows and for their followers. Needs `lock_follow_neighbors`."""
    step = int(after.is_active) - int(before.is_active)
    if not step:
        return
    followed = Follow.objects.by(after).values("followee")
    followers = Follow.objects.of(after).values("follower")
    # Never below zero: a wrong count must not keep anyone from closing their account. `recount` corrects it.
    Member.objects.filter(pk__in=followed).update(followers_count=Greatest(F("followers_count") + step, 0))
    Member.objects.filter(pk__in=followers).update(following_count=Greatest(F("following_count") + step, 0))


class _NewFollow(Exception):
    pass


def _neighbors_of(member_id: int) -> "QuerySet[Member, int]":
    """Return the ids of the member, their followers and those they follow; lazy, for a subquery."""
    own = Member.objects.get_queryset().filter(pk=member_id).values_list("pk", flat=True)
    followed = Follow.objects.filter(follower=member_id).values_list("followee_id", flat=True)
    followers = Follow.objects.filter(followee=member_id).values_list("follower_id", flat=True)
    return own.union(followed, followers, all=True)
