"""Who may restore an account that waits to be deleted: stored in the session after the right password."""

import time

from django.http import HttpRequest

from accounts.models import Member
from accounts.queries import erased_on

SESSION_KEY = "restorable_member"
FOR_SECONDS = 900


def remember_restorable_member(request: HttpRequest, member: Member) -> None:
    request.session.cycle_key()
    request.session[SESSION_KEY] = {
        "member": str(member.pk),
        "at": time.time(),
        "epoch": member.security_epoch,
    }


def restorable_member(request: HttpRequest) -> Member | None:
    """Return the member whose account this visitor may restore, for 15 minutes after the right password."""
    kept = request.session.get(SESSION_KEY)
    if not kept or time.time() - kept["at"] > FOR_SECONDS:
        return None
    member = Member.objects.filter(pk=kept["member"], security_epoch=kept.get("epoch")).first()
    return member if member is not None and erased_on(member) is not None else None


def forget_restorable_member(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)
