"""Ending what is pending: docs/accounts.md has the table."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.exports import cancel_waiting_exports
from accounts.actions.transfers import stop_imports
from accounts.models import AddressChange, Member, SignInPlace


def end_pending(*, member: Member) -> None:
    """End everything pending of this account, which an attacker may have begun.

    Links, unfinished sign-ins and restoring are checked against `security_epoch`; the rest are rows.
    """
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(security_epoch=F("security_epoch") + 1)
        cancel_address_change(member_id=member.pk)
        cancel_waiting_exports(member_id=member.pk)
        stop_imports(member=member)
        SignInPlace.objects.filter(member=member).delete()
    member.refresh_from_db(fields=["security_epoch"])


def cancel_address_change(*, member_id: int) -> None:
    """Cancel an unconfirmed change of address; the link in its email no longer works."""
    pending = EmailAddress.objects.filter(user=member_id, verified=False, primary=False)
    pending.exclude(email=F("user__email")).delete()
    AddressChange.objects.pending().filter(member=member_id).update(ended_at=timezone.now())
