"""Followers whom the viewer follows: what "Followed by Ana and 3 others you follow" is made of."""

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

NAMED = 3


@dataclass(frozen=True, slots=True)
class Known:
    """Those of a member's followers whom the viewer follows: the best known by name, and how many there are."""

    people: list[Member] = field(default_factory=list)
    count: int = 0

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def named(self) -> list[Member]:
        """Two names, or three when that is everybody."""
        return self.people if self.count == NAMED else self.people[:2]

    @property
    def others(self) -> int:
        return self.count - len(self.named)

    @property
    def text(self) -> str:
        names = [isolated(person.name) for person in self.named]
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


NOBODY = Known()


def known_followers_of(member: Member, *, viewer: Member | None) -> "QuerySet[Follow]":
    """The follows of `member` by people whom the viewer follows, to be paged by id (newest first).

    Of a private account, too: each of these people shows whom they follow.
    """
    if viewer is None or viewer.pk == member.pk:
        return Follow.objects.none()
    return _known(viewer).filter(followee=member).select_related("follower").order_by("-id")


def known_followers_among(viewer: Member | None, member_ids: Iterable[int]) -> dict[int, Known]:
    """For each of these members who has any: the followers whom the viewer follows, in one query."""
    ids = {i for i in member_ids if viewer is not None and i != viewer.pk}
    if viewer is None or not ids:
        return {}
    best = [F("follower__followers_count").desc(), F("follower_id").asc()]
    rows = _known(viewer).annotate(
        nth=Window(RowNumber(), partition_by="followee_id", order_by=best),
        known=Window(Count("pk"), partition_by="followee_id"),
    )
    found: dict[int, Known] = {}
    shown = rows.filter(followee__in=ids, nth__lte=NAMED)
    for row in shown.select_related("follower").order_by("followee_id", "nth"):
        found.setdefault(row.followee_id, Known(count=row.known)).people.append(row.follower)
    return found


def _known(viewer: Member) -> "QuerySet[Follow]":
    """The follows by people whom the viewer follows, sees, and has not muted."""
    followed = Member.objects.visible_to(viewer).filter(pk__in=followee_ids(viewer).order_by())
    return Follow.objects.filter(follower__in=followed.exclude(pk__in=muted_ids(viewer)))
