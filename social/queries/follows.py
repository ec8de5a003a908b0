from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value

from accounts.models import Block, Member
from social.models import Follow, FollowRequest, Mute


@dataclass(frozen=True)
class Relations:
    """How the viewer relates to some members, by their ids."""

    following: frozenset[int] = frozenset()
    followed_by: frozenset[int] = frozenset()
    requested: frozenset[int] = frozenset()
    """The viewer has sent them a follow request."""
    asking: frozenset[int] = frozenset()
    """They have sent the viewer a follow request."""
    blocking: frozenset[int] = frozenset()
    """The viewer has blocked them. They appear only in the list of blocks."""
    muting: frozenset[int] = frozenset()
    """The viewer has muted them."""
    without_reposts: frozenset[int] = frozenset()
    """The viewer follows them without their reposts."""

    @property
    def mutual(self) -> frozenset[int]:
        return self.following & self.followed_by


def relations_of(viewer: Member | None, member_ids: Iterable[int]) -> Relations:
    """Return the viewer's relations to these members, in one query."""
    ids = {i for i in member_ids if viewer is not None and i != viewer.pk}
    if viewer is None or not ids:
        return Relations()
    asked: dict[str, tuple[QuerySet[Any], str, str]] = {
        "following": (Follow.objects.all(), "follower", "followee"),
        "followed_by": (Follow.objects.all(), "followee", "follower"),
        "requested": (FollowRequest.objects.all(), "requester", "member"),
        "asking": (FollowRequest.objects.all(), "member", "requester"),
        "blocking": (Block.objects.all(), "blocker", "blocked"),
        "without_reposts": (Follow.objects.filter(shows_reposts=False), "follower", "followee"),
        "muting": (Mute.objects.active(), "muter", "muted"),
    }
    first, *rest = (
        rows.filter(**{own: viewer, f"{other}__in": ids}).values_list(Value(how, CharField()), f"{other}_id")
        for how, (rows, own, other) in asked.items()
    )
    found: dict[str, set[int]] = {how: set() for how in asked}
    for how, member_id in first.union(*rest, all=True):
        found[how].add(member_id)
    return Relations(**{how: frozenset(member_ids) for how, member_ids in found.items()})


def followed_among(viewer: Member | None, member_ids: Iterable[int]) -> set[int]:
    """Return which of these members the viewer follows."""
    if viewer is None:
        return set()
    return set(
        Follow.objects.by(viewer).filter(followee__in=set(member_ids)).values_list("followee_id", flat=True)
    )


def followee_ids(member: Member) -> "QuerySet[Follow, int]":
    """Return the ids of the members whom the member follows; lazy, for a subquery."""
    return Follow.objects.by(member).values_list("followee_id", flat=True)


def can_see_follows(member: Member, *, viewer: Member | None) -> bool:
    """Return whether the viewer may see who follows `member` and whom they follow.

    For a private account only the member and its followers may. Everyone may see the profile and the two counts.
    """
    if not member.is_private or viewer == member:
        return True
    return viewer is not None and Follow.objects.by(viewer).of(member).exists()


def can_read_posts(member: Member, *, viewer: Member | None, relations: Relations) -> bool:
    """Return whether the viewer may read the member's posts and see their count. `relations` must include `member`."""
    return not member.is_private or viewer == member or member.pk in relations.following


def followers_of(member: Member, *, viewer: Member | None) -> "QuerySet[Follow]":
    """Return the follows whose `follower` the viewer may see, to be paged by id (newest first).

    None unless the viewer `can_see_follows`.
    """
    if not can_see_follows(member, viewer=viewer):
        return Follow.objects.none()
    visible = Member.objects.visible_to(viewer).filter(pk=OuterRef("follower_id"))
    return Follow.objects.of(member).filter(Exists(visible)).select_related("follower").order_by("-id")


def following_of(member: Member, *, viewer: Member | None) -> "QuerySet[Follow]":
    """Return the follows whose `followee` the viewer may see, to be paged by id (newest first).

    None unless the viewer `can_see_follows`.
    """
    if not can_see_follows(member, viewer=viewer):
        return Follow.objects.none()
    visible = Member.objects.visible_to(viewer).filter(pk=OuterRef("followee_id"))
    return Follow.objects.by(member).filter(Exists(visible)).select_related("followee").order_by("-id")
