"""Rules that the forms of pages and the inputs of apps share."""

from typing import Any

from allauth.account import signals
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.internal.flows.add import validate_can_add_authenticator
from allauth.socialaccount.adapter import get_adapter as social_adapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import actions
from accounts.limits import Guess, guess_for_member
from accounts.models import Member
from accounts.queries import address_owner, belongs_to_another, confirms_addresses, free_username
from accounts.second_factor import matching_authenticator, totp_counter
from core.addresses import clean_address


def current_password(member: Member, password: str) -> str:
    """Return the password if it is the member's. Raise ValidationError for a wrong one, or too many attempts."""
    if not get_adapter().reauthenticate(member, password):
        raise get_adapter().validation_error("enter_current_password")
    return password


def counted_guess(kind: str, member: Member) -> Guess:
    """Count a guess of the current request. Raise ValidationError if there were too many."""
    guess = guess_for_member(kind, context.request, member)
    if not guess.allowed:
        raise get_adapter().validation_error("too_many_login_attempts")
    return guess


class UsernameMixin:
    """Sign-up. People choose their username: a missing one is suggested, never assigned without asking."""

    data: Any
    errors: Any
    cleaned_data: dict[str, Any]
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Without JavaScript, the suggestion comes with the response, so the browser mustn’t require the field.
        self.fields["username"].widget.use_required_attribute = lambda initial: False

    def clean(self) -> Any:
        cleaned = super().clean()  # type: ignore[misc]
        email = self.cleaned_data.get("email")
        if email and self.has_error("username", "required"):  # type: ignore[attr-defined]
            suggestion = free_username(email)
            self.data = self.data.copy()
            self.data["username"] = suggestion
            del self.errors["username"]
            sentence = _("We suggest “%(username)s”. Keep it or choose another: you can’t change it later.")
            error = ValidationError(sentence, code="required", params={"username": suggestion})
            self.add_error("username", error)  # type: ignore[attr-defined]
        return cleaned


class NewAddressMixin:
    """Sign-up. If the address has an account, its owner gets an email, and the response doesn't reveal it."""

    def validate_unique_email(self, value: str) -> str:
        if not confirms_addresses() and belongs_to_another(value):
            # This site sends no emails that could tell the owner.
            raise get_adapter().validation_error("email_taken")
        return value


class ProvidedAddressMixin:
    """Sign-up through another site. If that site confirms the address, they may learn that it has an account."""

    sociallogin: Any

    def validate_unique_email(self, value: str) -> str:
        proven = any(a.email == value and a.verified for a in self.sociallogin.email_addresses)
        if (proven or not confirms_addresses()) and belongs_to_another(value):
            raise social_adapter().validation_error("email_taken", self.sociallogin.provider.name)
        return value


class OtherAddressMixin:
    """Changing the address, through accounts.actions."""

    cleaned_data: dict[str, Any]
    user: Member

    def clean_email(self) -> str:
        """Don't look up whether another account has the address, unlike allauth: that would take measurable time."""
        address = clean_address(self.cleaned_data["email"])
        if address == self.user.email or EmailAddress.objects.filter(user=self.user, email=address).exists():
            raise get_adapter().validation_error("duplicate_email")
        # allauth refuses this for accounts with a second factor.
        signals._add_email.send(sender=type(self.user), email=address, user=self.user)
        return address

    def save(self, request: HttpRequest) -> Any:
        address = actions.request_address_change(
            member=self.user, by=self.user, address=self.cleaned_data["email"]
        )
        send_verification_email_to_address(request, address)
        return address


class ResetAddressMixin:
    """A password reset: the email goes to the address as stored, however it was typed."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        address = clean_address(self.cleaned_data["email"])
        owner = address_owner(address)
        self.users = [owner] if owner is not None and owner.is_active else []
        return address


class CodeMixin:
    """A code of an app, or a recovery code: limited per member, and usable once."""

    cleaned_data: dict[str, Any]
    user: Member | None

    def clean_code(self) -> str:
        if self.user is None:
            # The account was deleted after its password was entered.
            raise mfa_adapter().validation_error("incorrect_code")
        guess = counted_guess("code", self.user)
        code: str = self.cleaned_data["code"]
        self.authenticator = matching_authenticator(self.user, code)
        if self.authenticator is None:
            raise mfa_adapter().validation_error("incorrect_code")
        guess.uncount()
        return code


class ActivationCodeMixin:
    """The code that confirms that an app is set up, which uses it up."""

    cleaned_data: dict[str, Any]
    user: Member
    secret: str

    def clean_code(self) -> str:
        validate_can_add_authenticator(self.user)
        guess = counted_guess("code", self.user)
        code: str = self.cleaned_data["code"]
        counter = totp_counter(self.secret, code)
        if counter is None:
            raise mfa_adapter().validation_error("incorrect_code")
        guess.uncount()
        self.counter = counter
        return code
