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
from accounts.backends import members_called
from accounts.join_form import INVITE_IN_SESSION, invite_in_session
from accounts.languages import in_language_of
from accounts.limits import Guess, guess_for_member, guess_for_nobody, mail_is_due, places_here
from accounts.mails import stop_link
from accounts.models import AddressChange, Member, SignupMode, signup_mode
from accounts.names import erased_among
from accounts.queries import erased_on, free_username, member_of_address, waits_to_be_let_in
from accounts.way_back import remember_who_may_return
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
        if not shallow and erased_among([name]):
            raise self.validation_error("username_taken")
        return name

    def clean_email(self, email: str) -> str:
        """Every address that comes in by allauth's forms passes here."""
        return clean_address(email)

    def clean_password(self, password: str, user: Member | None = None) -> str:
        # Judged as it is hashed: four letters with four accents apart are not eight characters.
        super().clean_password(same_password(password), user)
        return password

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

    # --- Signing in ----------------------------------------------------------------------------------------

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where somebody goes who was going nowhere: new members to their first steps."""
        if getattr(request.user, "is_starting", False):
            return reverse("feed:start")
        return str(super().get_login_redirect_url(request))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Member | None:
        """Raise ValidationError after too many mistakes at one member's password, however they are named."""
        login = str(credentials.get("username") or credentials.get("email") or "")
        members = members_called(login, request)
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
                guess.was_right()
        return found

    def reauthenticate(self, user: Member, password: str) -> bool:
        guess = guess_for_member("password", context.request, user)
        if not guess.allowed:
            raise self.validation_error("too_many_login_attempts")
        right = user.check_password(password)
        if right:
            guess.was_right()
        return right

    def pre_login(self, request: HttpRequest, user: Member, **login: Any) -> HttpResponse | None:
        if login["signup"] and waits_to_be_let_in(user):
            # A mail to confirm the address is sent first, as to everybody who signs up; then LastStage says no.
            return None
        response: HttpResponse | None = super().pre_login(request, user, **login)
        return response

    def get_login_stages(self) -> list[str]:
        stages = super().get_login_stages()
        return ["accounts.adapters.FirstStage", *stages, "accounts.adapters.LastStage"]

    def respond_user_inactive(self, request: HttpRequest, user: Member) -> HttpResponse:
        """Reached with the right password only, so it tells nothing to others."""
        if (day := erased_on(user)) is not None:
            if is_headless_request(request):
                message = _("This account will be deleted on %(day)s. Sign in on the site to keep it.") % {
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
        """A new password signs out everywhere but here, and ends what is pending."""
        with transaction.atomic():
            user.set_password(password)
            user.save(update_fields=["password"])
            here = self.request is not None and self.request.user == user
            actions.end_sessions(
                member=user, by=user, spare=self.request.session.session_key if here else None
            )
            if here:
                actions.remember_places(member=user, digests=places_here(self.request, user))

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """A change that is asked for may be taken back; the address itself may only be changed for another.

        Without one, its owner would neither hear of the next nor get the account back.
        """
        return email_address.pk is None or email_address.email != email_address.user.email

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        with transaction.atomic():
            if not actions.take_address(address=email_address):
                return False
            return bool(super().confirm_email(request, email_address))

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        if waits_to_be_let_in(email_address.user):
            return reverse("accounts:waiting")
        return str(super().get_email_verification_redirect_url(email_address))

    # --- Mails ---------------------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What anybody can ask for: a few an hour for one mailbox, and no answer tells that there was none.

        By the queue, so that no mail server holds up a request, or shows by its delay whether there was a mail.
        """
        if mail_is_due(email):
            self._write(template_prefix, email, context)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        address = emailconfirmation.email_address
        owner = member_of_address(address.email)
        if owner is not None and owner.pk != address.user_id:
            self._write_to_owner(owner, address.email)
        else:
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def send_account_already_exists_mail(self, email: str) -> None:
        if (owner := member_of_address(email)) is not None:
            self._write_to_owner(owner, email)

    def _write_to_owner(self, owner: Member, email: str) -> None:
        """That somebody has tried to sign up with their address, or wants it as theirs."""
        with in_language_of(owner):
            said = {
                "username": owner.username,
                "login_url": self._link("account_login"),
                "password_reset_url": self._link("account_reset_password"),
            }
            self.send_mail("account/email/account_already_exists", email, said)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Member,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """What has changed about an account, to its owner: never to an address that the account only claims."""
        to = email or EmailAddress.objects.get_primary_email(user)
        if not to or user.email_state == Member.EmailState.TAKEN:
            return
        said: dict[str, Any] = {
            "timestamp": timezone.now(),
            "ip": self.get_client_ip(self.request),
            "user_agent": self.get_http_user_agent(self.request)[:HTTP_USER_AGENT_MAX_LENGTH],
            **(context or {}),
        }
        if template_prefix == "account/email/email_changed":
            change = AddressChange.objects.filter(member=user, old=to).order_by("-pk").first()
            said["stop_url"] = stop_link(change) if change is not None else ""
        # An address that nobody has confirmed may be a stranger's.
        if user.email_state == Member.EmailState.TRUSTED or mail_is_due(to):
            self._write(template_prefix, to, said)

    def _write(self, template_prefix: str, to: str, context: dict[str, Any]) -> None:
        said = {name: value for name, value in context.items() if name != "request"}
        queue_mail_from_template(
            to=to, template=template_prefix, context={"email": readable_address(to), **said}
        )

    @staticmethod
    def _link(view: str) -> str:
        return site_url(reverse(view))


class FirstStage(LoginStage):
    """Notes what a sign-in that takes several steps began upon."""

    key = "first"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if self.login.user is not None:
            self.login.state.setdefault("epoch", self.login.user.security_epoch)
        return None, True


class LastStage(LoginStage):
    """Nobody signs in whose request to join is undecided, or after what they had proven has been taken back."""

    key = "last"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        member = self.login.user
        if self.login.state.get("epoch") != member.security_epoch:
            return None, False
        if not member.is_active:
            return get_adapter().respond_user_inactive(self.request, member), False
        return None, True
