from collections.abc import Iterable

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import NotFound
from social.models import List, ListEntry


def lists_of(viewer: Member) -> "QuerySet[List]":
    """The viewer's lists by title, each with `people_count`: how many on it are there for them."""
    return _counted(viewer).order_by(Lower("title"), "id")


def own_list(list_id: int, viewer: Member | None) -> List:
    """The viewer's list with its `people_count`. Raises NotFound: somebody else's list is like one that never was."""
    found = _counted(viewer).filter(pk=list_id).first()
    if found is None:
        raise NotFound(_("This list doesn’t exist."))
    return found


def people_on(list_: List, *, viewer: Member | None) -> "QuerySet[ListEntry]":
    """The list's entries whose `member` the viewer may see, to be paged by id (the last added first)."""
    seen = Member.objects.visible_to(viewer).filter(pk=OuterRef("member_id"))
    return ListEntry.objects.filter(list=list_).filter(Exists(seen)).select_related("member").order_by("-id")


def member_ids_on(list_: List) -> "QuerySet[ListEntry, int]":
    """The ids of everybody on the list; lazy, so that it can be a subquery."""
    return ListEntry.objects.filter(list=list_).values_list("member_id", flat=True)


def listed_among(list_: List, member_ids: Iterable[int]) -> set[int]:
    """Which of these people are on the list."""
    return set(member_ids_on(list_).filter(member__in=set(member_ids)))


def lists_with(member: Member, *, viewer: Member) -> set[int]:
    """The ids of the viewer's lists that `member` is on."""
    return set(ListEntry.objects.filter(list__owner=viewer, member=member).values_list("list_id", flat=True))


def kept_out_of_home(viewer: Member) -> "QuerySet[ListEntry, int]":
    """The ids of those on exclusive lists of the viewer; lazy. Never the viewer: one's own home has one's own posts."""
    entries = ListEntry.objects.filter(list__owner=viewer, list__is_exclusive=True)
    return entries.exclude(member=viewer).values_list("member_id", flat=True)


def _counted(viewer: Member | None) -> "QuerySet[List]":
    seen = Member.objects.visible_to(viewer).filter(pk=OuterRef("member_id"))
    entries = ListEntry.objects.filter(Exists(seen), list=OuterRef("pk")).order_by().values("list")
    counted = Subquery(entries.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return List.objects.visible_to(viewer).annotate(people_count=Coalesce(counted, 0))
