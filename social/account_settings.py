"""Whether an account is private, as a setting (config/account_settings.py)."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.account_settings import SettingsGroup
from accounts.models import Member
from core.api import Input
from social.actions import set_private


class PrivateIn(Input):
    private = serializers.BooleanField(required=False)


class PrivateOut(serializers.Serializer[Any]):
    private = serializers.BooleanField()


def _read(member: Member) -> Mapping[str, Any]:
    return {"private": member.is_private}


def _change(member: Member, given: Mapping[str, Any]) -> None:
    if "private" in given:
        set_private(by=member, private=given["private"])


PRIVATE = SettingsGroup(PrivateIn, PrivateOut, _read, _change)
