"""Where allauth meets the house: people are made, named and signed out through accounts.actions."""

from accounts.adapters.account import AccountAdapter, FirstStage, LastStage, display_name
from accounts.adapters.elsewhere import SocialAccountAdapter
from accounts.adapters.sessions import AppAdapter, MFAAdapter, SessionsAdapter

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
