"""All writes of members, their profiles, their sessions and their data, by noun."""

from accounts.actions.members import (
    PROFILE_FIELDS,
    choose_theme,
    deactivate_member,
    edit_profile,
    end_session,
    end_sessions,
    grant_badge,
    import_member,
    join,
    make_moderator,
    reactivate_member,
    revoke_badge,
    touch_session,
    unmake_moderator,
    welcome,
)

__all__ = [
    "PROFILE_FIELDS",
    "choose_theme",
    "deactivate_member",
    "edit_profile",
    "end_session",
    "end_sessions",
    "grant_badge",
    "import_member",
    "join",
    "make_moderator",
    "reactivate_member",
    "revoke_badge",
    "touch_session",
    "unmake_moderator",
    "welcome",
]
