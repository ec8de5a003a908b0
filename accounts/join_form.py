"""What every form that makes an account asks beside the usual: it depends on who may join (SIGNUP_MODE).

allauth builds all of them upon this one (ACCOUNT_SIGNUP_FORM_CLASS): the page, the page after another site has said who
one is, and both of these for apps. Kept apart from accounts.forms, which builds upon allauth's own.
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
"""Where the code of the link that brought somebody waits until they have an account."""
GUESSES = Rate(20, 60)
"""How many links and codes may be tried from one address in a minute."""
REASON_MAX: int = SignupRequest._meta.get_field("reason").max_length or 0
INVITE_INVALID = _("This invite is no longer valid. Ask the person who sent it for a new one.")
INVITE_REQUIRED = _("You need an invite to join. Open the link a member sent you.")


def may_try_invite(request: HttpRequest) -> bool:
    """Count one more look for an invitation from this address, and say whether it may have it."""
    return count(f"invite:{address_group(client_address(request))}", GUESSES).allowed


def invite_in_session(request: HttpRequest) -> Invite | None:
    """The invitation by whose link this visitor came, as long as it stands."""
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
        # The counter says how much is too much; a browser's maxlength would cut a pasted text without a word.
        self.fields["reason"].widget.attrs.pop("maxlength", None)

    def clean_reason(self) -> str:
        return clean(self.cleaned_data["reason"])

    def clean_invite(self) -> str:
        """The code to join by: what was sent (by an app), or that of the link by which one came."""
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
        # Whoever is invited need not say why.
        if self.invitation is not None:
            self.errors.pop("reason", None)

    def signup(self, request: HttpRequest, user: Member) -> None:
        """Asked for by allauth; accounts.actions has done it all."""
