from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Member
from social.models import Follow


@dataclass(frozen=True)
class Relations:
    """How a viewer stands to the people of a page: whom of them the viewer follows, and who follows the viewer."""

    following: frozenset[int] = frozenset()
    followed_by: frozenset[int] = frozenset()

    @property
    def mutual(self) -> frozenset[int]:
        return self.following & self.followed_by


def relations_of(viewer: Member | None, member_ids: Iterable[int]) -> Relations:
    """Both directions for all of these people, in one query."""
    ids = {i for i in member_ids if viewer is not None and i != viewer.pk}
    if viewer is None or not ids:
        return Relations()
    rows = Follow.objects.filter(
        Q(follower=viewer, followee__in=ids) | Q(followee=viewer, follower__in=ids)
    ).values_list("follower_id", "followee_id")
    following, followed_by = set(), set()
    for follower_id, followee_id in rows:
        if follower_id == viewer.pk:
            following.add(followee_id)
        else:
            followed_by.add(follower_id)
    return Relations(frozenset(following), frozenset(followed_by))


def followed_among(viewer: Member | None, member_ids: Iterable[int]) -> set[int]:
    """Which of these people the viewer follows."""
    if viewer is None:
        return set()
    return set(
        Follow.objects.by(viewer).filter(followee__in=set(member_ids)).values_list("followee_id", flat=True)
    )


def followee_ids(member: Member) -> "QuerySet[Follow, int]":
    """The ids of those whom the member follows; lazy, so that it can be a subquery."""
    return Follow.objects.by(member).values_list("followee_id", flat=True)


def followers_of(member: Member, *, viewer: Member | None) -> "QuerySet[Follow]":
    """The follows whose `follower` this viewer may see, to be paged by id (newest first)."""
    visible = Member.objects.visible_to(viewer).filter(pk=OuterRef("follower_id"))
    return Follow.objects.of(member).filter(Exists(visible)).select_related("follower").order_by("-id")


def following_of(member: Member, *, viewer: Member | None) -> "QuerySet[Follow]":
    """The follows whose `followee` this viewer may see, to be paged by id (newest first)."""
    visible = Member.objects.visible_to(viewer).filter(pk=OuterRef("followee_id"))
    return Follow.objects.by(member).filter(Exists(visible)).select_related("followee").order_by("-id")
