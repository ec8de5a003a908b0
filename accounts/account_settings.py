"""The settings that apps read and change through /api/settings. Each app adds a group (config/account_settings.py)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework import serializers

from accounts.actions import (
    choose_autoplay,
    choose_language,
    choose_posting,
    choose_privacy,
    choose_theme,
)
from accounts.languages import chosen_language
from accounts.models import Member
from core.api import Input


@dataclass(frozen=True)
class SettingsGroup:
    """Some settings of a member, as one app knows them.

    `input` has the fields that change them and `output` the fields that show them, from what `read` returns. `change`
    gets those that were given, checked by `input`.
    """

    input: type[Input]
    output: "type[serializers.Serializer[Any]]"
    read: Callable[[Member], Mapping[str, Any]]
    change: Callable[[Member, Mapping[str, Any]], None]


def settings_groups() -> list[SettingsGroup]:
    return [import_string(path) for path in import_string(settings.ACCOUNT_SETTINGS)]


class AccountSettingsIn(Input):
    may_write = serializers.ChoiceField(
        Member.Writers.choices, required=False, help_text="Who may begin a conversation with the member."
    )
    discoverable = serializers.BooleanField(
        required=False, help_text="May be suggested to others and found by search engines of the web."
    )
    alt_reminder = serializers.BooleanField(
        required=False, help_text="Is reminded, in the page, of pictures without a description."
    )
    theme = serializers.ChoiceField(Member.Theme.choices, required=False)
    autoplay = serializers.BooleanField(
        required=False, help_text="Videos in view play by themselves, without sound."
    )
    language = serializers.ChoiceField(
        settings.LANGUAGES, required=False, allow_blank=True, help_text="Empty: as the browser asks for it."
    )


class AccountSettingsOut(serializers.Serializer[Any]):
    may_write = serializers.ChoiceField(Member.Writers.choices)
    discoverable = serializers.BooleanField()
    alt_reminder = serializers.BooleanField()
    theme = serializers.ChoiceField(Member.Theme.choices)
    autoplay = serializers.BooleanField()
    language = serializers.ChoiceField(
        settings.LANGUAGES, allow_blank=True, help_text="Empty: as the browser asks for it."
    )


def _read(member: Member) -> Mapping[str, Any]:
    return {
        "may_write": member.may_write,
        "discoverable": member.is_discoverable,
        "alt_reminder": member.reminds_of_alt,
        "theme": member.theme,
        "autoplay": member.autoplay,
        "language": chosen_language(member),
    }


def _change(member: Member, given: Mapping[str, Any]) -> None:
    choose_privacy(by=member, may_write=given.get("may_write"), discoverable=given.get("discoverable"))
    if "alt_reminder" in given:
        choose_posting(by=member, alt_reminder=given["alt_reminder"])
    if "theme" in given:
        choose_theme(by=member, theme=given["theme"])
    if "autoplay" in given:
        choose_autoplay(by=member, autoplay=given["autoplay"])
    if "language" in given:
        choose_language(by=member, language=given["language"])


ACCOUNT = SettingsGroup(AccountSettingsIn, AccountSettingsOut, _read, _change)
