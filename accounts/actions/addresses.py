"""Requesting, confirming and stopping changes of a member's email address."""

import logging

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.locks import lock_members
from accounts.actions.members import end_sessions
from accounts.actions.pending import cancel_address_change
from accounts.mails import write_address_change_mail
from accounts.models import STOPPABLE_FOR, AddressChange, Member
from accounts.queries import can_be_confirmed
from core.rates import Rate, count_attempt
from core.refusals import Conflict, Forbidden, TooMany

log = logging.getLogger("kith.accounts")

CHANGES = Rate(5, 86_400)
"""How often a member may request a change: each time the old address gets an email."""


def request_address_change(*, member: Member, by: Member, address: str) -> EmailAddress:
    """Request a change of address, which takes effect when it is confirmed. It replaces a pending one.

    The old address gets an email with a link that stops it (`stop_address_change`). Raise TooMany after five a day.
    """
    if by.pk != member.pk or not by.is_active:
        raise Forbidden
    if not count_attempt(f"address-change:m{member.pk}", CHANGES).allowed:
        raise TooMany(_("You’ve changed your address several times today. Try again tomorrow."))
    with transaction.atomic():
        member = lock_members(member.pk)[member.pk]
        cancel_address_change(member_id=member.pk)
        old = member.email or ""
        change = AddressChange(
            member=member,
            old=old,
            old_verified=EmailAddress.objects.filter(user=member, email=old, verified=True).exists(),
            new=address,
        )
        change.save(force_insert=True)
        if old and not EmailAddress.objects.filter(user=member, primary=True).exists():
            # An account created by a command: allauth has no row for its address yet.
            EmailAddress.objects.update_or_create(user=member, email=old, defaults={"primary": True})
        asked = EmailAddress.objects.create(user=member, email=address)
        write_address_change_mail(change)
    return asked


def confirm_address(*, address: EmailAddress) -> bool:
    """Make an address the member's own, now that it is confirmed; accounts that only entered it lose it.

    Return False if another account has confirmed it, or this one is closed. What is pending for the old address ends.
    """
    with transaction.atomic():
        member = lock_members(address.user_id)[address.user_id]
        address.user = member
        if not can_be_confirmed(address):
            return False
        if member.email_state == Member.EmailState.TAKEN:
            # It belongs to another account, whose owner needn't learn about this one.
            EmailAddress.objects.filter(user=member).exclude(pk=address.pk).delete()
        others = Member.objects.filter(email=address.email).exclude(pk=member.pk)
        others.update(email_state=Member.EmailState.TAKEN)
        moved = member.email != address.email
        Member.objects.filter(pk=member.pk).update(
            email=address.email,
            email_state=Member.EmailState.TRUSTED,
            security_epoch=F("security_epoch") + int(moved),
        )
        AddressChange.objects.pending().filter(member=member, new=address.email).update(
            confirmed_at=timezone.now()
        )
    return True


def confirm_address_by_reset(*, member: Member) -> None:
    """Confirm the address of a member who has followed a link in an email to reset their password."""
    address = EmailAddress.objects.filter(user=member, email=member.email or "", verified=False).first()
    if address is not None and confirm_address(address=address):
        address.set_verified()
        address.set_as_primary()


def stop_address_change(*, change: AddressChange) -> Member:
    """Undo a change of address and what followed, by the link in the email that was sent to the old address.

    The old address is restored, everyone is signed out, the password no longer works, what is pending ends, and ways
    to sign in that were added in the days before are removed. Return the member, who now needs a new password. Raise
    Conflict if it was stopped already, or it is too late.
    """
    with transaction.atomic():
        member = lock_members(change.member_id)[change.member_id]
        if not AddressChange.objects.stoppable().filter(pk=change.pk).exists():
            raise Conflict(_("This link no longer works."))
        now = timezone.now()
        AddressChange.objects.filter(member=member, pk__gte=change.pk, stopped_at=None).update(stopped_at=now)
        cancel_address_change(member_id=member.pk)
        if member.email != change.old:
            _restore_address(member, change)
        _remove_ways_to_sign_in(member, change)
        member.set_unusable_password()
        member.save(update_fields=["password"])
        end_sessions(member=member, by=member)
        member.refresh_from_db()
    log.warning("@%s stopped a change of address", member.username)
    return member


def forget_address_changes() -> int:
    """Delete changes that can no longer be stopped. Return how many."""
    old = timezone.now() - 10 * STOPPABLE_FOR
    return AddressChange.objects.filter(asked_at__lt=old).delete()[0]


def _restore_address(member: Member, change: AddressChange) -> None:
    EmailAddress.objects.filter(user=member).delete()
    confirmed_elsewhere = EmailAddress.objects.filter(email=change.old, verified=True).exists()
    if not confirmed_elsewhere:
        Member.objects.filter(email=change.old).update(email_state=Member.EmailState.TAKEN)
    EmailAddress.objects.create(
        user=member, email=change.old, primary=True, verified=change.old_verified and not confirmed_elsewhere
    )
    member.email = change.old
    member.email_state = Member.EmailState.TAKEN if confirmed_elsewhere else Member.EmailState.TRUSTED
    member.save(update_fields=["email", "email_state"])


def _remove_ways_to_sign_in(member: Member, change: AddressChange) -> None:
    since = change.asked_at - STOPPABLE_FOR
    Authenticator.objects.filter(user=member, created_at__gt=since).delete()
    if not Authenticator.objects.filter(user=member).exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        Authenticator.objects.filter(user=member).delete()
    SocialAccount.objects.filter(user=member, date_joined__gt=since).delete()
