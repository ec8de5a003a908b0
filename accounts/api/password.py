from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts import actions
from accounts.http import ApiView
from accounts.limits import place_of
from core.api import Input
from core.refusals import Forbidden


class PasswordIn(Input):
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


def require_password(view: ApiView) -> None:
    """Check the password in addition to the token. Raise Forbidden for members without one."""
    given = view.checked(PasswordIn)
    if not view.member.has_usable_password():
        raise Forbidden(
            _(
                "You don’t have a password here. Do this on the site, which can confirm it’s you in "
                "another way."
            )
        )
    place = place_of(view.request._request, view.member)
    actions.check_password(member=view.member, password=given["password"], place=place)
