"""Who has reposted what, and which reposts a home feed shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Member
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


def reposts_for_home(viewer: Member) -> "QuerySet[Repost]":
    """Return the reposts that bring posts into the viewer's home feed: by those they follow, except those whose
    reposts they have turned off, whom they have muted, or who are on their exclusive lists.

    Which of the posts they may read is another question (PostQuerySet.visible_to).
    """
    followed = Follow.objects.by(viewer).filter(followee=OuterRef("member_id"), shows_reposts=True)
    reposts = Repost.objects.filter(Exists(followed), member__is_active=True)
    return reposts.exclude(member__in=muted_ids(viewer)).exclude(member__in=excluded_from_home(viewer))
