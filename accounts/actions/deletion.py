"""Deleting an account: it is closed at once, and erased everywhere after the grace period.

Erasing goes in small steps, each a transaction of its own, so that a process can be killed at any time: what is left in
the tables is what is left to do. The steps are in config/erasures.py, in their order.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.actions.members import close_account
from accounts.actions.status import change_status
from accounts.former_names import name_digest
from accounts.limits import count_guess
from accounts.mails import write_deletion_mail
from accounts.models import FormerName, Member
from accounts.queries import GHOST, is_due_for_erasure, members_due_for_erasure
from core import streams
from core.db import insert_once
from core.refusals import Forbidden, Invalid, NotFound, TooMany

log = logging.getLogger("kith.accounts")

Eraser = Callable[[int], int]
"""Erases some of a member's data; returns how many rows, 0 if nothing is left."""


def check_password(*, member: Member, password: str, place: str) -> None:
    """Raise Invalid for a wrong password, TooMany after five wrong ones from this place (accounts.limits)."""
    guess = count_guess("password", whose=f"m{member.pk}", place=place)
    if not guess.allowed:
        raise TooMany(
            _("Too many attempts. Please wait a few minutes and try again."), retry_after=guess.retry_after
        )
    if not member.check_password(password):
        sentence = _("Wrong password.")
        raise Invalid(sentence, fields={"password": [sentence]})
    guess.uncount()


def request_deletion(*, member: Member, by: Member) -> bool:
    """Close the account now, to be erased after the grace period. Return False if that was requested already.

    Every session ends. Until the end of the grace period, the owner can restore the account (`restore_account`).
    """
    if by.pk != member.pk:
        raise Forbidden(_("You can only delete your own account."))
    if member.is_superuser and not _other_superusers(member):
        raise Invalid(_("You’re the only admin. Make someone else an admin first."))
    with transaction.atomic():
        closed = close_account(
            member=member,
            by=by,
            among=Member.objects.filter(is_active=True),
            deletion_requested_at=timezone.now(),
        )
        if closed:
            streams.recheck_sockets_of(member.pk)
            write_deletion_mail(member)
    return closed


def restore_account(*, member: Member) -> bool:
    """Restore an account that was to be erased, for someone who has just signed in to it.

    Return False if it is open. Raise NotFound if it is too late, or staff have suspended it meanwhile.
    """
    leaving = Member.objects.filter(is_active=False, closed_by_staff_at=None)
    kept = change_status(
        member=member,
        among=leaving.filter(deletion_requested_at__gt=_end_of_grace()),
        is_active=True,
        deletion_requested_at=None,
    )
    if not kept and not Member.objects.filter(pk=member.pk, is_active=True).exists():
        raise NotFound(_("This account is being deleted. It can’t be restored."))
    member.is_active, member.deletion_requested_at = True, None
    return kept


def erase_now(*, member: Member, by: Member) -> bool:
    """Close an account and end its grace period. Return False if it is being erased already."""
    if not by.is_staff:
        raise Forbidden
    if member.pk == by.pk or member.is_staff:
        raise Invalid(_("Staff accounts can’t be deleted here."))
    if member.username == GHOST:
        raise Invalid(_("This account stands in for everyone who was deleted."))
    over = _end_of_grace() - timedelta(seconds=1)
    accounts = Member.objects.exclude(is_active=False, deletion_requested_at__lte=over)
    return close_account(member=member, by=by, among=accounts, deletion_requested_at=over)


def erase_member(*, member_id: int, until: datetime | None = None) -> bool:
    """Erase everything of a member whose grace period is over. Return False if there is more to do at `until`.

    Safe to run at any time, repeatedly and concurrently.
    """
    if not is_due_for_erasure(member_id):
        return True
    for erase in [*_erasers("first"), *_erasers("steps")]:
        while erase(member_id):
            if until is not None and timezone.now() >= until:
                return False
    with transaction.atomic():
        # Locked against new references, so that no new rows of the member are missed.
        member = Member.objects.select_for_update().filter(pk=member_id).first()
        if member is None:
            return True
        for erase in _erasers("steps"):
            while erase(member_id):
                pass
        for erase in _erasers("last"):
            erase(member_id)
        insert_once(FormerName(digest=name_digest(member.username)))
        member.delete()
    log.info("a member was erased")
    return True


def due_members() -> list[int]:
    return list(members_due_for_erasure().values_list("pk", flat=True))


def ghost() -> Member:
    """Return the account that replaces deleted members where a row needs one. Its username isn't a valid one."""
    found = Member.objects.filter(username=GHOST).first()
    if found is None:
        found = Member(username=GHOST, display_name="Erased account", is_active=False, is_discoverable=False)
        found.set_unusable_password()
        if not insert_once(found):
            found = Member.objects.get(username=GHOST)
    return found


def _erasers(part: str) -> list[Eraser]:
    return [import_string(path) for path in import_string(settings.ERASURES)[part]]


def _end_of_grace() -> datetime:
    return timezone.now() - timedelta(days=settings.ACCOUNT_GRACE_DAYS)


def _other_superusers(member: Member) -> bool:
    return Member.objects.filter(is_superuser=True, is_active=True).exclude(pk=member.pk).exists()
