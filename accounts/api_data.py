"""Doors for apps to what is one's own: leaving, exports, lists as CSV."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.queries import erased_on
from core.api import ApiView
from core.refusals import Forbidden


class PasswordIn(serializers.Serializer[Any]):
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class LeavingOut(serializers.Serializer[Any]):
    erased_on = serializers.DateTimeField(help_text="Until then, signing in on the site brings it back.")


class Account(ApiView):
    @extend_schema(operation_id="delete_account", request=PasswordIn, responses=LeavingOut)
    def delete(self, request: Request) -> Response:
        """Close the account now; it is erased when the days of grace are over. Asks for the password."""
        member = self.member
        check_who_it_is(self)
        actions.request_deletion(member=member, by=member)
        return Response(LeavingOut({"erased_on": erased_on(member)}).data)


def check_who_it_is(view: ApiView) -> None:
    """That whoever holds the token has the password, too. Raises Forbidden for members without one."""
    given = view.checked(PasswordIn)
    if not view.member.has_usable_password():
        raise Forbidden("You have no password here. Do this on the site, which can ask in another way.")
    actions.check_password(member=view.member, password=given["password"])
