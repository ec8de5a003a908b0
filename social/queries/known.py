"""Followers of a member whom the viewer follows: "Followed by Ana and 3 others you follow"."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from core.text import isolated
from social.models import Follow
from social.queries.follows import followee_ids
from social.queries.mutes import muted_ids

NAMES_MAX = 3


@dataclass(frozen=True, slots=True)
class KnownFollowersSummary:
    """A member's followers whom the viewer follows: the most followed of them, and how many there are."""

    members: list[Member] = field(default_factory=list)
    count: int = 0

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def named(self) -> list[Member]:
        """Return two members to name, or three if there are no more."""
        return self.members if self.count == NAMES_MAX else self.members[:2]

    @property
    def others(self) -> int:
        return self.count - len(self.named)

    @property
    def text(self) -> str:
        names = [isolated(member.name) for member in self.named]
        if self.others:
            sentence = ngettext(
                "Followed by %(names)s and %(n)s other you follow",
                "Followed by %(names)s and %(n)s others you follow",
                self.others,
            )
            return sentence % {"names": ", ".join(names), "n": self.others}
        if len(names) == 1:
            return _("Followed by %(name)s") % {"name": names[0]}
        return _("Followed by %(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


NO_KNOWN_FOLLOWERS = KnownFollowersSummary()


def known_followers_of(member: Member, *, viewer: Member | None) -> "QuerySet[Follow]":
    """Return the follows of `member` by members whom the viewer follows, to be paged by id (newest first).

    Works for private accounts too, as each of these followers shows whom they follow.
    """
    if viewer is None or viewer.pk == member.pk:
        return Follow.objects.none()
    return _known(viewer).filter(followee=member).select_related("follower").order_by("-id")


def known_followers_among(
    viewer: Member | None, member_ids: Iterable[int]
) -> dict[int, KnownFollowersSummary]:
    """Return, in one query, the known followers of each of these members who has any."""
    ids = {i for i in member_ids if viewer is not None and i != viewer.pk}
    if viewer is None or not ids:
        return {}
    most_followed = [F("follower__followers_count").desc(), F("follower_id").asc()]
    rows = _known(viewer).annotate(
        nth=Window(RowNumber(), partition_by="followee_id", order_by=most_followed),
        known=Window(Count("pk"), partition_by="followee_id"),
    )
    found: dict[int, KnownFollowersSummary] = {}
    shown = rows.filter(followee__in=ids, nth__lte=NAMES_MAX)
    for row in shown.select_related("follower").order_by("followee_id", "nth"):
        found.setdefault(row.followee_id, KnownFollowersSummary(count=row.known)).members.append(row.follower)
    return found


def _known(viewer: Member) -> "QuerySet[Follow]":
    """Return the follows by members whom the viewer follows, can see and hasn't muted."""
    followed = Member.objects.visible_to(viewer).filter(pk__in=followee_ids(viewer).order_by())
    return Follow.objects.filter(follower__in=followed.exclude(pk__in=muted_ids(viewer)))
