from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.models import EmailAddress
from allauth.account.stages import LoginStage
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH, is_headless_request
from allauth.headless.internal.restkit.response import APIResponse
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.backends import login_candidates
from accounts.former_names import former_names_among
from accounts.join_form import INVITE_SESSION_KEY, invite_in_session
from accounts.languages import in_language_of
from accounts.limits import Guess, guess_for_member, guess_for_nobody, may_send_mail, place_digests
from accounts.mails import stop_change_url
from accounts.models import AddressChange, Member, SignupMode, signup_mode
from accounts.queries import address_owner, awaits_approval, erased_on, free_username
from accounts.restoring import remember_restorable_member
from core.addresses import clean_address, readable_address
from core.client import client_address
from core.http import site_url
from core.mail import queue_mail_from_template
from core.passwords import same_password
from core.times import day_in_utc


def display_name(member: Member) -> str:
    return member.name


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Wrong email or password."),
        "username_password_mismatch": _("Wrong username or password."),
        "too_many_login_attempts": _("Too many attempts. Please wait a few minutes and try again."),
        "username_blacklisted": _("That username is reserved. Please choose another."),
        "username_taken": _("That username is taken. Please choose another."),
        "email_taken": _("There’s already an account with this address. Sign in or reset your password."),
        "incorrect_password": _("Wrong password."),
        "enter_current_password": _("Please enter your current password."),
    }

    # --- Signing up ----------------------------------------------------------------------------------------

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        name: str = super().clean_username(username.strip().removeprefix("@").lower(), shallow)
        if not shallow and former_names_among([name]):
            raise self.validation_error("username_taken")
        return name

    def clean_email(self, email: str) -> str:
        """Normalize an address; all of allauth's forms call this."""
        return clean_address(email)

    def clean_password(self, password: str, user: Member | None = None) -> str:
        # Check the password in the form that is hashed: a letter and a combining accent are one character.
        super().clean_password(same_password(password), user)
        return password

    def generate_unique_username(self, txts: list[str | None], regex: str | None = None) -> str:
        return free_username(next((text for text in txts if text), ""))

    def save_user(self, request: HttpRequest, user: Member, form: Any, commit: bool = True) -> Member:
        member: Member = super().save_user(request, user, form, commit=False)
        # Emails are sent without a request: they use the language of this form.
        member.language = get_language() or ""
        if commit and member._state.adding:
            given = form.cleaned_data
            actions.join(
                member=member,
                invite=given.get("invite", ""),
                reason=given.get("reason", ""),
            )
            request.session.pop(INVITE_SESSION_KEY, None)
        return member

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return whether to show the form. By invite only, visitors need an invite link; apps send its code."""
        return (
            signup_mode() is not SignupMode.INVITE
            or bool(is_headless_request(request))
            or invite_in_session(request) is not None
        )

    # --- Signing in ----------------------------------------------------------------------------------------

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return where to go after signing in without a `next`: new members to the first steps."""
        if getattr(request.user, "is_onboarding", False):
            return reverse("feed:start_profile")
        return str(super().get_login_redirect_url(request))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Member | None:
        """Raise ValidationError after too many wrong passwords for one member, by username or address."""
        login = str(credentials.get("username") or credentials.get("email") or "")
        members = login_candidates(login, request)
        guesses: dict[Member | None, Guess] = {
            member: guess_for_member("password", request, member) for member in members if member is not None
        }
        if not guesses:
            guesses[None] = guess_for_nobody("password", login)
        allowed = {member for member, guess in guesses.items() if guess.allowed}
        if not allowed:
            raise self.validation_error("too_many_login_attempts")
        members = [member if member in allowed else None for member in members]
        found: Member | None = super().authenticate(request, members=members, **credentials)
        if found is not None:
            for guess in guesses.values():
                guess.uncount()
        return found

    def reauthenticate(self, user: Member, password: str) -> bool:
        guess = guess_for_member("password", context.request, user)
        if not guess.allowed:
            raise self.validation_error("too_many_login_attempts")
        right = user.check_password(password)
        if right:
            guess.uncount()
        return right

    def pre_login(self, request: HttpRequest, user: Member, **login: Any) -> HttpResponse | None:
        if login["signup"] and awaits_approval(user):
            # An email to confirm the address is sent first, as for every sign-up; then LastStage refuses.
            return None
        response: HttpResponse | None = super().pre_login(request, user, **login)
        return response

    def get_login_stages(self) -> list[str]:
        stages = super().get_login_stages()
        return ["accounts.adapters.FirstStage", *stages, "accounts.adapters.LastStage"]

    def respond_user_inactive(self, request: HttpRequest, user: Member) -> HttpResponse:
        """Respond for a closed account. Only reached with the right password, so it reveals nothing to others."""
        if (day := erased_on(user)) is not None:
            if is_headless_request(request):
                message = _("This account will be deleted on %(day)s. Sign in on the site to keep it.") % {
                    "day": day_in_utc(day)
                }
                error = {"code": "account_leaving", "message": message}
                raise ImmediateHttpResponse(APIResponse(request, errors=[error], status=403))
            remember_restorable_member(request, user)
            return redirect("accounts:return")
        if not awaits_approval(user):
            response: HttpResponse = super().respond_user_inactive(request, user)
            return response
        if is_headless_request(request):
            error = {"code": "signup_waiting", "message": str(_("Your request is waiting for a moderator."))}
            raise ImmediateHttpResponse(APIResponse(request, errors=[error], status=403))
        return redirect("accounts:waiting")

    def logout(self, request: HttpRequest) -> None:
        member_id, key = request.user.pk, request.session.session_key
        super().logout(request)
        if member_id and key:
            actions.end_session(member_id=member_id, session_key=key)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    # --- Passwords and addresses ---------------------------------------------------------------------------

    def set_password(self, user: Member, password: str) -> None:
        """Set a new password, sign out everywhere else, and end what is pending."""
        with transaction.atomic():
            user.set_password(password)
            user.save(update_fields=["password"])
            here = self.request is not None and self.request.user == user
            actions.end_sessions(
                member=user, by=user, spare=self.request.session.session_key if here else None
            )
            if here:
                actions.remember_places(member=user, digests=place_digests(self.request, user))

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Return whether an address can be removed: a pending one can, the account's own can only be replaced.

        Without an address, the owner couldn't be told about changes or recover the account.
        """
        return email_address.pk is None or email_address.email != email_address.user.email

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        with transaction.atomic():
            if not actions.confirm_address(address=email_address):
                return False
            return bool(super().confirm_email(request, email_address))

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        if awaits_approval(email_address.user):
            return reverse("accounts:waiting")
        return str(super().get_email_verification_redirect_url(email_address))

    # --- Emails --------------------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue an email that anyone can request: a few an hour per mailbox. The response never shows if it is sent.

        Queued, so that the mail server neither delays the response nor reveals by its delay that there was an email.
        """
        if may_send_mail(email):
            self._write(template_prefix, email, context)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        address = emailconfirmation.email_address
        owner = address_owner(address.email)
        if owner is not None and owner.pk != address.user_id:
            self._write_to_owner(owner, address.email)
        else:
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def send_account_already_exists_mail(self, email: str) -> None:
        if (owner := address_owner(email)) is not None:
            self._write_to_owner(owner, email)

    def _write_to_owner(self, owner: Member, email: str) -> None:
        """Tell the owner of an address that someone tried to use it for another account."""
        with in_language_of(owner):
            values = {
                "user": owner,
                "username": owner.username,
                "login_url": self._link("account_login"),
                "password_reset_url": self._link("account_reset_password"),
            }
            self.send_mail("account/email/account_already_exists", email, values)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Member,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell an owner what has changed about their account; never at an address that is another account's."""
        to = email or EmailAddress.objects.get_primary_email(user)
        if not to or user.email_state == Member.EmailState.TAKEN:
            return
        values: dict[str, Any] = {
            "user": user,
            "timestamp": timezone.now(),
            "ip": self.get_client_ip(self.request),
            "user_agent": self.get_http_user_agent(self.request)[:HTTP_USER_AGENT_MAX_LENGTH],
            **(context or {}),
        }
        if template_prefix == "account/email/email_changed":
            change = AddressChange.objects.filter(member=user, old=to).order_by("-pk").first()
            values["stop_url"] = stop_change_url(change) if change is not None else ""
        # An unconfirmed address may be a stranger's.
        if user.email_state == Member.EmailState.TRUSTED or may_send_mail(to):
            self._write(template_prefix, to, values)

    def _write(self, template_prefix: str, to: str, context: dict[str, Any]) -> None:
        values = {name: value for name, value in context.items() if name != "request"}
        queue_mail_from_template(
            to=to, template=template_prefix, context={"email": readable_address(to), **values}
        )

    @staticmethod
    def _link(view: str) -> str:
        return site_url(reverse(view))


class FirstStage(LoginStage):
    """Remembers the security epoch at the start of a sign-in that takes several steps."""

    key = "first"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if self.login.user is not None:
            self.login.state.setdefault("epoch", self.login.user.security_epoch)
        return None, True


class LastStage(LoginStage):
    """Refuses a sign-in if the sign-up request is undecided, or the security epoch has changed since it began."""

    key = "last"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        member = self.login.user
        if self.login.state.get("epoch") != member.security_epoch:
            return None, False
        if not member.is_active:
            return get_adapter().respond_user_inactive(self.request, member), False
        return None, True
