from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value

from accounts.models import Block, Member
from social.models import Follow, FollowRequest, Mute


@dataclass(frozen=True)
class Relations:
    """How a viewer stands to the people of a page."""

    following: frozenset[int] = frozenset()
    followed_by: frozenset[int] = frozenset()
    requested: frozenset[int] = frozenset()
    """The viewer asks to follow them."""
    asking: frozenset[int] = frozenset()
    """They ask to follow the viewer."""
    blocking: frozenset[int] = frozenset()
    """The viewer blocks them. (They are met only where blocks are listed.)"""
    muting: frozenset[int] = frozenset()
    """The viewer has muted them; they do not know."""

    @property
    def mutual(self) -> frozenset[int]:
        return self.following & self.followed_by


def relations_of(viewer: Member | None, member_ids: Iterable[int]) -> Relations:
    """All of it for all of these people, in one query."""
    ids = {i for i in member_ids if viewer is not None and i != viewer.pk}
    if viewer is None or not ids:
        return Relations()
    asked: dict[str, tuple[QuerySet[Any], str, str]] = {
        "following": (Follow.objects.all(), "follower", "followee"),
        "followed_by": (Follow.objects.all(), "followee", "follower"),
        "requested": (FollowRequest.objects.all(), "requester", "member"),
        "asking": (FollowRequest.objects.all(), "member", "requester"),
        "blocking": (Block.objects.all(), "blocker", "blocked"),
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
    """Which of these people the viewer follows."""
    if viewer is None:
        return set()
    return set(
        Follow.objects.by(viewer).filter(followee__in=set(member_ids)).values_list("followee_id", flat=True)
    )


def followee_ids(member: Member) -> "QuerySet[Follow, int]":
    """The ids of those whom the member follows; lazy, so that it can be a subquery."""
    return Follow.objects.by(member).values_list("followee_id", flat=True)


def lists_shown(member: Member, *, viewer: Member | None) -> bool:
    """Whether the viewer may read who follows `member` and whom they follow: of a private account the member and
    those who were let in. How many there are, and the profile itself, is for everybody.
    """
    if not member.is_private or viewer == member:
        return True
    return viewer is not None and Follow.objects.by(viewer).of(member).exists()


def reads_posts(member: Member, *, viewer: Member | None, relations: Relations) -> bool:
    """Whether the viewer may read what `member` posts, and so how many posts there are; `relations` knows them."""
    return not member.is_private or viewer == member or member.pk in relations.following


def followers_of(member: Member, *, viewer: Member | None) -> "QuerySet[Follow]":
    """The follows whose `follower` this viewer may see, to be paged by id (newest first); none where `lists_shown`
    says so.
    """
    if not lists_shown(member, viewer=viewer):
        return Follow.objects.none()
    visible = Member.objects.visible_to(viewer).filter(pk=OuterRef("follower_id"))
    return Follow.objects.of(member).filter(Exists(visible)).select_related("follower").order_by("-id")


def following_of(member: Member, *, viewer: Member | None) -> "QuerySet[Follow]":
    """The follows whose `followee` this viewer may see, to be paged by id (newest first); none where `lists_shown`
    says so.
    """
    if not lists_shown(member, viewer=viewer):
        return Follow.objects.none()
    visible = Member.objects.visible_to(viewer).filter(pk=OuterRef("followee_id"))
    return Follow.objects.by(member).filter(Exists(visible)).select_related("followee").order_by("-id")
