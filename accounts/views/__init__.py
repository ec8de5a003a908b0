"""The pages of accounts, by noun."""

from accounts.views.addresses import (
    activate_totp,
    confirm_email,
    confirm_later,
    email,
    nothing_here,
    stop_address_change,
)
from accounts.views.data import (
    ask_for_export,
    confirm_import,
    data,
    drop_export,
    drop_import,
    export_file,
    import_detail,
    import_file,
    import_list,
    list_file,
)
from accounts.views.deletion import delete, goodbye, restore
from accounts.views.invites import invite, invites, revoke_invite, waiting
from accounts.views.language import language
from accounts.views.settings import (
    account,
    appearance,
    end_sessions,
    interests,
    name_session,
    posting,
    sessions,
    settings,
)
from accounts.views.signup import suggested_username

__all__ = [
    "account",
    "activate_totp",
    "appearance",
    "ask_for_export",
    "confirm_email",
    "confirm_import",
    "confirm_later",
    "data",
    "delete",
    "drop_export",
    "drop_import",
    "email",
    "end_sessions",
    "export_file",
    "goodbye",
    "import_detail",
    "import_file",
    "import_list",
    "interests",
    "invite",
    "invites",
    "language",
    "list_file",
    "name_session",
    "nothing_here",
    "posting",
    "restore",
    "revoke_invite",
    "sessions",
    "settings",
    "stop_address_change",
    "suggested_username",
    "waiting",
]
