from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import ProfileForm
from accounts.models import Member
from media.images import too_big

KINDS = "image/jpeg,image/png,image/webp,image/gif"


def _picture(place: str, label: Any) -> forms.FileField:
    """Return the field; media.actions validates the file."""
    widget = forms.FileInput(attrs={"accept": KINDS, "data-preview": f"{place}-preview"})
    return forms.FileField(label=label, required=False, allow_empty_file=True, widget=widget)


class UploadForm(forms.Form):
    file = forms.FileField(allow_empty_file=True)
    alt = forms.CharField(required=False)


class CaptionsPostForm(forms.Form):
    file = forms.FileField(allow_empty_file=True)


class AvatarForm(forms.Form):
    """A profile picture, chosen or removed."""

    avatar = _picture("avatar", _("Picture"))
    remove_avatar = forms.BooleanField(required=False)

    def refuse_too_large(self, place: str) -> None:
        """Add an error to the field whose picture was too big to be read (media.uploads)."""
        if place in self.fields:
            self.add_error(place, too_big().message)


class StartProfileForm(AvatarForm):
    """The profile fields of the first steps."""

    display_name = ProfileForm.base_fields["display_name"]


class ProfileWithPicturesForm(AvatarForm, ProfileForm):
    """The fields of a profile: texts and pictures in one form."""

    cover = _picture("cover", _("Cover"))
    remove_cover = forms.BooleanField(required=False)

    @classmethod
    def of(cls, member: Member) -> "ProfileWithPicturesForm":
        return cls(initial={name: getattr(member, name) for name in ProfileForm.base_fields})
