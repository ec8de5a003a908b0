"""Which notifications a member gets, as settings (config/account_settings.py)."""

from collections.abc import Mapping
from typing import Any

from accounts.account_settings import SettingsGroup
from accounts.models import Member
from notifications.actions import set_preference
from notifications.queries import preferences_of
from notifications.serializers import PreferencesIn, PreferencesOut


def _read(member: Member) -> Mapping[str, Any]:
    return {
        "notifications": {
            each.kind: {"in_page": each.in_page, "from_whom": each.from_whom}
            for each in preferences_of(member)
        }
    }


def _change(member: Member, given: Mapping[str, Any]) -> None:
    for kind, choice in given.get("notifications", {}).items():
        set_preference(by=member, kind=kind, **choice)


NOTIFICATIONS = SettingsGroup(PreferencesIn, PreferencesOut, _read, _change)
