"""The adapters that make allauth use accounts.actions."""

from accounts.adapters.account import AccountAdapter, FirstStage, LastStage, display_name
from accounts.adapters.sessions import AppAdapter, MFAAdapter, SessionsAdapter
from accounts.adapters.social import SocialAccountAdapter

__all__ = [
    "AccountAdapter",
    "AppAdapter",
    "FirstStage",
    "LastStage",
    "MFAAdapter",
    "SessionsAdapter",
    "SocialAccountAdapter",
    "display_name",
]
