"""What social keeps count of, and how that follows when an account closes or opens."""

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from accounts.models import Member
from core.counters import Counter
from core.refusals import Conflict
from social.models import Follow

HOLD_ATTEMPTS = 20


def _by_open_accounts() -> "QuerySet[Follow]":
    return Follow.objects.filter(follower__is_active=True)


def _of_open_accounts() -> "QuerySet[Follow]":
    return Follow.objects.filter(followee__is_active=True)


COUNTERS = [
    Counter(Member, "followers_count", _by_open_accounts, by="followee"),
    Counter(Member, "following_count", _of_open_accounts, by="follower"),
]


def hold_circle_of(member_id: int) -> None:
    """Hold the rows of the member and of everyone they follow or are followed by, in the order of ids (lock_members).

    Somebody may follow the member while the rows before theirs are still being collected. Then the rows are let go of
    and collected anew: taking one more out of order could deadlock. Raises Conflict when that never comes to an end.
    """
    if not connection.features.has_select_for_update:
        return  # SQLite: the transaction holds the whole database.
    circle = _circle_of(member_id)
    rows = Member.objects.get_queryset().filter(pk__in=circle).order_by("pk").select_for_update(no_key=True)
    for _attempt in range(HOLD_ATTEMPTS):
        try:
            with transaction.atomic():
                held = set(rows.values_list("pk", flat=True))
                if not held.issuperset(circle.all()):
                    raise _Grown
                return
        except _Grown:
            continue
    raise Conflict


def count_follows_of(before: Member, after: Member) -> None:
    """Those whom the member follows, and their followers, have one more or less. Needs `hold_circle_of`."""
    step = int(after.is_active) - int(before.is_active)
    if not step:
        return
    followed = Follow.objects.by(after).values("followee")
    followers = Follow.objects.of(after).values("follower")
    # Never below zero: a number that has drifted keeps nobody from leaving. `recount` sets it right.
    Member.objects.filter(pk__in=followed).update(followers_count=Greatest(F("followers_count") + step, 0))
    Member.objects.filter(pk__in=followers).update(following_count=Greatest(F("following_count") + step, 0))


class _Grown(Exception):
    pass


def _circle_of(member_id: int) -> "QuerySet[Member, int]":
    """The member's id and those of everyone who follows them or whom they follow; may be a subquery."""
    own = Member.objects.get_queryset().filter(pk=member_id).values_list("pk", flat=True)
    followed = Follow.objects.filter(follower=member_id).values_list("followee_id", flat=True)
    followers = Follow.objects.filter(followee=member_id).values_list("follower_id", flat=True)
    return own.union(followed, followers, all=True)
