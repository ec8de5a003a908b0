from collections.abc import Sequence
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.account_settings import settings_groups
from accounts.http import ApiView
from accounts.models import Member
from core.api import Input

_GROUPS = settings_groups()


def _combined(name: str, parts: Sequence[type], doc: str = "") -> Any:
    """Return one serializer with the fields of all of these."""
    return type(name, tuple(parts), {"__doc__": doc})


SettingsIn: type[Input] = _combined(
    "SettingsIn", [group.input for group in _GROUPS], "What is given changes, the rest stays."
)
SettingsOut: "type[serializers.Serializer[Any]]" = _combined(
    "SettingsOut", [group.output for group in _GROUPS]
)


class Settings(ApiView):
    """The signed-in member’s settings, from every app that has some."""

    @extend_schema(operation_id="settings", responses=SettingsOut)
    def get(self, request: Request) -> Response:
        return self._shown(self.member)

    @extend_schema(operation_id="edit_settings", request=SettingsIn, responses=SettingsOut)
    def patch(self, request: Request) -> Response:
        """Update the given settings. Making an account public approves all pending requests."""
        member = self.member
        given = self.checked(SettingsIn)
        with transaction.atomic():
            for group in _GROUPS:
                group.change(member, given)
        return self._shown(member)

    def _shown(self, member: Member) -> Response:
        shown: dict[str, Any] = {}
        for group in _GROUPS:
            shown |= group.read(member)
        return Response(SettingsOut(shown).data)
