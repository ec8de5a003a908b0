from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.api.password import PasswordIn, require_password
from accounts.http import ApiView
from accounts.queries import erased_on


class DeletionOut(serializers.Serializer[Any]):
    erased_on = serializers.DateTimeField(help_text="Until then, signing in on the site brings it back.")


class Account(ApiView):
    @extend_schema(operation_id="delete_account", request=PasswordIn, responses=DeletionOut)
    def delete(self, request: Request) -> Response:
        """Close the account now. It is deleted after the grace period. Requires the password."""
        member = self.member
        require_password(self)
        actions.request_deletion(member=member, by=member)
        return Response(DeletionOut({"erased_on": erased_on(member)}).data)
