"""The settings in /api/settings, in the order in which they are shown and changed (accounts.account_settings)."""

from collections.abc import Sequence

ACCOUNT_SETTINGS: Sequence[str] = [
    "social.account_settings.PRIVATE",
    "accounts.account_settings.ACCOUNT",
    "notifications.account_settings.NOTIFICATIONS",
]
