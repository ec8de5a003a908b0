from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.db import insert_once, update_once
from core.refusals import Conflict, Invalid, NotFound
from core.text import clean_line, is_blank, length
from social.models import LIST_TITLE_MAX, List, ListEntry

LISTS_AT_MOST = 100
PEOPLE_AT_MOST = 5000


def make_list(
    *, by: Member, title: str, replies: str = List.Replies.LIST, is_exclusive: bool = False
) -> List:
    """A new, empty list of `by`. Raises Invalid, or Conflict when they have as many as one may."""
    made = List(owner=by, title=_title(title), replies=_policy(replies), is_exclusive=is_exclusive)
    with transaction.atomic():
        # One after the other, so that the last free place is taken once.
        lock_members(by.pk)
        if List.objects.filter(owner=by).count() >= LISTS_AT_MOST:
            sentence = _("You already have %(most)s lists, the most you can have. Delete one first.")
            raise Conflict(sentence % {"most": LISTS_AT_MOST})
        if not insert_once(made):
            raise _taken(made.title)
    return made


def change_list(
    *,
    list_: List,
    by: Member,
    title: str | None = None,
    replies: str | None = None,
    is_exclusive: bool | None = None,
) -> List:
    """Change what is given, leave the rest. Raises NotFound when `by` has no such list, Invalid."""
    with transaction.atomic():
        found = _own(list_, by)
        if title is not None:
            found.title = _title(title)
        if replies is not None:
            found.replies = _policy(replies)
        if is_exclusive is not None:
            found.is_exclusive = is_exclusive
        if not update_once(found):
            raise _taken(found.title)
    return found


def delete_list(*, list_: List, by: Member) -> None:
    with transaction.atomic():
        _own(list_, by).delete()


def add_to_list(*, list_: List, member: Member, by: Member) -> bool:
    """Put `member` on the list, followed or not; False when they are on it. They are not told.

    Raises NotFound for a list that `by` has not and a member whom `by` cannot see, Conflict when the list is full.
    """
    with transaction.atomic():
        # A block that comes meanwhile comes before or after as a whole.
        lock_members(member.pk, by.pk)
        found = _own(list_, by)
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        if found.entries.filter(member=member).exists():
            return False
        if found.entries.count() >= PEOPLE_AT_MOST:
            sentence = _("This list already has %(most)s people, the most it can have.")
            raise Conflict(sentence % {"most": PEOPLE_AT_MOST})
        return insert_once(ListEntry(list=found, member=member))


def remove_from_list(*, list_: List, member: Member, by: Member) -> bool:
    """Take `member` off the list; False when they were not on it. Works on whoever is hidden by now, too."""
    with transaction.atomic():
        deleted, _ = _own(list_, by).entries.filter(member=member).delete()
    return bool(deleted)


def _own(list_: List, by: Member) -> List:
    """The list as it is now, locked until the end of the transaction."""
    found = List.objects.visible_to(by).select_for_update().filter(pk=list_.pk).first()
    if found is None:
        raise NotFound(_("This list doesn’t exist."))
    return found


def _title(given: str) -> str:
    title = clean_line(given)
    if is_blank(title):
        raise _invalid("title", _("Give your list a title."))
    if length(title) > LIST_TITLE_MAX:
        raise _invalid("title", _("A title can have up to %(most)s characters.") % {"most": LIST_TITLE_MAX})
    return title


def _policy(given: str) -> str:
    if given not in List.Replies.values:
        raise _invalid("replies", _("Choose which replies the list shows."))
    return given


def _taken(title: str) -> Invalid:
    return _invalid("title", _("You already have a list called “%(title)s”.") % {"title": title})


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: [sentence]})
