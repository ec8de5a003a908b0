"""Who has just shown that they may sign in to an account that waits to be erased: kept in their session for a while."""

import time

from django.http import HttpRequest

from accounts.models import Member
from accounts.queries import erased_on

IN_SESSION = "way_back"
FOR_SECONDS = 900


def remember_who_may_return(request: HttpRequest, member: Member) -> None:
    request.session.cycle_key()
    request.session[IN_SESSION] = {
        "member": str(member.pk),
        "at": time.time(),
        "epoch": member.security_epoch,
    }


def who_may_return(request: HttpRequest) -> Member | None:
    """The member whose account this visitor may open again, for a quarter of an hour after the right password."""
    kept = request.session.get(IN_SESSION)
    if not kept or time.time() - kept["at"] > FOR_SECONDS:
        return None
    member = Member.objects.filter(pk=kept["member"], security_epoch=kept.get("epoch")).first()
    return member if member is not None and erased_on(member) is not None else None


def forget_who_may_return(request: HttpRequest) -> None:
    request.session.pop(IN_SESSION, None)
