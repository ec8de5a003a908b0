"""Opening and closing accounts, and making them private or public: only here.

Counters count what anyone could list (docs/counts.md). What a closed account did is in no list, nor are the replies of
a private one, so counters of others change in the transaction that changes the account. config/counters.py names the
functions, which belong to apps above.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from accounts.actions.locks import lock_members
from accounts.events import AccountClosed, AccountOpened
from accounts.models import Member
from core.events import emit


def change_status(*, member: Member, among: "QuerySet[Member]", **changes: Any) -> bool:
    """Write these changes, including `is_active` or `is_private`, if the member is `among` these.

    Return whether they were. `member` is updated too.
    """
    with transaction.atomic():
        if "is_active" in changes:
            for hold in _functions("hold"):
                hold(member.pk)
        before = lock_members(member.pk).get(member.pk)
        if before is None or not among.filter(pk=member.pk).update(**changes):
            return False
        after = Member.objects.get(pk=member.pk)
        if (before.is_active, before.is_private) != (after.is_active, after.is_private):
            for count in _functions("count"):
                count(before, after)
        if before.is_active != after.is_active:
            happened = AccountOpened if after.is_active else AccountClosed
            emit(happened(member_id=member.pk))
    for name, value in changes.items():
        setattr(member, name, value)
    return True


def _functions(part: str) -> list[Callable[..., None]]:
    return [import_string(path) for path in import_string(settings.STATUS_COUNTERS)[part]]
