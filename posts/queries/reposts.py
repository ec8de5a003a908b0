"""Who has reposted what, and which reposts a home feed shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Member, blocked_either_way
from posts.models import Post, Repost
from social.models import Follow
from social.queries import muted_ids
from social.queries.lists import excluded_from_home

NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class Reposter:
    id: int
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Reposters:
    """Who is named above a post that is in a list because of their reposts, newest first, and how many there are."""

    first: Sequence[Reposter]
    total: int

    @property
    def named(self) -> Sequence[Reposter]:
        """Return the first two, or three if there are no others to count."""
        return self.first if self.total <= NAMED_MAX else self.first[: NAMED_MAX - 1]

    @property
    def others(self) -> int:
        return self.total - len(self.named)


def reposts_of(post: Post, *, viewer: Member | None) -> "QuerySet[Repost]":
    """Return the reposts of the post that the viewer may know of, to be paged by id (newest first)."""
    reposts = Repost.objects.visible_to(viewer).filter(post=post)
    return reposts.select_related("member").order_by("-id")


def reposters_for_home(viewer: Member) -> "QuerySet[Member]":
    """Return whose reposts bring posts into the viewer's home feed: of those they follow, all except those whose
    reposts they have turned off, whom they have muted, who are on their exclusive lists, or whom a block parts.
    """
    followed = Follow.objects.by(viewer).filter(shows_reposts=True).order_by().values("followee")
    members = Member.objects.filter(pk__in=followed, is_active=True).exclude(
        pk__in=blocked_either_way(viewer)
    )
    return members.exclude(pk__in=muted_ids(viewer)).exclude(pk__in=excluded_from_home(viewer))


def reposts_for_home(viewer: Member) -> "QuerySet[Repost]":
    """Return the reposts by them. Which of the posts the viewer may read is another question
    (PostQuerySet.visible_to).
    """
    by = reposters_for_home(viewer).filter(pk=OuterRef("member_id"))
    return Repost.objects.filter(Exists(by))
