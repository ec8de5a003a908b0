"""Where allauth meets the house: people are made, named and signed out through accounts.actions."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.models import EmailAddress
from allauth.account.stages import LoginStage
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.internal.restkit.response import APIResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.join_form import INVITE_IN_SESSION, invite_in_session
from accounts.models import DISPLAY_NAME_MAX, Member, SignupMode, signup_mode
from accounts.names import erased_among
from accounts.queries import erased_on, free_username, waits_to_be_let_in
from accounts.way_back import remember_who_may_return
from core.client import client_address
from core.encryption import seal, unseal
from core.mail import send_or_keep
from core.text import clean_line
from core.times import day_in_utc


def display_name(member: Member) -> str:
    return member.name


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("That address and password do not belong together."),
        "username_password_mismatch": _("That username and password do not belong together."),
        "too_many_login_attempts": _("That was too often. Please wait a few minutes and try again."),
        "username_blacklisted": _("That username is kept free. Please choose another."),
        "username_taken": _("That username is taken. Please choose another."),
        "email_taken": _(
            "There is an account with this address already. Sign in, or ask for a new password."
        ),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("Please enter the password you have now."),
    }

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where somebody goes who was going nowhere: new members to their first steps."""
        if getattr(request.user, "is_starting", False):
            return reverse("feed:start")
        return str(super().get_login_redirect_url(request))

    def clean_username(self, username: str, shallow: bool = False) -> str:
        name: str = super().clean_username(username.strip().removeprefix("@").lower(), shallow)
        if not shallow and erased_among([name]):
            raise self.validation_error("username_taken")
        return name

    def generate_unique_username(self, txts: list[str | None], regex: str | None = None) -> str:
        return free_username(next((text for text in txts if text), ""))

    def save_user(self, request: HttpRequest, user: Member, form: Any, commit: bool = True) -> Member:
        member: Member = super().save_user(request, user, form, commit=False)
        # Mails come while nobody is there to be asked: they go on in the language of this form.
        member.language = get_language() or ""
        if commit and member._state.adding:
            given = form.cleaned_data
            actions.join(
                member=member,
                suggested=not given.get("username"),
                invite=given.get("invite", ""),
                reason=given.get("reason", ""),
            )
            request.session.pop(INVITE_IN_SESSION, None)
        return member

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """By invitation: to whom a link brought here. An app sends the code with its form, which looks at it."""
        return (
            signup_mode() is not SignupMode.INVITE
            or bool(is_headless_request(request))
            or invite_in_session(request) is not None
        )

    def pre_login(self, request: HttpRequest, user: Member, **login: Any) -> HttpResponse | None:
        if login["signup"] and waits_to_be_let_in(user):
            # A mail to confirm the address is sent first, as to everybody who signs up; then WaitingStage says no.
            return None
        response: HttpResponse | None = super().pre_login(request, user, **login)
        return response

    def get_login_stages(self) -> list[str]:
        return [*super().get_login_stages(), "accounts.adapters.WaitingStage"]

    def respond_user_inactive(self, request: HttpRequest, user: Member) -> HttpResponse:
        """Reached with the right password only, so it tells nothing to others."""
        if (day := erased_on(user)) is not None:
            if is_headless_request(request):
                message = _("This account is to be erased on %(day)s. Sign in on the site to keep it.") % {
                    "day": day_in_utc(day)
                }
                error = {"code": "account_leaving", "message": message}
                raise ImmediateHttpResponse(APIResponse(request, errors=[error], status=403))
            remember_who_may_return(request, user)
            return redirect("accounts:return")
        if not waits_to_be_let_in(user):
            response: HttpResponse = super().respond_user_inactive(request, user)
            return response
        if is_headless_request(request):
            error = {"code": "signup_waiting", "message": str(_("Your request waits for a moderator."))}
            raise ImmediateHttpResponse(APIResponse(request, errors=[error], status=403))
        return redirect("accounts:waiting")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        if waits_to_be_let_in(email_address.user):
            return reverse("accounts:waiting")
        return str(super().get_email_verification_redirect_url(email_address))

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
        site = {"request": self.request, "email": email, "current_site": get_current_site(self.request)}
        send_or_keep(self.render_mail(template_prefix, email, site | context))

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)


class WaitingStage(LoginStage):
    """The last step of signing in: nobody takes it whose request to join is undecided."""

    key = "waiting"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if self.login.user.is_active:
            return None, True
        return get_adapter().respond_user_inactive(self.request, self.login.user), False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": _(
            "There is an account with this address already. "
            "Sign in to it, then connect your %s account under Settings."
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
        member.language = get_language() or ""
        return member

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Without a form, unless there is something to ask: why one wants to join, or by whose invitation."""
        asks = signup_mode() is not SignupMode.OPEN and invite_in_session(request) is None
        return not asks and bool(super().is_auto_signup_allowed(request, sociallogin))

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Member:
        with transaction.atomic():
            member: Member = super().save_user(request, sociallogin, form)
            if form is None:
                # With a form the account adapter has made the member, and has let them in.
                actions.admit(member=member, invite=request.session.pop(INVITE_IN_SESSION, ""))
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
        "unverified_email": _(
            "Please confirm your e-mail address first: it is the way back when you lose your device."
        ),
        "incorrect_code": _("That code is not right. Codes change every half minute."),
        # In allauth's words, whose German says Sie.
        "add_email_blocked": _(
            "You cannot add an email address to an account protected by two-factor authentication."
        ),
        "cannot_delete_authenticator": _("You cannot deactivate two-factor authentication."),
        "cannot_generate_recovery_codes": _(
            "You cannot generate recovery codes without having two-factor authentication enabled."
        ),
    }

    def encrypt(self, text: str) -> str:
        return seal(text, purpose="mfa")

    def decrypt(self, encrypted_text: str) -> str:
        # With another SECRET_KEY no code matches: a recovery through an admin is needed.
        return unseal(encrypted_text, purpose="mfa") or ""

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)
