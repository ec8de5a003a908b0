"""Emails to members about their accounts: in their language, queued in the transaction that they are about."""

from typing import Any

from django.core import signing
from django.urls import reverse

from accounts.languages import in_language_of
from accounts.models import AddressChange, DataExport, Member
from accounts.queries import erased_on
from core.addresses import readable_address
from core.http import site_url
from core.mail import queue_mail_from_template


def write_signup_decision(member: Member, *, approved: bool, message: str = "") -> None:
    """Tell an applicant what a moderator has decided about their request."""
    sign_in, sign_up = _address("account_login"), _address("account_signup")
    _write(
        member,
        "approved" if approved else "declined",
        message=message,
        sign_in_url=sign_in,
        sign_up_url=sign_up,
    )


def write_deletion_mail(member: Member) -> None:
    """Confirm that the account will be deleted, and until when it can be restored."""
    if (day := erased_on(member)) is not None:
        _write(member, "goodbye", day=day, sign_in_url=_address("account_login"))


def write_export_mail(export: DataExport) -> None:
    """Tell a member that their export is ready."""
    _write(export.member, "export", expires_at=export.expires_at, data_url=_address("accounts:data"))


def write_address_change_mail(change: AddressChange) -> None:
    """Tell the current address about a requested change, and how to stop it."""
    new, link = readable_address(change.new), stop_change_url(change)
    _write(change.member, "address_change", username=change.member.username, new=new, stop_url=link)


STOP_SALT = "accounts.stop-address-change"


def stop_change_url(change: AddressChange) -> str:
    return site_url(reverse("accounts:stop_address_change", args=[signing.dumps(change.pk, salt=STOP_SALT)]))


def address_change_from_key(key: str) -> AddressChange | None:
    """Return the change that a `stop_change_url` is about, if it can still be stopped."""
    try:
        pk = signing.loads(key, salt=STOP_SALT)
    except signing.BadSignature:
        return None
    return AddressChange.objects.select_related("member").filter(pk=pk).stoppable().first()


def _write(member: Member, mail: str, **context: Any) -> None:
    if member.email and member.email_state != Member.EmailState.TAKEN:
        with in_language_of(member):
            queue_mail_from_template(
                to=member.email, template=f"accounts/email/{mail}", context={"name": member.name, **context}
            )


def _address(view: str) -> str:
    return site_url(reverse(view))
