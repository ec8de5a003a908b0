"""Joining: at once, with an invite, or after a moderator's approval (SIGNUP_MODE)."""

import logging
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.locks import lock_members
from accounts.actions.status import change_status
from accounts.events import MemberJoined
from accounts.mails import write_signup_decision
from accounts.models import Invite, InviteUse, Member, SignupMode, SignupRequest, signup_mode
from accounts.queries import valid_invite
from core import text
from core.db import insert_once
from core.events import emit
from core.refusals import Conflict, Forbidden, Invalid

log = logging.getLogger("kith.accounts")

INVITES_MAX = 100
"""How many valid invites a member can have."""
DECLINE_MESSAGE_MAX = 500
NOTE_MAX = 100


def admit(*, member: Member, invite: str = "", reason: str = "") -> bool:
    """Admit a member who has just signed up, in the transaction that created them. Every way to an account calls this.

    Return False if they need a moderator's approval: the account is closed until then. Raise Conflict if the invite
    has just been used up, Forbidden if one is needed.
    """
    mode = signup_mode()
    invited = bool(invite) and _use_invite(code=invite, member=member)
    if not invited and mode is not SignupMode.OPEN and invite:
        raise Conflict(_("This invite has just been used up. Ask the person who sent it for a new one."))
    if not invited and mode is SignupMode.INVITE:
        raise Forbidden(_("You need an invite to join. Open the link a member sent you."))
    if not invited and mode is SignupMode.APPROVAL:
        _request_approval(member, reason)
        return False
    emit(MemberJoined(member_id=member.pk))
    return True


def approve_signup(*, member_id: int, by: Member) -> bool:
    """Approve a sign-up request. Return False if it was approved already. Raise Conflict if it was declined."""
    _require_moderator(by)
    now = timezone.now()
    with transaction.atomic():
        waiting = SignupRequest.objects.waiting().filter(member=member_id)
        decided = waiting.update(outcome=SignupRequest.Outcome.APPROVED, decided_by=by, decided_at=now)
        if not decided:
            if SignupRequest.objects.filter(member=member_id).exists():
                return False
            raise Conflict(_("Someone else has already decided on this request."))
        # Periods that begin at joining begin now.
        member = Member.objects.get(pk=member_id)
        change_status(member=member, among=Member.objects.get_queryset(), is_active=True, joined_at=now)
        emit(MemberJoined(member_id=member.pk))
        write_signup_decision(member, approved=True)
    log.info("@%s approved the sign-up of @%s", by.username, member.username)
    return True


def decline_signup(*, member_id: int, by: Member, message: str = "") -> None:
    """Decline a request, with an optional message. The account and its address are deleted, so they may ask again.

    Raise Conflict if someone has decided already, Invalid if the message is too long.
    """
    _require_moderator(by)
    message = text.clean(message)
    if text.length(message) > DECLINE_MESSAGE_MAX:
        sentence = _("At most %(most)s characters. This has %(has)s.") % {
            "most": DECLINE_MESSAGE_MAX,
            "has": text.length(message),
        }
        raise Invalid(sentence, fields={"words": [sentence]})
    with transaction.atomic():
        # The lock makes a concurrent decision wait, and then find nothing to decide.
        request = SignupRequest.objects.waiting().select_for_update().filter(member=member_id).first()
        if request is None:
            raise Conflict(_("Someone else has already decided on this request."))
        member = Member.objects.get(pk=member_id)
        write_signup_decision(member, approved=False, message=message)
        Member.objects.filter(pk=member_id).delete()
    log.info("@%s declined a sign-up request", by.username)


def make_invite(
    *, by: Member, note: str = "", days: int | None = None, uses_at_most: int | None = None
) -> Invite:
    """Create an invite link, with or without a limit of days and uses."""
    note = text.clean_line(note)
    if text.length(note) > NOTE_MAX:
        sentence = _("At most %(most)s characters. This has %(has)s.") % {
            "most": NOTE_MAX,
            "has": text.length(note),
        }
        raise Invalid(sentence, fields={"note": [sentence]})
    for field, number, most in (("days", days, 365), ("uses_at_most", uses_at_most, 1000)):
        if number is not None and not 1 <= number <= most:
            sentence = _("Enter a number from 1 to %(most)s.") % {"most": most}
            raise Invalid(sentence, fields={field: [sentence]})
    if not by.is_active:
        raise Forbidden(_("This account is suspended."))
    with transaction.atomic():
        lock_members(by.pk)
        if Invite.objects.valid().filter(by=by).count() >= INVITES_MAX:
            raise Invalid(
                _("You already have %(most)s active links. Revoke one you don’t need.")
                % {"most": INVITES_MAX}
            )
        invite = Invite(
            code=secrets.token_urlsafe(24),
            by=by,
            note=note,
            uses_at_most=uses_at_most,
            expires_at=timezone.now() + timedelta(days=days) if days else None,
        )
        invite.save(force_insert=True)
    return invite


def revoke_invite(*, invite: Invite, by: Member) -> bool:
    """Revoke an invite. Return False if it was revoked already."""
    if invite.by_id != by.pk:
        raise Forbidden(_("You can only revoke your own invites."))
    revoked = Invite.objects.filter(pk=invite.pk, revoked_at=None).update(revoked_at=timezone.now())
    return bool(revoked)


def _use_invite(*, code: str, member: Member) -> bool:
    invite = valid_invite(code)
    if invite is None:
        return False
    # The UPDATE is conditional, so that only one of two concurrent sign-ups gets the last place.
    if not Invite.objects.valid().filter(pk=invite.pk).update(uses=F("uses") + 1):
        return False
    if not insert_once(InviteUse(member=member, invite=invite)):
        raise Conflict(_("This account already exists."))
    return True


def _request_approval(member: Member, reason: str) -> None:
    reason = text.clean(reason)
    if text.is_blank(reason):
        sentence = _("Tell us why you want to join.")
        raise Invalid(sentence, fields={"reason": [sentence]})
    # Just created, so no counter includes them.
    member.is_active = False
    Member.objects.filter(pk=member.pk).update(is_active=False)
    SignupRequest(member=member, reason=reason).save(force_insert=True)


def _require_moderator(by: Member) -> None:
    if not (by.is_moderator and by.is_active):
        raise Forbidden
