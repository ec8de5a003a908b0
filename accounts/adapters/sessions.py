"""Adapters for sessions, two-factor authentication, and allauth's API for apps."""

from typing import Any

from allauth.core import context
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.models import Member
from core.encryption import seal, unseal
from core.http import site_url


class SessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Any) -> None:
        by_owner: dict[Member, set[str]] = {}
        for session in sessions:
            by_owner.setdefault(session.user, set()).add(session.session_key)
        here = context.request.session.session_key
        for member, keys in by_owner.items():
            others = set(UserSession.objects.filter(user=member).values_list("session_key", flat=True)) - {
                here
            }
            everywhere = bool(others) and keys >= others
            actions.end_sessions(
                member=member,
                by=member,
                keys=None if everywhere else keys,
                spare=None if here in keys else here,
            )


class MFAAdapter(DefaultMFAAdapter):
    """Encrypts the secrets of second factors with a key derived from SECRET_KEY (and its fallbacks)."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "unverified_email": _("Confirm your email address first. You’ll need it if you lose your device."),
        "incorrect_code": _("Wrong code. Codes change every 30 seconds, and each works once."),
        # allauth's own sentence, which is formal in German.
        "add_email_blocked": _(
            "You can’t add an email address to an account protected by two-factor authentication."
        ),
        "cannot_delete_authenticator": _("You can’t turn off two-factor authentication."),
        "cannot_generate_recovery_codes": _(
            "Set up two-factor authentication first to create recovery codes."
        ),
    }

    def encrypt(self, text: str) -> str:
        return seal(text, purpose="mfa")

    def decrypt(self, encrypted_text: str) -> str:
        # With another SECRET_KEY no code matches, and only an admin can help. An empty secret would be no secret.
        return unseal(encrypted_text, purpose="mfa") or generate_totp_secret()

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        # None if the account was deleted during the sign-in.
        return user is not None and bool(super().is_mfa_enabled(user, types))

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)


class AppAdapter(DefaultHeadlessAdapter):
    def get_frontend_url(self, urlname: str, **kwargs: Any) -> str | None:
        """Return the URLs for links in allauth's emails: pages of this site."""
        match urlname:
            case "account_reset_password_from_key":
                member, _dash, key = kwargs["key"].partition("-")
                return site_url(reverse(urlname, kwargs={"uidb36": member, "key": key}))
            case "account_confirm_email":
                return site_url(reverse(urlname, args=[kwargs["key"]]))
            case "account_reset_password" | "account_signup":
                return site_url(reverse(urlname))
        url: str | None = super().get_frontend_url(urlname, **kwargs)
        return url
