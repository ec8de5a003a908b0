"""Where allauth meets the house: people are made, named and signed out through accounts.actions."""

import base64
import hashlib
import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts import actions
from accounts.models import DISPLAY_NAME_MAX, Member
from accounts.queries import free_username
from core.client import client_address
from core.text import clean_line

log = logging.getLogger("kith.accounts")


def display_name(member: Member) -> str:
    return member.name


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "That address and password do not belong together.",
        "username_password_mismatch": "That username and password do not belong together.",
        "too_many_login_attempts": "That was too often. Please wait a few minutes and try again.",
        "username_blacklisted": "That username is kept free. Please choose another.",
        "username_taken": "That username is taken. Please choose another.",
        "email_taken": "There is an account with this address already. Sign in, or ask for a new password.",
        "incorrect_password": "That is not your password.",
        "enter_current_password": "Please enter the password you have now.",
    }

    def clean_username(self, username: str, shallow: bool = False) -> str:
        name: str = super().clean_username(username.strip().removeprefix("@").lower(), shallow)
        return name

    def generate_unique_username(self, txts: list[str | None], regex: str | None = None) -> str:
        return free_username(next((text for text in txts if text), ""))

    def save_user(self, request: HttpRequest, user: Member, form: Any, commit: bool = True) -> Member:
        member: Member = super().save_user(request, user, form, commit=False)
        if commit and member._state.adding:
            actions.join(member=member, suggested=not form.cleaned_data.get("username"))
        return member

    def set_password(self, user: Member, password: str) -> None:
        """A new password signs out everywhere but here."""
        with transaction.atomic():
            user.set_password(password)
            user.save(update_fields=["password"])
            here = self.request.session.session_key if self.request and self.request.user == user else None
            actions.end_sessions(member=user, by=user, spare=here)

    def logout(self, request: HttpRequest) -> None:
        member_id, key = request.user.pk, request.session.session_key
        super().logout(request)
        if member_id and key:
            actions.end_session(member_id=member_id, session_key=key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away changes no answer: whether an address has an account would show in it."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError):
            log.exception("could not send %s", template_prefix)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": (
            "There is an account with this address already. Sign in to it, then connect your %s account under Settings."
        ),
    }

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        for address in sociallogin.email_addresses:
            # Some say "false", which is true for Python.
            address.verified = address.verified in (True, "true")

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Member:
        member: Member = super().populate_user(request, sociallogin, data)
        name = data.get("name") or f"{data.get('first_name') or ''} {data.get('last_name') or ''}"
        member.display_name = clean_line(name)[:DISPLAY_NAME_MAX]
        return member

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Member:
        with transaction.atomic():
            member: Member = super().save_user(request, sociallogin, form)
            if form is None:
                # With a form the account adapter has made the member, and has said so.
                actions.welcome(member=member)
        return member


class SessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Any) -> None:
        by_owner: dict[Member, list[str]] = {}
        for session in sessions:
            by_owner.setdefault(session.user, []).append(session.session_key)
        for member, keys in by_owner.items():
            actions.end_sessions(member=member, by=member, keys=keys)


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted with a key drawn from SECRET_KEY (and its fallbacks)."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "unverified_email": "Please confirm your e-mail address first: it is the way back when you lose your device.",
        "incorrect_code": "That code is not right. Codes change every half minute.",
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            # The site has another SECRET_KEY now: no code matches, a recovery through an admin is needed.
            return ""

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"mfa:" + key.encode()).digest())) for key in keys]
    )
