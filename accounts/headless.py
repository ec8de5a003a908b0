"""Views of allauth's API for apps (/_allauth/app/v1/…) that follow the rules of our pages, routed before allauth's own.

allauth has settings for the forms of its pages, but none for the inputs of apps.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.headless.account import inputs as account
from allauth.headless.account import views as account_views
from allauth.headless.constants import Client
from allauth.headless.internal.restkit import inputs
from allauth.headless.mfa import inputs as mfa
from allauth.headless.mfa import views as mfa_views
from allauth.headless.socialaccount import inputs as social
from allauth.headless.socialaccount import views as social_views
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

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
from accounts.providers import any_provider
from accounts.queries import can_be_confirmed
from accounts.second_factor import remember_counter
from core.addresses import clean_address_or_none


def _password(**options: Any) -> Any:
    """Return a field for a password: spaces are part of it, as on the pages."""
    return inputs.CharField(strip=False, **options)


class LoginInput(account.LoginInput):
    password = _password()

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return clean_address_or_none(email) or email


class SignupInput(UsernameMixin, NewAddressMixin, account.SignupInput):
    password = _password()


class RequestPasswordResetInput(ResetAddressMixin, account.RequestPasswordResetInput):
    pass


class ResetPasswordInput(account.ResetPasswordInput):
    password = _password()


class ChangePasswordInput(account.ChangePasswordInput):
    current_password = _password(required=False)
    new_password = _password()

    def clean_current_password(self) -> str:
        given: str = self.cleaned_data["current_password"]
        return current_password(self.user, given) if given else given


class VerifyEmailInput(account.VerifyEmailInput):
    def clean_key(self) -> str:
        key: str = super().clean_key()
        if not can_be_confirmed(self.verification.email_address):
            raise get_adapter().validation_error("invalid_or_expired_key")
        return key


class MarkAsPrimaryEmailInput(account.MarkAsPrimaryEmailInput):
    def clean_email(self) -> Any:
        address = super().clean_email()
        if not address.verified:
            raise get_adapter().validation_error("unverified_primary_email")
        return address


class AddEmailInput(OtherAddressMixin, account.AddEmailInput):
    pass


class AuthenticateInput(CodeMixin, mfa.AuthenticateInput):
    pass


class ReauthenticateInput(CodeMixin, mfa.ReauthenticateInput):
    pass


class ActivateTOTPInput(ActivationCodeMixin, mfa.ActivateTOTPInput):
    pass


class ProviderSignupInput(UsernameMixin, ProvidedAddressMixin, social.SignupInput):
    pass


class ManageEmailView(account_views.ManageEmailView):
    input_class = account_views.ManageEmailView.input_class | {
        "POST": AddEmailInput,
        "PATCH": MarkAsPrimaryEmailInput,
    }


class ManageTOTPView(mfa_views.ManageTOTPView):
    input_class = {"POST": ActivateTOTPInput}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().post(request, *args, **kwargs)
            totp = Authenticator.objects.get(user=request.user, type=Authenticator.Type.TOTP)
            remember_counter(totp, self.input.counter)
        return response


class OnlyWithProviders:
    """404 if no other site is set up to sign in with."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not any_provider():
            raise Http404
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class ProviderSignupView(OnlyWithProviders, social_views.ProviderSignupView):
    input_class = ProviderSignupInput


class ProviderTokenView(OnlyWithProviders, social_views.ProviderTokenView):
    pass


class RedirectToProviderView(OnlyWithProviders, social_views.RedirectToProviderView):
    pass


def _with_input(view: Any, input_class: Any) -> Any:
    """Return one of allauth's views with another input class."""
    return type(view.__name__, (view,), {"input_class": input_class})


_VIEWS = {
    "auth/login": _with_input(account_views.LoginView, LoginInput),
    "auth/email/verify": _with_input(account_views.VerifyEmailView, VerifyEmailInput),
    "auth/signup": _with_input(account_views.SignupView, {"POST": SignupInput}),
    "auth/password/request": _with_input(account_views.RequestPasswordResetView, RequestPasswordResetInput),
    "auth/password/reset": _with_input(account_views.ResetPasswordView, ResetPasswordInput),
    "account/password/change": _with_input(account_views.ChangePasswordView, ChangePasswordInput),
    "account/email": ManageEmailView,
    "auth/2fa/authenticate": _with_input(mfa_views.AuthenticateView, AuthenticateInput),
    "auth/2fa/reauthenticate": _with_input(mfa_views.ReauthenticateView, ReauthenticateInput),
    "account/authenticators/totp": ManageTOTPView,
    "auth/provider/signup": ProviderSignupView,
    "auth/provider/token": ProviderTokenView,
    "auth/provider/redirect": RedirectToProviderView,
}
urlpatterns: list[URLPattern] = [
    path(f"app/v1/{route}", view.as_api_view(client=Client.APP)) for route, view in _VIEWS.items()
]
