from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import lock_members
from accounts.models import Member
from core.db import insert_once, update_once
from core.refusals import Conflict, Invalid, NotFound
from core.text import clean_line, is_blank, length
from social.models import LIST_TITLE_MAX, List, ListEntry

LISTS_MAX = 100
LIST_MEMBERS_MAX = 5000


def create_list(
    *, by: Member, title: str, replies: str = List.Replies.LIST, is_exclusive: bool = False
) -> List:
    """Create an empty list. Raises Invalid, or Conflict if `by` has as many lists as allowed."""
    created = List(
        owner=by, title=_valid_title(title), replies=_valid_replies(replies), is_exclusive=is_exclusive
    )
    with transaction.atomic():
        # Locked, so that two requests can't both take the last free place.
        lock_members(by.pk)
        if List.objects.filter(owner=by).count() >= LISTS_MAX:
            sentence = _("You already have %(most)s lists, the most you can have. Delete one first.")
            raise Conflict(sentence % {"most": LISTS_MAX})
        if not insert_once(created):
            raise _title_taken(created.title)
    return created


def edit_list(
    *,
    list_: List,
    by: Member,
    title: str | None = None,
    replies: str | None = None,
    is_exclusive: bool | None = None,
) -> List:
    """Change the given fields. Raises NotFound if `by` has no such list, or Invalid."""
    with transaction.atomic():
        found = _locked_list(list_, by)
        if title is not None:
            found.title = _valid_title(title)
        if replies is not None:
            found.replies = _valid_replies(replies)
        if is_exclusive is not None:
            found.is_exclusive = is_exclusive
        if not update_once(found):
            raise _title_taken(found.title)
    return found


def delete_list(*, list_: List, by: Member) -> None:
    with transaction.atomic():
        _locked_list(list_, by).delete()


def add_to_list(*, list_: List, member: Member, by: Member) -> bool:
    """Add `member` to the list, followed or not. Return False if they are on it. They aren't notified.

    Raises NotFound if `by` has no such list or can't see `member`, Conflict if the list is full.
    """
    with transaction.atomic():
        # Locked, so that no block comes in between.
        lock_members(member.pk, by.pk)
        found = _locked_list(list_, by)
        if not Member.objects.visible_to(by).filter(pk=member.pk).exists():
            raise NotFound(_("This account doesn’t exist."))
        if found.entries.filter(member=member).exists():
            return False
        if found.entries.count() >= LIST_MEMBERS_MAX:
            sentence = _("This list already has %(most)s people, the most it can have.")
            raise Conflict(sentence % {"most": LIST_MEMBERS_MAX})
        return insert_once(ListEntry(list=found, member=member))


def remove_from_list(*, list_: List, member: Member, by: Member) -> bool:
    """Remove `member` from the list. Return False if they weren't on it. Works for hidden members too."""
    with transaction.atomic():
        deleted, _ = _locked_list(list_, by).entries.filter(member=member).delete()
    return bool(deleted)


def _locked_list(list_: List, by: Member) -> List:
    """Return the list of `by`, locked until the end of the transaction. Raises NotFound."""
    found = List.objects.visible_to(by).select_for_update().filter(pk=list_.pk).first()
    if found is None:
        raise NotFound(_("This list doesn’t exist."))
    return found


def _valid_title(given: str) -> str:
    title = clean_line(given)
    if is_blank(title):
        raise _invalid("title", _("Give your list a title."))
    if length(title) > LIST_TITLE_MAX:
        raise _invalid("title", _("A title can have up to %(most)s characters.") % {"most": LIST_TITLE_MAX})
    return title


def _valid_replies(given: str) -> str:
    if given not in List.Replies.values:
        raise _invalid("replies", _("Choose which replies the list shows."))
    return given


def _title_taken(title: str) -> Invalid:
    return _invalid("title", _("You already have a list called “%(title)s”.") % {"title": title})


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: [sentence]})
