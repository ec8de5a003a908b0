"""The forms of accounts, by noun."""

from accounts.forms.entrance import (
    ActivateTOTPForm,
    AddEmailForm,
    AddPasskeyForm,
    AuthenticateForm,
    ChangePasswordForm,
    LoginForm,
    ReauthenticateByCodeForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
    SignupForm,
    SocialSignupForm,
)
from accounts.forms.settings import (
    AppearanceForm,
    CleanCharField,
    DeleteAccountForm,
    InviteForm,
    PostingForm,
    ProfileForm,
)

__all__ = [
    "ActivateTOTPForm",
    "AddEmailForm",
    "AddPasskeyForm",
    "AppearanceForm",
    "AuthenticateForm",
    "ChangePasswordForm",
    "CleanCharField",
    "DeleteAccountForm",
    "InviteForm",
    "LoginForm",
    "PostingForm",
    "ProfileForm",
    "ReauthenticateByCodeForm",
    "ReauthenticateForm",
    "ResetPasswordForm",
    "ResetPasswordKeyForm",
    "SetPasswordForm",
    "SignupForm",
    "SocialSignupForm",
]
