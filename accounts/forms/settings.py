"""Forms of the settings: profile, appearance, invites, deleting the account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import BIO_MAX, DISPLAY_NAME_MAX, Member
from core.text import USERNAME_MAX, clean


class CleanCharField(forms.CharField):
    """Normalizes before counting: NFC, and one character for each newline (browsers send two)."""

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value) or "")


class PostingForm(forms.Form):
    alt_reminder = forms.BooleanField(
        label=_("Remind me to describe pictures"),
        required=False,
        help_text=_("You’re asked before you post a picture without a description."),
    )


class ProfileForm(forms.Form):
    """The fields of a profile; accounts.actions.edit_profile has the rules."""

    display_name = CleanCharField(
        label=_("Display name"),
        required=False,
        max_length=DISPLAY_NAME_MAX,
        help_text=_("The name others see. If it’s empty, they see your username."),
        widget=forms.TextInput(
            attrs={"autocomplete": "name", "data-counter-max": DISPLAY_NAME_MAX, "dir": "auto"}
        ),
    )
    bio = CleanCharField(
        label=_("Bio"),
        required=False,
        max_length=BIO_MAX,
        widget=forms.Textarea(
            attrs={"rows": 4, "data-counter-max": BIO_MAX, "data-autosize": "", "dir": "auto"}
        ),
    )
    pronouns = CleanCharField(label=_("Pronouns"), required=False, max_length=40)
    location = CleanCharField(label=_("Location"), required=False, max_length=100)
    website = forms.CharField(
        label=_("Website"),
        required=False,
        max_length=200,
        widget=forms.URLInput(attrs={"inputmode": "url", "placeholder": "https://", "autocomplete": "url"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("display_name", "bio"):
            # The counter shows what is too much; maxlength would silently cut a pasted text.
            self.fields[name].widget.attrs.pop("maxlength", None)

    @classmethod
    def of(cls, member: Member) -> "ProfileForm":
        return cls(initial={name: getattr(member, name) for name in cls.base_fields})

    def clean_website(self) -> str:
        website: str = self.cleaned_data["website"].strip()
        return f"https://{website}" if website and "://" not in website else website


class AppearanceForm(forms.Form):
    theme = forms.ChoiceField(choices=Member.Theme.choices, widget=forms.RadioSelect, label=_("Appearance"))


def _number_or_none(chosen: str) -> int | None:
    return int(chosen) or None


class InviteForm(forms.Form):
    """The fields of an invite; accounts.actions.make_invite has the rules."""

    note = CleanCharField(
        label=_("Label"),
        required=False,
        max_length=100,
        help_text=_("Only you can see this. It helps you tell your links apart."),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        choices=[
            ("1", _("1 day")),
            ("7", _("7 days")),
            ("30", _("30 days")),
            ("0", _("Until you revoke it")),
        ],
        initial="7",
        coerce=_number_or_none,
    )
    uses_at_most = forms.TypedChoiceField(
        label=_("How many people can join"),
        choices=[
            ("1", _("1 person")),
            ("5", _("5 people")),
            ("25", _("25 people")),
            ("0", _("No limit")),
        ],
        initial="1",
        coerce=_number_or_none,
    )


class DeleteAccountForm(forms.Form):
    """Asks for the username, so that nobody deletes their account by mistake, and for the password if there is one."""

    username = forms.CharField(
        label=_("Your username"),
        max_length=USERNAME_MAX + 1,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "placeholder": ""}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        self.fields["username"].help_text = _("Type %(username)s to confirm.") % {"username": member.username}
        if not member.has_usable_password():
            del self.fields["password"]

    def clean_username(self) -> str:
        typed: str = self.cleaned_data["username"].strip().removeprefix("@").lower()
        if typed != self.member.username:
            raise forms.ValidationError(
                _("That’s not your username. It’s %(username)s."),
                params={"username": self.member.username},
            )
        return typed
