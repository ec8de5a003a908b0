"""The fields that every sign-up form adds to allauth's, depending on SIGNUP_MODE.

allauth's forms derive from this one (ACCOUNT_SIGNUP_FORM_CLASS): sign-up, sign-up through another site, and both for
apps. It isn't in accounts.forms, because those forms import allauth's.
"""

from typing import Any

from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Invite, Member, SignupMode, SignupRequest, signup_mode
from accounts.queries import valid_invite
from core.client import address_group, client_address
from core.rates import Rate, count
from core.text import clean

INVITE_SESSION_KEY = "invite"
"""The session key of the invite code, kept until sign-up."""
GUESSES = Rate(20, 60)
"""How many invite codes may be tried from one address."""
REASON_MAX: int = SignupRequest._meta.get_field("reason").max_length or 0
INVITE_INVALID = _("This invite is no longer valid. Ask the person who sent it for a new one.")
INVITE_REQUIRED = _("You need an invite to join. Open the link a member sent you.")


def may_try_invite(request: HttpRequest) -> bool:
    """Count an attempt at an invite code from this address, and return whether it is allowed."""
    return count(f"invite:{address_group(client_address(request))}", GUESSES).allowed


def invite_in_session(request: HttpRequest) -> Invite | None:
    """Return the invite whose link this visitor opened, if it is valid."""
    return valid_invite(request.session.get(INVITE_SESSION_KEY, ""))


class JoinForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you want to join?"),
        max_length=REASON_MAX,
        help_text=_("Only moderators can see this. A sentence or two is enough."),
        widget=forms.Textarea(
            attrs={"rows": 4, "data-counter-max": REASON_MAX, "data-autosize": "", "dir": "auto"}
        ),
    )
    invite = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mode = signup_mode()
        self.invitation = invite_in_session(context.request)
        if self.mode is not SignupMode.APPROVAL or self.invitation is not None:
            self.fields["reason"].required = False
            self.fields["reason"].widget = forms.HiddenInput()
        # The counter shows what is too much; maxlength would silently cut a pasted text.
        self.fields["reason"].widget.attrs.pop("maxlength", None)

    def clean_reason(self) -> str:
        return clean(self.cleaned_data["reason"])

    def clean_invite(self) -> str:
        """Return the invite code: as sent (by an app), or from the link that the visitor opened."""
        if code := self.cleaned_data["invite"]:
            if not may_try_invite(context.request):
                raise ValidationError(_("Too many attempts. Please wait a minute and try again."))
            self.invitation = valid_invite(code)
            if self.invitation is None:
                raise ValidationError(INVITE_INVALID)
        if self.invitation is None and self.mode is SignupMode.INVITE:
            raise ValidationError(INVITE_REQUIRED)
        return self.invitation.code if self.invitation else ""

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        # With an invite, no reason is needed.
        if self.invitation is not None:
            self.errors.pop("reason", None)

    def signup(self, request: HttpRequest, user: Member) -> None:
        """Required by allauth; accounts.actions has done everything."""
