"""Pages of the settings, of invitations, of one's own data and of leaving, by noun."""

from accounts.views.addresses import (
    activate_totp,
    confirm_email,
    email,
    nothing_here,
    stop_address_change,
)
from accounts.views.data import (
    ask_for_export,
    bring_list,
    brought_list,
    confirm_import,
    data,
    drop_export,
    drop_import,
    export_file,
    import_file,
    list_file,
)
from accounts.views.invites import invite, invites, revoke_invite, waiting
from accounts.views.language import language
from accounts.views.leaving import come_back, delete, left
from accounts.views.settings import (
    account,
    appearance,
    end_sessions,
    interests,
    name_session,
    sessions,
    settings,
)

__all__ = [
    "account",
    "activate_totp",
    "appearance",
    "ask_for_export",
    "bring_list",
    "brought_list",
    "come_back",
    "confirm_email",
    "confirm_import",
    "data",
    "delete",
    "drop_export",
    "drop_import",
    "email",
    "end_sessions",
    "export_file",
    "import_file",
    "interests",
    "invite",
    "invites",
    "language",
    "left",
    "list_file",
    "name_session",
    "nothing_here",
    "revoke_invite",
    "sessions",
    "settings",
    "stop_address_change",
    "waiting",
]
