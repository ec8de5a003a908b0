"""allauth's forms for our pages: sign-up, sign-in, passwords, addresses, second factors.

`extra_fields` are fields that the pages send in addition to those of the class (core.forms).
"""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddWebAuthnForm
from allauth.socialaccount.forms import SignupForm as AllauthSocialSignupForm
from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.forms.rules import (
    ActivationCodeMixin,
    CodeMixin,
    NewAddressMixin,
    OtherAddressMixin,
    ProvidedAddressMixin,
    ResetAddressMixin,
    UsernameMixin,
    current_password,
)
from core.addresses import clean_address_or_none
from core.text import USERNAME_MAX

NEW_PASSWORD_HELP = _("At least 8 characters. Avoid common passwords.")


def _remove_placeholders(form: forms.Form) -> None:
    """Remove placeholders, which only repeat the labels."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class LoginForm(allauth_forms.LoginForm):
    extra_fields = ("login",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remove_placeholders(self)
        self.fields["login"].label = _("Email or username")
        self.fields["login"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password"].help_text = ""

    def clean_login(self) -> str:
        """Spell an address as it is stored, for allauth's own lookups."""
        login: str = super().clean_login()
        return clean_address_or_none(login) or login


class SignupForm(UsernameMixin, NewAddressMixin, allauth_forms.SignupForm):
    extra_fields = ("password1",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remove_placeholders(self)
        self.fields["email"].label = _("Email")
        if "username" in self.fields:
            self.fields["username"].label = _("Username")
            self.fields["username"].help_text = _(
                "Up to %(most)s letters (a–z), digits or underscores. You can’t change it later."
            ) % {"most": USERNAME_MAX}
            self.fields["username"].widget.attrs |= {
                "autocapitalize": "none",
                "spellcheck": "false",
                "data-suggest": reverse("accounts:suggested_username"),
            }
        if "password1" in self.fields:
            self.fields["password1"].help_text = NEW_PASSWORD_HELP
        self.order_fields(["email", "username", "password1", "reason"])


class SocialSignupForm(UsernameMixin, ProvidedAddressMixin, AllauthSocialSignupForm):
    """Asks for what another site didn't provide, or what is taken here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remove_placeholders(self)
        self.fields["email"].label = _("Email")
        # allauth's labels say "(optional)", which the page already does.
        self.fields["username"].label = _("Username")
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class ResetPasswordForm(ResetAddressMixin, allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remove_placeholders(self)
        self.fields["email"].label = _("Email")


class AddEmailForm(OtherAddressMixin, allauth_forms.AddEmailForm):
    extra_fields = ("action_add", "action_send", "action_remove")


class _NewPasswordMixin:
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remove_placeholders(self)  # type: ignore[arg-type]
        labels = {
            "oldpassword": _("Current password"),
            "password1": _("New password"),
            "password2": _("Confirm new password"),
        }
        for name, field in self.fields.items():
            field.label = labels.get(name, field.label)
            field.help_text = NEW_PASSWORD_HELP if name == "password1" else ""


class ChangePasswordForm(_NewPasswordMixin, allauth_forms.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        return current_password(self.user, self.cleaned_data["oldpassword"])


class SetPasswordForm(_NewPasswordMixin, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_NewPasswordMixin, allauth_forms.ResetPasswordKeyForm):
    extra_fields = ("action",)


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remove_placeholders(self)


class AuthenticateForm(CodeMixin, AllauthAuthenticateForm):
    # A passkey in place of the code.
    extra_fields = ("credential",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remove_placeholders(self)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric"}


class ReauthenticateByCodeForm(CodeMixin, AllauthReauthenticateByCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remove_placeholders(self)


class ActivateTOTPForm(ActivationCodeMixin, AllauthActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _remove_placeholders(self)
        self.fields["code"].label = _("Code from the app")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric"}


class AddPasskeyForm(AllauthAddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("passwordless"):
            field.label = _("Sign in without a password")
            field.help_text = _(
                "Your device asks for your fingerprint, face or PIN. Otherwise the passkey works only "
                "after your password."
            )
            field.initial = True
