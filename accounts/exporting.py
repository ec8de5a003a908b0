"""The account in a data export (config/exports.py)."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext as _

from accounts.devices import device_name
from accounts.models import (
    AddressChange,
    Block,
    DataExport,
    DataImport,
    Invite,
    InviteUse,
    Member,
    SignupRequest,
)
from accounts.queries import interests_of
from core.archives import Part, Record, Records, SingleRecord
from core.db import in_chunks


def account(member: Member) -> Iterator[Part]:
    yield SingleRecord("account", _("Your account"), _account(member))
    yield SingleRecord("profile", _("Your profile"), _profile(member))
    yield SingleRecord("settings", _("Your settings"), _settings(member))
    yield Records("sessions", _("Where you’re signed in"), _sessions(member))
    yield Records("blocks", _("Blocked accounts"), _blocks(member))
    yield Records("invites", _("Your invites"), _invites(member))
    yield Records("exports", _("Copies of your data"), _exports(member))
    yield Records("imports", _("Lists you imported"), _imports(member))


def _account(member: Member) -> Record:
    request = SignupRequest.objects.filter(member=member).first()
    invited = InviteUse.objects.filter(member=member).first()
    return {
        "id": str(member.pk),
        "username": member.username,
        "email": member.email,
        "email_addresses": [
            {"email": a.email, "confirmed": a.verified, "primary": a.primary}
            for a in EmailAddress.objects.filter(user=member)
        ],
        "address_changes": [
            {"from": c.old, "to": c.new, "asked_at": c.asked_at, "confirmed_at": c.confirmed_at}
            for c in AddressChange.objects.filter(member=member).order_by("pk")
        ],
        "joined_at": member.joined_at,
        "last_signed_in_at": member.last_login,
        "has_password": member.has_usable_password(),
        "second_factors": [
            {"type": a.get_type_display(), "since": a.created_at, "last_used_at": a.last_used_at}
            for a in Authenticator.objects.filter(user=member)
        ],
        "connected_accounts": [
            {"provider": a.provider, "id": a.uid, "since": a.date_joined}
            for a in SocialAccount.objects.filter(user=member)
        ],
        "is_verified": member.is_verified,
        "is_moderator": member.is_moderator,
        "asked_to_join": {"reason": request.reason, "at": request.created_at, "outcome": request.outcome}
        if request
        else None,
        "joined_by_an_invitation_at": invited.at if invited else None,
        "interests": [topic.label for topic in interests_of(member)],
    }


def _profile(member: Member) -> Record:
    return {
        "display_name": member.display_name,
        "bio": member.bio,
        "pronouns": member.pronouns,
        "location": member.location,
        "website": member.website,
        "followers": member.followers_count,
        "following": member.following_count,
        "posts": member.posts_count,
    }


def _settings(member: Member) -> Record:
    return {
        "theme": member.theme,
        "language": member.language,
        "autoplay": member.autoplay,
        "is_private": member.is_private,
        "is_discoverable": member.is_discoverable,
        "may_write": member.may_write,
        "reminds_of_alt": member.reminds_of_alt,
        "onboarded_at": member.onboarded_at,
    }


def _sessions(member: Member) -> Iterator[Record]:
    # Never the key, with which others could sign in.
    for chunk in in_chunks(UserSession.objects.filter(user=member)):
        for session in chunk:
            yield {
                "device": device_name(session.user_agent)[0],
                "user_agent": session.user_agent,
                "address": session.ip,
                "signed_in_at": session.created_at,
                "last_used_at": session.last_seen_at,
            }


def _blocks(member: Member) -> Iterator[Record]:
    # Without closed accounts, as in the settings and the CSV.
    rows = Block.objects.filter(blocker=member, blocked__is_active=True).select_related("blocked")
    for chunk in in_chunks(rows):
        for block in chunk:
            yield {"username": block.blocked.username, "since": block.created_at}


def _invites(member: Member) -> Iterator[Record]:
    # Without the code, with which anyone could join.
    for invite in Invite.objects.filter(by=member).order_by("pk"):
        yield {
            "note": invite.note,
            "uses": invite.uses,
            "uses_at_most": invite.uses_at_most,
            "made_at": invite.created_at,
            "expires_at": invite.expires_at,
            "revoked_at": invite.revoked_at,
        }


def _exports(member: Member) -> Iterator[Record]:
    for export in DataExport.objects.filter(member=member).order_by("pk"):
        yield {"asked_at": export.created_at, "ready_at": export.ready_at, "size": export.size}


def _imports(member: Member) -> Iterator[Record]:
    for chunk in in_chunks(DataImport.objects.filter(member=member)):
        for run in chunk:
            rows = [
                f"{row.number}. {row.given}: {row.get_outcome_display()}"
                for row in run.rows.order_by("number")
            ]
            yield {"kind": run.kind, "at": run.created_at, "rows": rows}
