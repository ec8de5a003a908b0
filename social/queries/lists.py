from collections.abc import Iterable

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext as _

from accounts.models import Member
from core.refusals import NotFound
from social.models import List, ListEntry


def lists_of(viewer: Member) -> "QuerySet[List]":
    """Return the viewer's lists by title, each with `people_count`: how many of its members they can see."""
    return _with_people_count(viewer).order_by(Lower("title"), "id")


def own_list(list_id: int, viewer: Member | None) -> List:
    """Return the viewer's list with its `people_count`. Raises NotFound, also for someone else's list."""
    found = _with_people_count(viewer).filter(pk=list_id).first()
    if found is None:
        raise NotFound(_("This list doesn’t exist."))
    return found


def list_entries(list_: List, *, viewer: Member | None) -> "QuerySet[ListEntry]":
    """Return the entries whose `member` the viewer may see, to be paged by id (most recently added first)."""
    visible = Member.objects.visible_to(viewer).filter(pk=OuterRef("member_id"))
    return (
        ListEntry.objects.filter(list=list_).filter(Exists(visible)).select_related("member").order_by("-id")
    )


def member_ids_on(list_: List) -> "QuerySet[ListEntry, int]":
    """Return the ids of everyone on the list; lazy, for a subquery."""
    return ListEntry.objects.filter(list=list_).values_list("member_id", flat=True)


def on_list_among(list_: List, member_ids: Iterable[int]) -> set[int]:
    """Return which of these members are on the list."""
    return set(member_ids_on(list_).filter(member__in=set(member_ids)))


def list_ids_with(member: Member, *, viewer: Member) -> set[int]:
    """Return the ids of the viewer's lists that `member` is on."""
    return set(ListEntry.objects.filter(list__owner=viewer, member=member).values_list("list_id", flat=True))


def excluded_from_home(viewer: Member) -> "QuerySet[ListEntry, int]":
    """Return the ids of the members on the viewer's exclusive lists, never the viewer's own; lazy."""
    entries = ListEntry.objects.filter(list__owner=viewer, list__is_exclusive=True)
    return entries.exclude(member=viewer).values_list("member_id", flat=True)


def _with_people_count(viewer: Member | None) -> "QuerySet[List]":
    visible = Member.objects.visible_to(viewer).filter(pk=OuterRef("member_id"))
    entries = ListEntry.objects.filter(Exists(visible), list=OuterRef("pk")).order_by().values("list")
    counted = Subquery(entries.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return List.objects.visible_to(viewer).annotate(people_count=Coalesce(counted, 0))
